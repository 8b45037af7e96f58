"""Functions that are asked in a process of their own: what they say, and what they do instead."""

from __future__ import annotations

import os
from threading import Event, Lock

import pytest

import chatviz as cv
from chatviz.errors import NotFailingError

NAME = "openrouter_kimi-k2_fireworks"


def has_call(run: cv.StreamRun) -> bool:
    return bool(run.message.tool_calls)


def hang_on_a_call(run: cv.StreamRun) -> bool:
    if run.message.tool_calls:
        Event().wait()
    return False


def end_on_a_call(run: cv.StreamRun) -> bool:
    if run.message.tool_calls:
        os._exit(3)
    return False


def test_a_function_with_a_limit_says_the_same_as_without() -> None:
    here, apart = cv.shrink(NAME, has_call), cv.shrink(NAME, has_call, limit_s=60)
    assert apart.cassette == here.cassette and apart.is_minimal
    assert apart.sentence == here.sentence
    assert (apart.expected, apart.got) == (here.expected, here.got)
    assert "def has_call(" in apart.as_test()
    assert apart.as_issue().startswith("# has_call(run) is true")


def test_what_hangs_shrinks_to_the_least_on_which_it_hangs() -> None:
    shrunk = cv.shrink(NAME, hang_on_a_call, limit_s=0.5, max_tries=12)
    assert shrunk.failing.name == "hang_on_a_call(run) hangs"
    assert shrunk.got == "hang_on_a_call(run) hangs"
    assert shrunk.after.message.tool_calls
    assert len(shrunk.after.body) < len(shrunk.before.body)


def test_what_ends_its_process_shrinks_to_the_least_on_which_it_does() -> None:
    shrunk = cv.shrink(NAME, end_on_a_call, limit_s=60, max_tries=12)
    assert shrunk.failing.name == "end_on_a_call(run) ends its process"
    assert shrunk.after.message.tool_calls and shrunk.failing.versions() == {}


def test_an_error_counts_as_no_and_is_told_where_it_is_true_of_none() -> None:
    def careless(run: cv.StreamRun) -> bool:
        return run.message.tool_calls[0].name == "add"

    assert cv.shrink(NAME, careless, limit_s=60).raised > 0
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        cv.shrink(NAME, lambda run: 1 / 0 > 0, limit_s=60)
    with pytest.raises(NotFailingError):
        cv.shrink(NAME, lambda run: False, limit_s=60)


def test_what_cannot_be_asked_apart_is_said() -> None:
    lock = Lock()
    with pytest.raises(TypeError, match="wanted a function that can be sent"):
        cv.shrink(NAME, lambda run: lock.locked(), limit_s=60)
    with pytest.raises(ValueError, match="a function as what fails where limit_s is given"):
        cv.shrink(NAME, "role_repeated", limit_s=60)
