"""Examples of what only Ollama's answers show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer

__all__ = ["OF_OLLAMA"]


def _line(message: str, rest: str) -> str:
    return (
        '{"model":"gpt-oss:20b","created_at":"2026-01-05T11:27:44.4Z",'
        f'"message":{{"role":"assistant",{message}}},{rest}}}\n'
    )


def _lines(*lines: str) -> bytes:
    return "".join(lines).encode()


_CALL: Final = _line(
    '"content":"","tool_calls":[{"function":{"name":"add","arguments":"{\\"a\\":2}"}}]',
    '"done":false',
)
_HELLO: Final = _line('"content":"Hello"', '"done":false')
_COUNTS: Final = '"prompt_eval_count":9,"eval_count":3'

OF_OLLAMA: Final[Mapping[str, FindingExample]] = {
    "arguments_as_text": FindingExample(
        about="Ollama sends the arguments of a call as an object. A proxy that speaks to another "
        "API behind it may pass on the text that it got from there.",
        exchanges=answer(
            _lines(_CALL, _line('"content":""', f'"done":true,"done_reason":"stop",{_COUNTS}'))
        ),
        careless="""\
call = chunks[0]["message"]["tool_calls"][0]["function"]
call["arguments"]["a"]""",
        read='run.message.tool_calls[0].parsed["a"]',
    ),
    "prompt_not_counted": FindingExample(
        about="The server leaves a count of 0 out, and counts no tokens of a prompt that it finds "
        "in its cache. How long the prompt was is then not known.",
        exchanges=answer(
            _lines(_HELLO, _line('"content":""', '"done":true,"done_reason":"stop","eval_count":3'))
        ),
        careless="""\
last = chunks[-1]
last["prompt_eval_count"] + last["eval_count"]""",
        read="(run.usage.input_tokens, run.usage.output_tokens)",
    ),
    "reason_not_named": FindingExample(
        about="Older servers say that the answer is done, and not why; newer ones leave the reason "
        "out where the connection was closed.",
        exchanges=answer(_lines(_HELLO, _line('"content":""', f'"done":true,{_COUNTS}'))),
        careless="""\
chunks[-1]["done_reason"]""",
        read="run.finish_reason",
    ),
    "only_loaded": FindingExample(
        about="A request without a question only puts the model into memory (`load`), and one with "
        "`keep_alive` of 0 takes it out (`unload`). The answer is complete, and says nothing: "
        "neither words nor counted tokens are missed.",
        exchanges=answer(_lines(_line('"content":""', '"done":true,"done_reason":"load"'))),
        careless="""\
counted = chunks[-1]
(counted["message"]["content"], counted["eval_count"])""",
        read="(run.message.text, run.usage)",
    ),
}
