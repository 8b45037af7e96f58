"""A tool may be any callable: a partial, a method, an object; what is bound stays unseen."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest

import chatviz as cv
from chatviz.agent.tools.tool import Tool, tool

if TYPE_CHECKING:
    from nowhere import Elsewhere  # type: ignore[import-not-found]

KEY = "opaque-5ecret-of-a-tool"


def search(query: str, api_key: str, *, limit: int = 3) -> str:
    """Search the web.

    Args:
        query: what to look for
        api_key: nobody's business
    """
    assert api_key == KEY
    return f"{limit} of {query}"


async def search_later(query: str, api_key: str) -> str:
    "Search the web"
    assert api_key == KEY
    await asyncio.sleep(0)
    return f"of {query}"


@dataclass
class Search:
    """Searches the web."""

    api_key: str
    seen: list[str] = field(default_factory=list)

    def __call__(self, query: Annotated[str, "what to look for"]) -> str:
        self.seen.append(query)
        return f"of {query}"

    def find(self, query: str) -> str:
        "Find it"
        return f"of {query}"


class SearchLater:
    async def __call__(self, query: str) -> str:
        "Search in a while"
        return f"of {query}"


PARTIALS: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "by name": (partial(search, api_key=KEY), {"query", "limit"}),
    "by name, in two steps": (partial(partial(search, limit=1), api_key=KEY), {"query"}),
    "by place": (partial(search, "rome", KEY), {"limit"}),
    "both": (partial(search, "rome", api_key=KEY), {"limit"}),
    "async": (partial(search_later, api_key=KEY), {"query"}),
    "of an object": (partial(Search(KEY)), {"query"}),
    "of a method": (partial(Search(KEY).find), {"query"}),
    "an object": (Search(KEY), {"query"}),
    "an async object": (SearchLater(), {"query"}),
    "a partial of one": (partial(SearchLater()), {"query"}),
    "a method": (Search(KEY).find, {"query"}),
    "with a cache": (cache(Search(KEY).find), {"query"}),
}


@pytest.mark.parametrize(("given", "names"), PARTIALS.values(), ids=PARTIALS)
def test_the_model_is_told_what_is_not_bound(given: Callable[..., Any], names: set[str]) -> None:
    made = tool(given, name="search")
    assert set(made.schema["properties"]) == names
    assert made.description.split()[0] in ("Search", "Searches", "Find")
    assert "5ecret" not in f"{made!r} {made.schema} {made.definition!r}"


@pytest.mark.parametrize("given", [one for one, _ in PARTIALS.values()], ids=PARTIALS)
def test_a_callable_of_any_kind_is_run(
    given: Callable[..., Any], MemoryEndpoint: Any, say: Any
) -> None:
    made = tool(given, name="search")
    arguments = '{"query": "pisa"}' if "query" in made.schema["properties"] else "{}"
    endpoint = MemoryEndpoint(say("", ("a", "search", arguments)), say("done"))
    result = cv.run_agent("?", endpoint=endpoint, tools=[made])
    (run,) = result.tool_runs
    assert (run.outcome, "of " in run.text) == ("returned", True)


def test_what_is_bound_cannot_be_given_by_the_model(MemoryEndpoint: Any, say: Any) -> None:
    made = tool(partial(search, api_key=KEY))
    call = ("a", "search", '{"query": "pisa", "api_key": "other"}')
    result = cv.run_agent("?", endpoint=MemoryEndpoint(say("", call), say("ok")), tools=[made])
    assert result.tool_runs[0].outcome == "invalid"
    assert "5ecret" not in result.tool_runs[0].text


def test_names_and_descriptions_are_the_functions() -> None:
    made = tool(partial(search, api_key=KEY))
    assert (made.name, made.description) == ("search", "Search the web.")
    assert made.schema["properties"]["query"]["description"] == "what to look for"
    own = partial(search, api_key=KEY)
    own.__doc__ = "Look it up."
    assert tool(own).description == "Look it up."
    assert [tool(one, name="s").is_async for one in (search, search_later, SearchLater())] == [
        False, True, True,
    ]  # fmt: skip
    assert Tool("s", partial(search_later, api_key=KEY), {}).is_async
    with pytest.raises(ValueError, match="needs a name of letters"):
        tool(Search(KEY))


class Unreadable:
    """Its repr holds what it holds, as that of a dataclass does."""

    def __init__(self) -> None:
        self.__wrapped__ = None

    def __call__(self) -> None: ...

    def __repr__(self) -> str:
        return f"Unreadable({KEY!r})"


def untyped(query, api_key=KEY):  # type: ignore[no-untyped-def]
    ...


def by_place(query: str, api_key: str = KEY, /) -> None: ...


def of_another_module(query: Elsewhere, api_key: str) -> None: ...


@pytest.mark.parametrize(
    "given",
    [
        partial(search, KEY, KEY, KEY, KEY),
        partial(search, other=KEY),
        partial(print, KEY),
        partial({KEY: 1}.get, KEY),
        partial(untyped, api_key=KEY),
        untyped,
        by_place,
        partial(by_place, KEY),
        partial(of_another_module, api_key=KEY),
        Unreadable(),
    ],
)
def test_what_cannot_be_read_is_named_without_what_it_holds(given: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"'search'.*schema=…\)\.$") as caught:
        tool(given, name="search")
    assert "5ecret" not in "".join(traceback.format_exception(caught.value))


def test_a_type_that_is_not_there_is_still_named() -> None:
    with pytest.raises(TypeError, match="name 'Elsewhere' is not defined"):
        tool(of_another_module)


def test_a_verdict_that_is_none_is_told_without_what_it_holds(
    MemoryEndpoint: Any, say: Any
) -> None:
    endpoint = MemoryEndpoint(say("", ("a", "search", '{"query": "pisa"}')))
    found = r"approve\(\) returned a value of type 'list'"
    with pytest.raises(TypeError, match=found) as caught:
        cv.run_agent("?", endpoint=endpoint, tools=[tool(partial(search, api_key=KEY))],
                     approve=lambda call: [KEY])  # type: ignore[arg-type,return-value]  # fmt: skip
    assert "5ecret" not in str(caught.value)
