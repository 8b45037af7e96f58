"""Where a path of the tap leads, and which variables lead a client to it."""

from __future__ import annotations

from typing import Any

import pytest

from chatviz.dialects.hosts import KNOWN_SERVERS
from chatviz.transports.tap.child_variables import child_variables, upstreams_of
from chatviz.transports.tap.routes import find_route, make_routes

URL = "http://127.0.0.1:8080"


def test_one_upstream_has_all_paths() -> None:
    for given in ("https://api.openai.com", "https://api.openai.com/", "openai"):
        (route,) = make_routes(given)
        assert (route.name, route.prefix, route.url) == ("openai", "", "https://api.openai.com")
        assert route.base_path() == "/v1"
        assert find_route([route], "/anything") is route


def test_all_known_ones_are_there_where_none_is_named() -> None:
    routes = make_routes(None)
    assert [route.prefix for route in routes] == [f"/{one.name}" for one in KNOWN_SERVERS]
    assert {"/openai", "/anthropic", "/gemini", "/ollama", "/openrouter"} <= {
        route.prefix for route in routes
    }


def test_a_prefix_ends_at_a_slash() -> None:
    openai, openrouter = routes = make_routes(["openai", "openrouter"])
    assert find_route(routes, "/openai/v1/models") is openai
    assert find_route(routes, "/openai") is openai
    assert find_route(routes, "/openrouter/api/v1/models") is openrouter
    assert find_route(routes, "/openairy/v1") is None
    assert find_route(routes, "/v1/models") is None


def test_a_path_that_is_part_of_the_upstream_is_not_said_twice() -> None:
    (whole,) = make_routes("https://openrouter.ai")
    (deep,) = make_routes("https://openrouter.ai/api/v1")
    (other,) = make_routes("https://openrouter.ai/other")
    (own,) = make_routes("http://localhost:8000/v1")
    paths = [route.base_path() for route in (whole, deep, other, own)]
    assert paths == ["/api/v1", "", "", ""]
    assert [route.name for route in (deep, own)] == ["openrouter", "localhost:8000"]


@pytest.mark.parametrize(
    "wrong",
    [
        "opanai",
        "ftp://a.test",
        "https://",
        "https://a.test:port",
        "https://a.test/v1?key=1",
        {"mine": "api.test"},
        ["openai", "https://a.test"],
    ],
)
def test_what_is_no_upstream_is_said_and_what_is_wanted(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"an upstream should be|cannot be the beginning"):
        make_routes(wrong)


def test_a_key_in_an_upstream_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="a user or key in it") as error:
        make_routes("https://user:secret@a.test")
    assert "secret" not in str(error.value)


def test_a_name_must_fit_in_a_path() -> None:
    with pytest.raises(ValueError, match="'a/b' cannot be the beginning of a path"):
        make_routes({"a/b": "openai"})
    with pytest.raises(ValueError, match="a tap needs an upstream"):
        make_routes([])


@pytest.mark.parametrize(
    ("upstream", "variables"),
    [
        ("openai", {"OPENAI_BASE_URL": f"{URL}/v1"}),
        ("anthropic", {"ANTHROPIC_BASE_URL": URL}),
        ("gemini", {"GOOGLE_GEMINI_BASE_URL": URL}),
        ("ollama", {"OLLAMA_HOST": URL}),
        ("groq", {"GROQ_BASE_URL": URL}),
        ("openrouter", {"OPENAI_BASE_URL": f"{URL}/api/v1"}),
        ("https://openrouter.ai/api/v1", {"OPENAI_BASE_URL": URL}),
        ("http://127.0.0.1:8000/v1", {"OPENAI_BASE_URL": URL}),
        (
            "https://bedrock-runtime.eu-west-1.amazonaws.com",
            {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": URL},
        ),
    ],
)
def test_a_single_upstream_sets_what_its_clients_read(upstream: str, variables: Any) -> None:
    """Whatever is set: this upstream was named."""
    environ = {"OPENAI_BASE_URL": "http://elsewhere.test/v1"}
    assert child_variables(make_routes(upstream), URL, environ) == variables


def test_several_set_what_each_one_s_clients_read() -> None:
    found = child_variables(make_routes(["openai", "anthropic", "mistral"]), URL, {})
    assert found == {
        "OPENAI_BASE_URL": f"{URL}/openai/v1",
        "ANTHROPIC_BASE_URL": f"{URL}/anthropic",
    }


def test_a_variable_that_is_set_leads_where_it_meant_to() -> None:
    """Its key belongs to that server: no other one may get it."""
    environ = {"OPENAI_BASE_URL": "https://openrouter.ai/api/v1/"}
    assert child_variables(make_routes(None), URL, environ)["OPENAI_BASE_URL"] == (
        f"{URL}/openrouter/api/v1"
    )
    environ = {"OPENAI_BASE_URL": "https://internal.test/v1"}
    assert "OPENAI_BASE_URL" not in child_variables(make_routes(None), URL, environ)


def test_servers_of_one_s_own_are_found_in_the_environment() -> None:
    environ = {
        "OPENAI_BASE_URL": "https://internal.test/llm/v1",
        "OLLAMA_HOST": "127.0.0.1:9999",
        "ANTHROPIC_BASE_URL": "https://api.anthropic.com",
    }
    upstreams = upstreams_of(environ)
    assert upstreams["my-openai"] == "https://internal.test"
    assert upstreams["my-ollama"] == "http://127.0.0.1:9999"
    assert "my-anthropic" not in upstreams
    found = child_variables(make_routes(upstreams), URL, environ)
    assert found["OPENAI_BASE_URL"] == f"{URL}/my-openai/llm/v1"
    assert found["OLLAMA_HOST"] == f"{URL}/my-ollama"
    assert found["ANTHROPIC_BASE_URL"] == f"{URL}/anthropic"
