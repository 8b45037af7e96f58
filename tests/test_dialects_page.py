"""docs/dialects.md says what the code does: its tables are read, and held to it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.dialects import DIALECTS, is_writable
from chatviz.dialects.openai_responses.response import FINISH_REASONS, INCOMPLETE

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "dialects.md").read_text(encoding="utf-8")
READ = [dialect for dialect in DIALECTS if dialect.manners.is_read]


def rows_under(heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_page_names_the_dialects_that_are_read() -> None:
    listed = [names(row[0])[0] for row in rows_under("Which there are")]
    assert sorted(listed) == sorted(dialect.name for dialect in READ)
    assert "`bedrock-invoke`" in PAGE and "`unknown`" in PAGE


def test_paths_and_ends_are_those_of_the_code() -> None:
    rows = rows_under("Which there are")
    for dialect in READ:
        here = [row for row in rows if names(row[0]) == [dialect.name]]
        end = dialect.manners.end
        if end and end != "done":
            assert all(end in row[4] for row in here), dialect.name
        if is_writable(dialect):
            path = dialect.endpoint_path("MODEL").partition("?")[0]
            assert any(names(row[2])[0].endswith(path) for row in here), path


def test_the_words_for_an_end_are_those_of_the_code() -> None:
    heads = ("stop", "length", "tool_calls", "content_filter", "error")
    rows = {names(row[0])[0]: row[1:] for row in rows_under("Why an answer ended")}
    for dialect in READ:
        told: dict[str, str] = {}
        for ours, cell in zip(heads, rows[dialect.name], strict=True):
            words = [] if cell.startswith("(") or not cell else cell.lower().split(", ")
            told.update(dict.fromkeys(words, ours))
        known = {word: ours for word, ours in dialect.manners.finish_reasons.items() if ours}
        assert told == known, dialect.name


def test_what_an_end_means_besides_its_word_is_that_of_the_code() -> None:
    """In brackets stands what decides beside the word: calls, or a reason that comes with it."""
    heads = ("stop", "length", "tool_calls", "content_filter", "error")
    manners = {dialect.name: dialect.manners for dialect in READ}
    means: dict[str, set[tuple[str, str, str]]] = {name: set() for name in manners}
    for row in rows_under("Why an answer ended"):
        name = names(row[0])[0]
        for ours, cell in zip(heads, row[1:], strict=True):
            if found := re.fullmatch(r"\((\w+), (with|for) (\w+)\)", cell):
                word, link, beside = found.groups()
                means[name].add((ours, word.lower(), beside if link == "for" else ""))
    for name, told in means.items():
        known = manners[name].finish_reasons
        calls = {("tool_calls", word, "") for word, ours in known.items() if ours == "stop"}
        if manners[name].names_tool_calls:
            calls = set()
        assert {one for one in told if not one[2]} <= calls, name
        assert bool(calls) == any(not one[2] for one in told), name
    wanted = {
        (ours, "incomplete", reason)
        for reason, ours in INCOMPLETE.items()
        if ours != FINISH_REASONS["incomplete"]
    }
    assert {one for told in means.values() for one in told if one[2]} == wanted


def answer_with(dialect: str, usage: Any) -> bytes:
    """Return a small whole answer (synthetic) that holds a usage object."""
    text = [{"type": "text", "text": "a"}]
    made: dict[str, Any] = {
        "openai-chat": {
            "object": "chat.completion",
            "choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}],
            "usage": usage,
        },
        "openai-responses": {
            "object": "response", "id": "resp_1", "status": "completed", "output": [],
            "usage": usage,
        },
        "anthropic-messages": {
            "type": "message", "role": "assistant", "content": text, "stop_reason": "end_turn",
            "model": "m", "id": "msg_1", "usage": usage,
        },
        "bedrock-converse": {
            "output": {"message": {"role": "assistant", "content": [{"text": "a"}]}},
            "stopReason": "end_turn", "metrics": {"latencyMs": 1}, "usage": usage,
        },
        "gemini": {
            "candidates": [{"content": {"parts": [{"text": "a"}]}, "finishReason": "STOP"}],
            "usageMetadata": usage,
        },
    }  # fmt: skip
    if dialect == "ollama-chat":
        line = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": True}
        message = {"role": "assistant", "content": "a"}
        return json.dumps({**line, "done_reason": "stop", "message": message, **usage}).encode()
    return json.dumps(made[dialect]).encode()


@pytest.mark.parametrize("row", rows_under("What was counted"), ids=lambda row: row[0])
def test_usage_is_read_as_the_page_says(row: list[str]) -> None:
    (dialect,) = names(row[0])
    run = cv.read_stream(answer_with(dialect, json.loads(names(row[1])[0])))
    assert run.dialect == dialect
    usage = run.usage
    assert usage is not None
    read = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens,
            usage.reasoning_tokens, usage.total_tokens)  # fmt: skip
    assert ["–" if number is None else str(number) for number in read] == row[2:]


@pytest.mark.parametrize("row", rows_under("Asking"), ids=lambda row: row[0].split("(")[0])
def test_each_endpoint_is_there_and_has_its_url(row: list[str]) -> None:
    (call,), (base_url,) = names(row[0]), names(row[1])
    endpoint = eval(call, {"cv": cv})
    assert endpoint.base_url == base_url
    in_url = endpoint.model in endpoint._url.replace("%E2%80%A6", "…")
    assert in_url == (row[2] == "URL")


def test_azure_and_vertex_go_where_the_page_says() -> None:
    azure = cv.Endpoint.openai(
        "d", base_url="https://n.openai.azure.com/openai/deployments/d", query={"api-version": "1"}
    )
    assert azure._url.startswith("https://n.openai.azure.com/openai/deployments/d/chat/completions")
    place = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p/locations/europe-west1"
    claude = cv.Endpoint.anthropic("c", base_url=place)
    assert claude._url == f"{place}/publishers/anthropic/models/c:streamRawPredict"
    gemini = cv.Endpoint.gemini("g", base_url=f"{place}/publishers/google")
    assert gemini._url.startswith(f"{place}/publishers/google/models/g:streamGenerateContent")


def test_the_readme_leads_to_the_page() -> None:
    assert "docs/dialects.md" in (ROOT / "README.md").read_text(encoding="utf-8")
