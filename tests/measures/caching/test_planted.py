"""One byte that is planted anywhere in a real request is named; what only goes on is no change."""

from __future__ import annotations

import json
import string
from functools import cache
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chatviz as cv
from tests.measures.caching.talks import (
    TWO_STEPS,
    ask_again,
    leaves,
    value_at,
    with_value,
    write_path,
)

REGIONS = {
    "model": "model", "tools": "tools",
    "system": "system", "systemInstruction": "system", "instructions": "system",
    "messages": "message", "contents": "message", "input": "message",
}  # fmt: skip
# Limits and ways of sending: no part of any prompt, by the providers' documents.
OUTSIDE = {
    "max_tokens", "max_output_tokens", "stream", "stream_options", "store", "usage",
    "anthropic_version", "inferenceConfig", "maxOutputTokens",
}  # fmt: skip


@cache
def steps_of(name: str) -> tuple[cv.StreamRun, cv.StreamRun]:
    first, second = cv.read_conversation(cv.sample(name)).runs
    return first, second


def only_row(*runs: cv.StreamRun) -> dict[str, Any]:
    """Return the only pair; runs are linked as those of any recording are."""
    (row,) = cv.cache_table(runs).to_dict("records")
    return row


@st.composite
def plants(draw: st.DrawFn) -> tuple[str, tuple[str | int, ...], Any]:
    """Draw a conversation, a place that both of its requests have, and what is planted there."""
    name = draw(st.sampled_from(TWO_STEPS))
    first, second = steps_of(name)
    assert first.request is not None and second.request is not None
    path = draw(st.sampled_from(list(leaves(first.request))))
    value = value_at(second.request, path)
    if isinstance(value, str):
        at = draw(st.integers(0, len(value)))
        return name, path, value[:at] + draw(st.sampled_from(string.ascii_letters)) + value[at:]
    if isinstance(value, bool):
        return name, path, not value
    return name, path, value + 1


@given(plants())
def test_a_byte_is_named_wherever_it_is_planted(planted) -> None:
    name, path, value = planted
    first, second = steps_of(name)
    row = only_row(first, ask_again(second, with_value(second.request, path, value)))
    if OUTSIDE & set(map(str, path)):
        assert row["verdict"] != "changed here" and pd.isna(row["path"])
        named = row["changed_options"]
        assert write_path(path) == named or write_path(path).startswith(f"{named}.")
        return
    assert row["verdict"] == "changed here"
    assert row["path"] == write_path(path)
    is_offer = path[:2] == ("toolConfig", "tools")  # Gemini has an option of this name
    expected = "tools" if is_offer else REGIONS.get(str(path[0]), "options")
    assert row["region"] == expected or (row["region"] == "system" and row["message"] == 0)
    assert pd.isna(row["message"]) if expected != "message" else row["message"] == path[1]
    was = value_at(second.request, path)
    if isinstance(value, str) and path[-1] != "type":
        same = row["same_bytes"]
        assert value.encode()[:same] == was.encode()[:same]
        assert value.encode()[same:].decode()[:200] == row["after"]
        assert was.encode()[same:].decode()[:200] == row["before"]


@pytest.mark.parametrize(
    ("name", "end"), [("gemini_2.5-flash", "flash"), ("bedrock_claude-3-haiku", "v1%3A0")]
)
def test_a_model_in_the_url_is_named(name: str, end: str) -> None:
    first, second = steps_of(name)
    assert end in second.head.url
    url = second.head.url.replace(end, f"{end}x")
    row = only_row(first, ask_again(second, second.request or {}, url=url))
    assert (row["verdict"], row["region"], row["path"]) == ("changed here", "model", "model")
    assert row["after"] == "x" and row["before"] == ""


@given(st.sampled_from(TWO_STEPS), st.data())
def test_requests_that_only_go_on_have_not_changed(name: str, data: st.DataObject) -> None:
    _, second = steps_of(name)
    body = second.request or {}
    key = next(key for key in ("messages", "contents", "input") if key in body)
    cut = data.draw(st.integers(1, len(body[key])))
    spelled = data.draw(st.sampled_from([dict, lambda body: dict(reversed(body.items()))]))
    earlier = ask_again(second, {**body, key: body[key][:cut]})
    later = ask_again(second, spelled(body))
    row = only_row(earlier, later) if cut < len(body[key]) else {}
    found = cv.cache_table([earlier, later]).to_dict("records")
    assert all(row["verdict"] != "changed here" for row in found)
    if row:
        assert row["shared_bytes"] <= row["prompt_bytes"] and pd.isna(row["region"])


@pytest.mark.parametrize("name", TWO_STEPS)
def test_a_real_conversation_has_not_changed(name: str) -> None:
    first, second = steps_of(name)
    row = only_row(first, second)
    assert row["verdict"] == "nothing changed" and pd.isna(row["path"])
    assert 0 < row["shared_bytes"] < row["prompt_bytes"]
    assert pd.isna(row["avoidable_tokens"])


def test_shared_recordings_are_read_and_only_go_on(shared_cassettes) -> None:
    """Their conversations were recorded by clients that keep what they have said."""
    found = 0
    for path in sorted(shared_cassettes.rglob("*.yaml")):
        for row in cv.cache_table(cv.read_runs(path)).to_dict("records"):
            found += 1
            assert row["verdict"] != "changed here", (path.name, row["path"])
            assert 0 < row["shared_bytes"] <= row["prompt_bytes"]
    assert found > 25


def test_no_secret_is_shown_though_it_is_compared() -> None:
    first, second = steps_of("anthropic_claude-sonnet-4")
    body = first.request or {}
    server = {"type": "url", "url": "https://mcp.test", "authorization_token": "s3cret-one"}
    changed = {**server, "authorization_token": "s3cret-two"}
    earlier = ask_again(first, {**body, "mcp_servers": [server]})
    for servers in ([changed], [server, changed], [{**server, "name": changed}]):
        later = ask_again(second, {**(second.request or {}), "mcp_servers": servers})
        row = only_row(earlier, later)
        assert row["region"] == "options" and row["path"].startswith("mcp_servers")
        assert "s3cret" not in json.dumps(row, default=str)
