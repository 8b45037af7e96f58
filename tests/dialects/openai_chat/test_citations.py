"""Sources beside the choices: Perplexity's and xAI's."""

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
