"""The options of an agent: written once, seen by type checkers, help and completion alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import fields
from inspect import signature
from typing import Any

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter

import chatviz as cv
from chatviz.agent.options import AgentKeywords, AgentOptions, LiveKeywords, TurnKeywords, takes

OPTIONS = {field.name: field.type for field in fields(AgentOptions)}
NOT_LIVE = {"watch", "clock"}
NOT_OF_A_TURN = {*NOT_LIVE, "endpoint", "system", "after"}


def written(keywords: type) -> dict[str, str]:
    """The keywords and their types, as they are written."""
    found = {name: kind.__forward_arg__ for name, kind in keywords.__annotations__.items()}
    return {name: kind.removeprefix("Required[").rstrip("]") for name, kind in found.items()}


def test_the_keywords_are_the_options() -> None:
    assert {name: kind.rstrip("]") for name, kind in OPTIONS.items()} == written(AgentKeywords)
    assert OPTIONS.keys() - written(LiveKeywords) == NOT_LIVE
    assert OPTIONS.keys() - written(TurnKeywords) == NOT_OF_A_TURN


@pytest.mark.parametrize(
    ("function", "left_out"),
    [
        (cv.run_agent, set()),
        (cv.run_agent_async, set()),
        (cv.live, NOT_LIVE),
        (cv.LiveChat, NOT_OF_A_TURN - {"endpoint", "system"}),
    ],
)
def test_a_signature_names_each_option_with_its_default(
    function: Callable[..., Any], left_out: set[str]
) -> None:
    shown = signature(function).parameters
    assert shown.keys() - {"prompt"} == OPTIONS.keys() - left_out
    assert shown["tool_timeout"].default == 120.0
    assert shown["endpoint"].default is shown["endpoint"].empty


def test_help_says_what_each_option_means() -> None:
    for name in OPTIONS:
        assert f"\n    {name} : " in (cv.run_agent.__doc__ or "")
    assert "\n    approve : " in (cv.live.__doc__ or "")
    assert "\n    watch : " not in (cv.live.__doc__ or "")
    assert "**options" not in (cv.run_agent.__doc__ or "") + (cv.live.__doc__ or "")


def test_a_function_without_a_docstring_takes_options_too() -> None:
    @takes(TurnKeywords)
    def ask(**options: Any) -> None: ...

    assert "retries" in signature(ask).parameters


@pytest.mark.parametrize("call", ["cv.run_agent", "cv.LiveChat"])
def test_a_notebook_completes_an_option(call: str) -> None:
    text = f"{call}('x', tool_ti"
    with provisionalcompleter():
        found = list(IPCompleter(namespace={"cv": cv}).completions(text, len(text)))
    assert "tool_timeout=" in {one.text for one in found}


def test_an_unknown_option_is_refused() -> None:
    endpoint = cv.Endpoint.replay(cv.sample("openrouter_kimi-k2_fireworks"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'stop_when'"):
        cv.run_agent("Add", endpoint=endpoint, stop_when=())
    with pytest.raises(TypeError, match="'endpoint'"):
        cv.run_agent("Add")
    with pytest.raises(TypeError, match=r"wanted options among tools, .* found 'watch'"):
        cv.LiveChat(endpoint, watch=print)
    with pytest.raises(TypeError, match=r"wanted options among .*, found 'clock'"):
        asyncio.run(cv.live("Add", endpoint=endpoint, clock=None))
