"""Examples of what only Gemini's answers show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer

__all__ = ["OF_GEMINI"]

_WHO: Final = '"modelVersion":"gemini-2.5-flash","responseId":"r1"'


def _chunk(parts: str, finish: str = "") -> str:
    reason = f',"finishReason":"{finish}"' if finish else ""
    content = f'"content":{{"parts":[{parts}],"role":"model"}}'
    return f'{{"candidates":[{{{content}{reason},"index":0}}],{_WHO}}}'


def _stream(*chunks: str) -> bytes:
    """Return events as the API sends them, without a mark at the end (but it sends CRLF)."""
    return "".join(f"data: {chunk}\n\n" for chunk in chunks).encode()


def _pieces(path: str, number: int, more: str = ',"willContinue":true') -> str:
    listed = f'"partialArgs":[{{"jsonPath":"{path}","numberValue":{number}}}]'
    return _chunk(f'{{"functionCall":{{{listed}{more}}}}}')


OF_GEMINI: Final[Mapping[str, FindingExample]] = {
    "call_lost": FindingExample(
        about="The model wrote a call that Gemini could not read, or that it does not allow. The "
        "answer ends with `MALFORMED_FUNCTION_CALL`, `UNEXPECTED_TOOL_CALL` or "
        "`TOO_MANY_TOOL_CALLS`, and the call is not in it. Five recorded answers that were not "
        "streamed end so.",
        exchanges=answer(_stream(_chunk('{"text":"Let me add."}'),
                                 _chunk("", "MALFORMED_FUNCTION_CALL"))),
        careless="""\
calls = [
    part["functionCall"]
    for chunk in chunks
    for part in chunk["candidates"][0]["content"]["parts"]
    if "functionCall" in part
]
"tool_calls" if calls else "stop\"""",
        read="run.finish_reason, run.finish_reason_sent",
    ),
    "arguments_piece_misplaced": FindingExample(
        about="Vertex AI can stream a call's arguments as values at JSON paths. They come in the "
        "order in which the model writes them; a value for an object that has been left can no "
        "longer be written into the text. No recording at hand shows it.",
        exchanges=answer(_stream(
            _chunk('{"functionCall":{"name":"f","willContinue":true}}'),
            _pieces("$.a.x", 1), _pieces("$.b", 2), _pieces("$.a.y", 3, more=""),
            _chunk("", "STOP"),
        )),
        careless="""\
arguments = {}
for chunk in chunks:
    for part in chunk["candidates"][0]["content"]["parts"]:
        for piece in part["functionCall"].get("partialArgs", []):
            arguments[piece["jsonPath"]] = piece["numberValue"]
arguments""",
        read="run.message.tool_calls[0].arguments",
    ),
}  # fmt: skip
