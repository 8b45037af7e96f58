"""Sources beside the choices (Perplexity, xAI, Z.ai, Venice), and beside the text (Azure)."""

from __future__ import annotations

import json
from typing import Any

import pytest

import chatviz as cv
from chatviz.chat.messages import Text

URLS = ["https://a.test/1", "https://a.test/2"]
FOUND = [{"title": "One", "url": URLS[0], "date": None}, {"title": "Two", "url": URLS[1]}]


def read(**beside: Any) -> cv.StreamRun:
    deltas = [{"role": "assistant", "content": "Hi"}, {"content": " [1]"}, {}]
    chunks = [{"choices": [{"index": 0, "delta": one}], **beside} for one in deltas]
    chunks[-1]["choices"][0]["finish_reason"] = "stop"
    lines = [f"data: {json.dumps({'id': 'c', 'model': 'm', **one})}\n\n" for one in chunks]
    return cv.read_stream("".join([*lines, "data: [DONE]\n\n"]).encode())


@pytest.mark.parametrize(
    ("beside", "cited"),
    [
        ({"citations": URLS}, URLS),
        ({"citations": URLS, "search_results": FOUND}, FOUND),
        ({"citations": URLS, "search_results": []}, URLS),
        ({"citations": [], "images": [{"image_url": "x"}], "related_questions": ["?"]}, []),
        ({"citations": None, "search_results": None}, []),
        ({"web_search": FOUND, "content_filter": [{"role": "user", "level": 3}]}, FOUND),
        ({"venice_parameters": {"web_search_citations": FOUND, "enable_e2ee": False}}, FOUND),
        ({"venice_parameters": None}, []),
    ],
)
def test_sources_are_cited_once(beside: dict[str, Any], cited: list[Any]) -> None:
    run = read(**beside)
    (text,) = run.message.parts
    assert isinstance(text, Text) and text.text == "Hi [1]"
    assert [json.loads(one) for one in text.citations] == cited
    assert "unknown_fields" not in {finding.code for finding in run.findings}


def test_sources_before_anything_is_said_begin_no_text() -> None:
    deltas = [{"role": "assistant"}, {"reasoning": "hm"}, {"content": "Hi"}]
    chunks = [{"choices": [{"index": 0, "delta": one}], "citations": URLS} for one in deltas]
    chunks.append({"choices": [], "search_results": FOUND})
    lines = [f"data: {json.dumps({'id': 'c', 'model': 'm', **one})}\n\n" for one in chunks]
    run = cv.read_stream("".join([*lines, "data: [DONE]\n\n"]).encode())
    _, text = run.message.parts
    assert isinstance(text, Text) and [json.loads(one) for one in text.citations] == [*URLS, *FOUND]
    assert (run.message.reasoning, text.text, run.answer.said_at) == ("hm", "Hi", 1)


def test_a_whole_answer_cites_too() -> None:
    message = {"role": "assistant", "content": "Hi"}
    body = {"choices": [{"index": 0, "message": message}], "search_results": FOUND}
    (text,) = cv.read_stream(json.dumps(body).encode()).message.parts
    assert isinstance(text, Text) and [json.loads(one) for one in text.citations] == FOUND


@pytest.mark.parametrize("context", [{"citations": FOUND, "intent": "[]"}, {"citations": []}, {}])
def test_azure_cites_ones_own_data_before_the_text(context: Any) -> None:
    deltas = [{"role": "assistant", "context": context}, {"content": "Hi"}, {}]
    run = cv.read_stream(stream(*deltas))
    (text,) = run.message.parts
    assert isinstance(text, Text) and text.text == "Hi"
    assert [json.loads(one) for one in text.citations] == context.get("citations", [])
    assert "unknown_fields" not in {finding.code for finding in run.findings}


@pytest.mark.parametrize("context", [5, [1], {"messages": []}])
def test_another_context_is_no_field_that_is_known(context: Any) -> None:
    run = cv.read_stream(stream({"role": "assistant", "content": "Hi", "context": context}, {}))
    assert run.message.text == "Hi"
    assert "unknown_fields" in {finding.code for finding in run.findings}


def stream(*deltas: dict[str, Any]) -> bytes:
    choices = [{"index": 0, "delta": delta, "end_turn": False} for delta in deltas]
    choices[-1] |= {"finish_reason": "stop", "end_turn": True}
    chunks = [{"id": "c", "model": "m", "choices": [choice]} for choice in choices]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def test_watsonx_names_the_model_in_a_field_of_its_own() -> None:
    choice = {"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}
    chunk = {
        "id": "c",
        "model_id": "ibm/granite",
        "model_version": "3.3.0",
        "created": 1749764735,
        "created_at": "2025-06-12T21:45:35.150Z",
        "system": {"warnings": []},
        "choices": [choice],
    }
    asked = {"model_id": "ibm/granite", "messages": [{"role": "user", "content": "Hi"}]}
    run = cv.read_stream(f"id: 1\ndata: {json.dumps(chunk)}\n\n".encode(), asked)
    assert (run.model, run.chat_request.model) == ("ibm/granite", "ibm/granite")
    assert "unknown_fields" not in {finding.code for finding in run.findings}
