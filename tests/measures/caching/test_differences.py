"""Where two prompts part, and what is no difference at all."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.measures.caching.requests import read_cached_requests
from tests.measures.caching.talks import asked, talk_of

USER = {"role": "user", "content": "Hello"}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
TOOL = {"type": "function", "function": {"name": "add", "parameters": SCHEMA}}
BODY = {"model": "m", "tools": [TOOL], "messages": [USER]}
URLS = {
    "chat": "https://api.openai.com/v1/chat/completions",
    "completions": "https://api.openai.com/v1/completions",
    "responses": "https://api.openai.com/v1/responses",
    "messages": "https://api.anthropic.com/v1/messages",
    "converse": "https://bedrock-runtime.us-east-1.amazonaws.com/model/nova/converse",
    "gemini": "https://generativelanguage.googleapis.com/v1beta/models/g:generateContent",
}


def between(one: dict[str, Any], other: dict[str, Any], url: str = "chat") -> dict[str, Any]:
    runs = (asked(body, url=URLS[url]) for body in (one, other))
    (row,) = cv.cache_table(talk_of(*runs)).to_dict("records")
    return row


def place(row: dict[str, Any]) -> tuple[Any, ...]:
    values = (row[name] for name in ("region", "path", "before", "after"))
    return tuple(None if pd.isna(value) else value for value in values)


SAME = (None, None, None, None)


def with_tool(**more: Any) -> dict[str, Any]:
    return {**BODY, "tools": [{**TOOL, "function": {**TOOL["function"], **more}}]}


# ---- no difference


CLAUDE_MARK = {"cache_control": {"type": "ephemeral"}}
POINT = {"cachePoint": {"type": "default"}}


def texts(*said: str, kind: str = "text", **more: Any) -> list[dict[str, Any]]:
    return [{"type": kind, "text": text, **more} for text in said]


@pytest.mark.parametrize(
    ("url", "one", "other"),
    [
        ("chat", BODY, dict(reversed(BODY.items()))),
        ("chat", BODY, {**BODY, "messages": [{**USER, "content": texts("Hello")}]}),
        ("chat", BODY, {**BODY, "messages": [{**USER, "name": None}], "tool_choice": None}),
        ("responses", {"model": "m", "input": "Hello"}, {"model": "m", "input": [USER]}),
        (
            "responses",
            {"model": "m", "input": [USER]},
            {
                "model": "m",
                "input": [
                    {**USER, "type": "message", "content": texts("Hello", kind="input_text")}
                ],
            },
        ),
        (
            "messages",
            {"system": "Be brief", "messages": [USER]},
            {"system": texts("Be brief", **CLAUDE_MARK), "messages": [USER], **CLAUDE_MARK},
        ),
        (
            "converse",
            {
                "system": [{"text": "a"}, POINT, {"text": "b"}],
                "messages": [{"role": "user", "content": [{"text": "c"}]}],
            },
            {
                "system": [{"text": "a"}, {"text": "b"}],
                "messages": [{"role": "user", "content": [POINT, {"text": "c"}]}],
            },
        ),
        ("completions", {"model": "m", "prompt": "Once"}, {"model": "m", "prompt": "Once upon a"}),
        ("completions", {"model": "m", "prompt": "Once"}, {"model": "m", "prompt": ["Once"]}),
    ],
)
def test_another_spelling_is_no_change(url: str, one: Any, other: Any) -> None:
    row = between(one, other, url)
    assert place(row) == SAME and row["shared_bytes"] > 0
    assert row["verdict"] != "changed here"


def test_a_last_message_that_gets_another_part_has_only_grown() -> None:
    parts = [{"type": "text", "text": "Hello"}, {"type": "text", "text": "again"}]
    row = between(BODY, {**BODY, "messages": [{"role": "user", "content": parts}]})
    assert place(row) == SAME
    assert row["prompt_bytes"] - row["shared_bytes"] == len("text") + len("again")


def test_a_history_that_was_cut_at_its_end_is_the_beginning_of_the_earlier_one() -> None:
    longer = {**BODY, "messages": [USER, {"role": "assistant", "content": "ok"}]}
    row = between(longer, BODY)
    assert place(row) == SAME and row["shared_bytes"] == row["prompt_bytes"]


def test_sampling_reaches_no_prompt_but_is_named() -> None:
    row = between({**BODY, "temperature": 0}, {**BODY, "temperature": 1, "max_tokens": 9})
    assert place(row) == SAME and row["changed_options"] == "max_tokens, temperature"
    gemini = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
    config = {"generationConfig": {"topP": 1}}
    row = between(gemini, {**gemini, **config}, "gemini")
    assert place(row) == SAME and row["changed_options"] == "generationConfig.topP"


# ---- differences


OTHER_ORDER = dict(reversed(SCHEMA["properties"].items()))
PARAMETERS = "tools[0].function.parameters"
WHOLE_TOOL = json.dumps(TOOL, separators=(",", ":"))
LONE = '{"x":"y"}'


def with_user(**more: Any) -> dict[str, Any]:
    return {**BODY, "messages": [{**USER, **more}]}


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({**BODY, "model": "n"}, ("model", "model", "m", "n")),
        ({**BODY, "tools": [TOOL, {"x": "y"}]}, ("tools", "tools[1]", None, LONE)),
        ({**BODY, "tools": []}, ("tools", "tools[0]", WHOLE_TOOL, None)),
        ({**BODY, "tool_choice": "auto"}, ("options", "tool_choice", None, "auto")),
        (
            {**BODY, "messages": [{"role": "system", "content": "x"}, USER]},
            ("system", "messages[0].role", "user", "system"),
        ),
        (with_user(name="Ann"), ("message", "messages[0].name", None, "Ann")),
        (with_user(content="Hello there"), ("message", "messages[0].content", "", " there")),
        (with_user(content=5), ("message", "messages[0].content", '{"text":"Hello"}', "5")),
        (
            with_tool(parameters={**SCHEMA, "properties": OTHER_ORDER}),
            ("tools", f"{PARAMETERS}.properties", "a,b", "b,a"),
        ),
        (
            with_tool(parameters={**SCHEMA, "required": ["a"]}),
            ("tools", f"{PARAMETERS}.required", None, '["a"]'),
        ),
        (
            with_tool(parameters={**SCHEMA, "type": None}),
            ("tools", f"{PARAMETERS}.type", "object", "null"),
        ),
        (with_tool(strict=True), ("tools", "tools[0].function.strict", None, "true")),
        (with_tool(strict={}), ("tools", "tools[0].function.strict", None, "{}")),
    ],
)
def test_the_first_difference_is_named(other: Any, expected: tuple[Any, ...]) -> None:
    row = between(BODY, other)
    assert row["verdict"] == "changed here"
    assert place(row) == expected


def test_what_a_change_made_new_again_is_told_apart_from_what_is_new() -> None:
    said = [{**USER, "content": "Jello"}, {"role": "assistant", "content": "ok"}]
    later = {**BODY, "messages": said}
    requests = read_cached_requests([talk_of(asked(BODY), asked(later))])
    assert requests[1].pair is not None
    found = requests[1].pair.comparison
    assert found.changed_bytes == len("Hello")
    assert found.new_bytes == requests[1].size - requests[0].size
    assert found.shared_bytes == requests[0].size - len("Hello")


def test_another_host_has_another_cache() -> None:
    first = asked(BODY)
    second = asked(BODY, url="https://x.openai.azure.com/openai/v1/chat/completions")
    (row,) = cv.cache_table(talk_of(first, second)).to_dict("records")
    assert place(row) == ("model", "host", "api.openai.com", "x.openai.azure.com")


def test_a_value_that_nests_deep_is_compared_as_one_text() -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = {"a": deep}
    other: Any = "y"
    for _ in range(300):
        other = {"a": other}
    row = between(with_tool(parameters=deep), with_tool(parameters=other))
    assert row["region"] == "tools" and row["path"].count(".a") == 99


def test_halves_of_characters_and_odd_bodies_raise_nothing() -> None:
    odd = {
        "model": "\ud83d",
        "tools": {"a": 1},
        "messages": ["\udc00", 5, None, [[]], {"x\ud83d": "y"}],
    }
    row = between(odd, {**odd, "messages": None, "z": "\ud83d"})
    assert row["path"] == "z"
    assert between({"a": None}, {"a": None})["verdict"] == "nothing changed"


def test_what_cannot_be_packed_is_read_and_no_number_is_not_null() -> None:
    said = [{"role": "user", "content": [{"text": "\ud83d"}, {"n": 2**70}]}]
    assert place(between({**BODY, "messages": said}, {**BODY, "messages": said})) == SAME
    huge = {**BODY, "messages": [{"role": "user", "content": [{"text": "\ud83d"}, {"n": 2**71}]}]}
    assert between({**BODY, "messages": said}, huge)["path"] == "messages[0].content[1].n"
    without, null = (with_tool(parameters={"default": value}) for value in (float("nan"), None))
    assert between(without, null)["path"] == "tools[0].function.parameters.default"


def test_a_long_conversation_is_read_once_and_a_change_in_it_is_found() -> None:
    """Long requests hold what they repeat once; what was read of it is known again."""
    said = [{"role": "user", "content": f"Question {n}: " + "x" * 2_000} for n in range(12)]
    bodies = [{**BODY, "messages": said[:count]} for count in (10, 11, 12)]
    bodies.append({**BODY, "messages": [*said[:5], {**said[5], "content": "other"}, *said[6:]]})
    table = cv.cache_table(talk_of(*map(asked, bodies)))
    assert table["region"].isna().tolist() == [True, True, False]
    assert table["message"].tolist()[2] == 5
    assert table["shared_bytes"][1] == table["prompt_bytes"][0]
