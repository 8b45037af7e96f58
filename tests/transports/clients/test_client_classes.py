"""Clients of every make with a transport of ours in them: how each takes it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import httpx2
import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.transports.clients.client_classes import NO_KEY, make_client
from chatviz.transports.clients.replay import ReplayTransport


@pytest.fixture
def transport() -> ReplayTransport:
    return ReplayTransport(Cassette())


class OldSDK:
    """Says by its annotations which library it runs on, and has no client of its own."""

    def __init__(self, api_key: str = "", http_client: httpx.Client | None = None) -> None:
        self.api_key, self.http_client = api_key, http_client


class NewSDK:
    """The same, on the newer library."""

    def __init__(self, http_client: httpx2.AsyncClient | None = None) -> None:
        self.http_client = http_client


def both_kinds(*, http_client: Any = None, http_async_client: Any = None) -> SimpleNamespace:
    """Take both kinds, and say of neither what it is, as LangChain does."""
    return SimpleNamespace(sync=http_client, later=http_async_client)


def google(*, api_key: str = "", http_options: Any = None) -> SimpleNamespace:
    """Take options of HTTP, as google-genai does: a mapping or a model."""
    return SimpleNamespace(key=api_key, options=http_options)


def test_a_client_is_made_in_the_library_that_the_class_names(transport: Any) -> None:
    assert type(make_client(OldSDK, transport, {}, needs_key=False).http_client) is httpx.Client
    made = make_client(NewSDK, transport, {}, needs_key=False)
    assert type(made.http_client) is httpx2.AsyncClient


def test_a_client_that_takes_both_kinds_gets_both(transport: Any) -> None:
    made = make_client(both_kinds, transport, {}, needs_key=False)
    assert type(made.sync) is httpx.Client
    assert type(made.later) is httpx.AsyncClient


def test_what_is_given_by_name_is_kept(transport: Any) -> None:
    own = httpx.Client()
    made = make_client(OldSDK, transport, {"http_client": own, "api_key": "k"}, needs_key=False)
    assert (made.http_client, made.api_key) == (own, "k")


def test_a_key_is_made_up_only_where_none_is_needed(transport: Any) -> None:
    assert make_client(OldSDK, transport, {}, needs_key=False).api_key == NO_KEY
    assert make_client(OldSDK, transport, {}, needs_key=True).api_key == ""


@pytest.mark.parametrize("given", ["nothing", "mapping", "model"])
def test_options_of_http_keep_what_they_had(transport: Any, given: str) -> None:
    had = {"base_url": "https://a.test", "client_args": {"timeout": 3}}
    model = SimpleNamespace(model_dump=lambda exclude_none: dict(had))
    options = {"nothing": {}, "mapping": {"http_options": had}, "model": {"http_options": model}}
    made = make_client(google, transport, options[given], needs_key=False)
    assert made.options["async_client_args"] == {"transport": transport}
    assert made.options["client_args"]["transport"] is transport
    assert had["client_args"] == {"timeout": 3}
    if given != "nothing":
        assert made.options["base_url"] == "https://a.test"
        assert made.options["client_args"]["timeout"] == 3


def test_a_class_without_a_transport_says_what_to_do(transport: Any) -> None:
    for make in (dict, lambda: None):
        with pytest.raises(TypeError, match=r"takes no transport.*give it a base URL"):
            make_client(make, transport, {}, needs_key=False)
