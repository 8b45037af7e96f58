"""Arguments of another kind: what was wanted, found, and what to do; before anything is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv

FILE = cv.sample("openrouter_kimi-k2_fireworks")
TABLES_WITH_PRICES = ("usage_table", "cache_table", "finding_table", "usage", "cache", "overview")


def told(call: Callable[[], object]) -> str:
    """What an error says; those that Python makes by itself say other things."""
    with pytest.raises((TypeError, ValueError, LookupError, OSError, cv.ChatvizError)) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("name", TABLES_WITH_PRICES)
@pytest.mark.parametrize(
    ("prices", "message"),
    [
        ({"m": 3.0}, "wanted a cv.Price for each name, found 3.0: "),
        ("x", "wanted prices, found 'x': "),
        (5, "wanted prices, found 5: "),
        ([], "wanted prices, found a value of type 'list': "),
    ],
)
def test_prices_are_names_with_a_price_each(name: str, prices: Any, message: str) -> None:
    """Of an answer without usage, too, which no price is looked up for."""
    run = cv.read_stream(b'data: {"choices":[]}\n\n')
    assert told(lambda: getattr(cv, name)(run, prices=prices)).startswith(message)


def test_a_file_of_prices_is_there(tmp_path: Path) -> None:
    for path in ("nosuch.json", tmp_path):
        assert told(lambda path=path: cv.load_prices(path)).startswith("there is no file of prices")
    assert told(lambda: cv.load_prices(5)) == (  # type: ignore[arg-type]
        "wanted the path of a file of prices, found 5: a file that maps models to prices, or "
        "cv.packaged_prices()."
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cv.save_cassette("x.yaml", FILE), "wanted a Cassette to write, found 'x.yaml': "),
        (lambda: cv.load_cassette(5), "wanted the path of a recording, found 5: "),
        (lambda: cv.load_cassette(None), "wanted the path of a recording, found None: "),
        (lambda: cv.sample(5), "wanted a text as the name of a packaged recording, found 5: "),
        (lambda: cv.sample([]), "wanted a text as the name of a packaged recording, found a value"),
        (lambda: cv.raises(5), "wanted the name of an SDK, one of "),
        (lambda: cv.raises([]), "wanted the name of an SDK, one of "),
        (lambda: cv.open_dataset(5), "wanted the folder of a data set, found 5: "),
        (lambda: cv.read_folder({"a": 1}), "wanted a folder, a glob, an archive, a URL, or a list"),
    ],
)
def test_files_and_names_are_such(call: Callable[[], object], message: str) -> None:
    assert told(call).startswith(message)


def test_names_of_people_are_texts(tmp_path: Path) -> None:
    for names, message in (([5], "found 5"), (5, "found 5"), ("Tim", "found one text")):
        said = told(lambda names=names: cv.share(FILE, tmp_path / "a.yaml", names=names))
        assert said.startswith("wanted ") and message in said and "Tim" not in said
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("limit", ["a", -1, 0, None])
def test_a_limit_of_time_is_a_number(limit: Any) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: cv.raises("openai", limit_s=limit),
        lambda: cv.sdk_matrix(cv.read_runs(FILE), sdks=["openai"], limit_s=limit),
        lambda: cv.fault_matrix(FILE, print, limit_s=limit),
        lambda: cv.shrink(FILE, "role_repeated", max_s=limit),
    )
    for call in calls:
        assert told(call).startswith("wanted a number as ")


def test_the_number_of_processes_and_tries_is_a_count() -> None:
    said = told(lambda: cv.read_folder(FILE.parent, workers="a"))  # type: ignore[arg-type]
    assert said.startswith("wanted a whole number as workers, 1 or more, found 'a'")
    said = told(lambda: cv.shrink(FILE, "role_repeated", max_tries=0))
    assert said.startswith("wanted a whole number as max_tries, 1 or more, found 0")


# ---- what an agent is asked for


class Asked:
    """An endpoint that fails the test where it is asked."""

    model = "m"
    extra_body: Any = {}  # noqa: RUF012

    def ask(self, body: object, **options: object) -> None:
        raise AssertionError("a request was sent")


def add(a: int, b: int) -> int:
    return a + b


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stop": 5}, "wanted conditions, functions of the new steps, as stop, found 5: stop=cv."),
        ({"stop": "x"}, "wanted conditions, functions of the new steps, as stop, found 'x'"),
        ({"stop": [5]}, "wanted conditions, functions of the new steps, as stop, found 5"),
        ({"stop": cv.max_steps}, "wanted conditions, functions of the new steps, as stop, found "
                                 "the function 'max_steps': call it"),
        ({"retries": "a"}, "wanted a whole number as retries, 0 or more, found 'a'"),
        ({"retries": -1}, "wanted a whole number as retries, 0 or more, found -1"),
        ({"tool_timeout": "5"}, "wanted a number as tool_timeout, above 0, found '5': in seconds"),
        ({"tool_timeout": -1}, "wanted a number as tool_timeout, above 0, found -1"),
        ({"tool_timeout": 0}, "wanted a number as tool_timeout, above 0, found 0"),
        ({"extra_body": 5}, "wanted a dict as extra_body, found 5"),
        ({"extra_body": {5: 5}}, "wanted texts as the keys of extra_body, found 5"),
        ({"after": 5}, "wanted a result or a Conversation as after, found 5: after=result"),
        ({"system": 5}, "wanted a text as system, found 5"),
        ({"max_tokens": "a"}, "wanted a whole number as max_tokens, 1 or more, found 'a'"),
        ({"reasoning_back": "x"}, "wanted reasoning_back, one of details, "),
        ({"approve": 5}, "wanted a function or None as approve, found 5"),
        ({"watch": 5}, "wanted a function or None as watch, found 5"),
        ({"tool_call_ids": "x"}, "wanted a function or None as tool_call_ids, found 'x'"),
        ({"tools": 5}, "wanted a list of typed functions or tools, found 5: tools=[add]"),
        ({"tools": add}, "wanted a list of typed functions or tools, found the function 'add'"),
        ({"tools": [5]}, "wanted a typed function as a tool, found 5: cv.tool(add), or @cv.tool("),
        ({"clock": 5}, "wanted a clock, found 5"),
        ({"endpoint": "openai"}, "wanted an endpoint, cv.Endpoint(…) or cv.Endpoint.replay(casset"),
        ({"on_tool_error": 5}, "on_tool_error is 'return' or 'raise', found 5"),
        ({"start_tools": 5}, "start_tools is 'at_end' or 'early', found 5"),
    ],
)  # fmt: skip
def test_what_an_agent_cannot_be_asked_for_is_told_before_anything_is_sent(
    options: dict[str, Any], message: str
) -> None:
    given: dict[str, Any] = {"endpoint": Asked(), **options}
    assert told(lambda: cv.run_agent("Add", **given)).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stop": 5}, "wanted conditions, functions of the new steps, as stop, found 5"),
        ({"retries": "a"}, "wanted a whole number as retries, 0 or more, found 'a'"),
        ({"tool_timeout": 0}, "wanted a number as tool_timeout, above 0, found 0"),
        ({"tools": [5]}, "wanted a typed function as a tool, found 5"),
        ({"system": 5}, "wanted a text as system, found 5"),
    ],
)
def test_a_live_chat_says_so_when_it_is_made(options: dict[str, Any], message: str) -> None:
    endpoint: Any = Asked()
    assert told(lambda: cv.LiveChat(endpoint, **options)).startswith(message)
    assert told(lambda: asyncio.run(cv.live("Add", endpoint=endpoint, **options))).startswith(
        message
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cv.tool(5), "wanted a typed function as a tool, found 5"),
        (lambda: cv.tool("add"), "wanted a typed function as a tool, found 'add'"),
        (lambda: cv.tool(add, name=5), "wanted a text as the name of a tool, found 5"),
        (lambda: cv.tool(add, description=5), "wanted a text as the description of 'add', found 5"),
        (lambda: cv.Tool("add", 5, {}), "wanted a function as the tool 'add', found 5"),
        (lambda: cv.max_steps("a"), "wanted a number as count of max_steps, above 0, found 'a'"),
        (lambda: cv.max_cost("a"), "wanted a number as usd of max_cost, above 0, found 'a'"),
        (lambda: cv.max_tokens(None), "wanted a number as count of max_tokens, above 0, found No"),
    ],
)
def test_tools_and_limits_are_such(call: Callable[[], object], message: str) -> None:
    assert told(call).startswith(message)


URL = "https://api.example.com/v1"
NO_TEXT = "RedactionRules wants a tuple of texts: secrets=('…',); "


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda _: cv.Endpoint("https://a.test:99999/v1"), "wanted a base URL such as "),
        (lambda _: cv.Endpoint("https://a.te\nst/v1"), "wanted a base URL such as "),
        (lambda _: cv.Endpoint(5), "wanted a base URL such as "),
        (lambda _: cv.Endpoint(URL, model=5), "wanted a text as model, found 5"),
        (lambda _: cv.Endpoint(URL, timeout_s="x"), "wanted a number as timeout_s, above 0"),
        (lambda _: cv.Endpoint(URL, timeout_s=0), "wanted a number as timeout_s, above 0, found 0"),
        (lambda _: cv.Endpoint(URL, headers=["5ecret"]), "headers should be a dict of texts; "),
        (lambda _: cv.Endpoint(URL, headers={"a": 5}), "headers should map texts to texts; "),
        (lambda _: cv.Endpoint(URL, query="a=5ecret"), "query should be a dict of texts; "),
        (lambda _: cv.Endpoint(URL, query={"a": b"5ecret"}), "query should map texts to texts; "),
        (lambda _: cv.Endpoint(URL, signer="5ecret"), "signer should be a function; "),
        (lambda path: cv.RecordTransport(path, redact=None), "wanted RedactionRules as redact, "),
        (lambda path: cv.Tap(URL, to=path, redact=False), "wanted RedactionRules as redact, "),
        (lambda _: cv.RedactionRules(secrets="5ecret"), NO_TEXT + "this is one text."),
        (lambda _: cv.RedactionRules(secrets=(None, "5ecret")), NO_TEXT + "one of them is "),
        (lambda _: cv.RedactionRules(secrets=5), NO_TEXT + "found 'int'."),
    ],
)
def test_what_an_endpoint_and_a_recorder_cannot_be_made_of(
    call: Callable[[Path], object], message: str, tmp_path: Path
) -> None:
    said = told(lambda: call(tmp_path / "made.yaml"))
    assert said.startswith(message) and "5ecret" not in said
    assert cv.RedactionRules(secrets=["5ecret"]).secrets == ("5ecret",)  # type: ignore[arg-type]
