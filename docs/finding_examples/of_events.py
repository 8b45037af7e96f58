"""Examples of what is odd about the order of typed events, and about items and their parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, stream

__all__ = ["OF_EVENTS"]


def _event(kind: str, fields: str = "") -> str:
    return f'{{"type":"response.{kind}"{fields and "," + fields}}}'


def _said(piece: str) -> str:
    place = '"output_index":0,"content_index":0'
    return _event("output_text.delta", f'{place},"delta":"{piece}"')


_TEXT: Final = '"part":{"type":"output_text","text":""}'
_CALL: Final = '{"id":"fc_1","type":"function_call","call_id":"call_a1","name":"now"'
_BEGUN: Final = _event("created", '"response":{"id":"resp_1","status":"in_progress"}')
_ADDED: Final = _event("output_item.added", '"output_index":0,"item":{"type":"message"}')
_OPEN: Final = _event("content_part.added", f'"output_index":0,"content_index":0,{_TEXT}')
_CLOSED: Final = _event("content_part.done", f'"output_index":0,"content_index":0,{_TEXT}')
_DONE: Final = _event("output_item.done", '"output_index":0,"item":{"type":"message"}')
_ENDED: Final = _event("completed", '"response":{"id":"resp_1","status":"completed"}')
_JOIN: Final = """\
text = ""
for event in chunks:
    if event["type"] == "response.output_text.delta":
        text += event["delta"]
text"""


def _numbered(event: str, number: int) -> str:
    return f'{event[:-1]},"sequence_number":{number}}}'


def _message(*events: str) -> bytes:
    """Return a stream of one message with these events in it."""
    return stream(_BEGUN, _ADDED, _OPEN, *events, _CLOSED, _DONE, _ENDED, done=False)


OF_EVENTS: Final[Mapping[str, FindingExample]] = {
    "repetition_differs": FindingExample(
        about="In Responses the same text comes five times: in pieces, and whole in four events "
        "behind them. They agree in all of 153 recorded streams; where they do not, a piece was "
        "lost or changed on its way.",
        exchanges=answer(
            _message(
                _said("Hel"),
                _said("lo"),
                _event("output_text.done", '"output_index":0,"content_index":0,"text":"Hello!"'),
            )
        ),
        careless="""\
text = ""
for event in chunks:
    if event["type"] == "response.output_text.done":
        text += event["text"]
text""",
        read="run.message.text",
    ),
    "event_before_start": FindingExample(
        about="An event says something before the one that starts the answer came. A stream whose "
        "first number is above 0 is another matter: it was asked to go on from there.",
        exchanges=answer(stream(_ADDED, _OPEN, _said("Hello"), _CLOSED, _DONE, _ENDED, done=False)),
        careless="""\
response = None
for event in chunks:
    if event["type"] == "response.created":
        response = {**event["response"], "text": ""}
    elif event["type"] == "response.output_text.delta":
        response["text"] += event["delta"]
response["text"]""",
        read="run.message.text",
    ),
    "start_repeated": FindingExample(
        about="A second start comes in the middle of an answer, as after a connection that was "
        "made anew by something in between.",
        exchanges=answer(_message(_said("Hel"), _BEGUN, _said("lo"))),
        careless="""\
text = ""
for event in chunks:
    if event["type"] == "response.created":
        text = ""
    elif event["type"] == "response.output_text.delta":
        text += event["delta"]
text""",
        read="run.message.text",
    ),
    "event_after_end": FindingExample(
        about="Something comes after the event that ends the answer; it is read.",
        exchanges=answer(
            stream(
                _BEGUN, _ADDED, _OPEN, _said("Hel"), _ENDED, _said("lo"), _CLOSED, _DONE, done=False
            )
        ),
        careless="""\
text = ""
for event in chunks:
    if event["type"] == "response.completed":
        break
    if event["type"] == "response.output_text.delta":
        text += event["delta"]
text""",
        read="run.message.text",
    ),
    "part_opened_twice": FindingExample(
        about="A block, item or part is begun again before it was closed; its place says that it "
        "is the same.",
        exchanges=answer(
            stream(_BEGUN, _ADDED, _ADDED, _OPEN, _said("Hi"), _CLOSED, _DONE, _ENDED, done=False)
        ),
        careless="""\
items = []
for event in chunks:
    if event["type"] == "response.output_item.added":
        items.append(event["item"])
len(items)""",
        read="len(run.message.parts)",
    ),
    "part_not_open": FindingExample(
        about="A piece comes for a block, item or part that was never begun.",
        exchanges=answer(stream(_BEGUN, _ADDED, _said("Hi"), _DONE, _ENDED, done=False)),
        careless="""\
texts = {}
for event in chunks:
    place = event.get("output_index"), event.get("content_index")
    if event["type"] == "response.content_part.added":
        texts[place] = ""
    elif event["type"] == "response.output_text.delta":
        texts[place] += event["delta"]
"".join(texts.values())""",
        read="run.message.text",
    ),
    "part_not_closed": FindingExample(
        about="The answer ends, but a block, item or part of it was never closed. One of 153 "
        "Responses streams left two items so; they are in the last event only.",
        exchanges=answer(
            stream(
                _BEGUN,
                _event("output_item.added", f'"output_index":0,"item":{_CALL},"arguments":""}}'),
                _event(
                    "completed",
                    f'"response":{{"id":"resp_1","status":"completed","output":'
                    f'[{_CALL},"arguments":"{{}}"}}]}}',
                ),
                done=False,
            )
        ),
        careless="""\
names = []
for event in chunks:
    if event["type"] == "response.output_item.done":
        names.append(event["item"]["name"])
names""",
        read="[call.name for call in run.message.tool_calls]",
    ),
    "end_missing": FindingExample(
        about="The stream stops without its last event: whether the answer is whole, how it ended "
        "and what it cost is not known.",
        exchanges=answer(stream(_BEGUN, _ADDED, _OPEN, _said("Hel"), done=False)),
        careless="""\
last = next(event for event in chunks if event["type"] == "response.completed")
last["response"]["status"]""",
        read="run.finish_reason_sent",
    ),
    "sequence_broken": FindingExample(
        about="The events are numbered, and a number is left out, repeated, or goes back: "
        "something between the server and here lost or repeated an event.",
        exchanges=answer(
            stream(
                *(
                    _numbered(event, number)
                    for number, event in zip(
                        (0, 1, 2, 3, 5, 6, 7),
                        (_BEGUN, _ADDED, _OPEN, _said("Hel"), _CLOSED, _DONE, _ENDED),
                        strict=True,
                    )
                ),
                done=False,
            )
        ),
        careless="""\
events = 0
for event in chunks:
    events = event["sequence_number"] + 1
events""",
        read="len(run.chunks)",
    ),
}
