"""Examples of what is odd about text and reasoning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, says, stream

__all__ = ["OF_CONTENT"]

_ADD_EVERY_FIELD: Final = """\
reasoning = ""
for chunk in chunks:
    delta = chunk["choices"][0]["delta"]
    reasoning += delta.get("reasoning", "") + delta.get("reasoning_content", "")
    for detail in delta.get("reasoning_details", []):
        reasoning += detail["text"]
reasoning"""

OF_CONTENT: Final[Mapping[str, FindingExample]] = {
    "content_as_list": FindingExample(
        about="Mistral sends `content` as a list of parts when the model thinks; elsewhere it is a "
        "text, null or absent.",
        exchanges=answer(
            stream(says('"role":"assistant","content":[{"type":"text","text":"Hello"}]'))
        ),
        careless="""\
text = ""
for chunk in chunks:
    text += chunk["choices"][0]["delta"]["content"]
text""",
        read="run.message.text",
    ),
    "reasoning_in_two_fields": FindingExample(
        about="In 165 of 1,040 streams the same piece of reasoning is sent in two of the fields "
        "`reasoning`, `reasoning_content` and `reasoning_details`.",
        origin="OpenRouter with GLM 4.5 at Z.AI",
        recording="go-vcr/openrouter_glm-4.5_tool_and_finish_in_one_chunk.yaml",
        exchanges=answer(
            stream(
                *(
                    says(
                        f'"reasoning":"{piece}","reasoning_details":[{{"type":"reasoning.text",'
                        f'"text":"{piece}","format":"unknown","index":0}}]'
                    )
                    for piece in ("The", " user")
                )
            )
        ),
        careless=_ADD_EVERY_FIELD,
        read="run.message.reasoning",
    ),
    "reasoning_fields_differ": FindingExample(
        about="Two fields of one chunk hold different reasoning. The first of `reasoning`, "
        "`reasoning_content`, `reasoning_details` is read; details are kept whole beside it.",
        exchanges=answer(
            stream(says('"reasoning":"Add 2 and 3.","reasoning_content":"Adding numbers."'))
        ),
        careless=_ADD_EVERY_FIELD,
        read="run.message.reasoning",
    ),
    "reasoning_repeated": FindingExample(
        about="After the pieces, one chunk repeats all of the reasoning in `reasoning_details`, "
        "often with a signature that must be sent back.",
        exchanges=answer(
            stream(
                says('"reasoning":"Add 2"'),
                says('"reasoning":" and 3."'),
                says(
                    '"reasoning_details":[{"type":"reasoning.text","text":"Add 2 and 3.",'
                    '"signature":"EqQB"}]'
                ),
            )
        ),
        careless=_ADD_EVERY_FIELD,
        read="run.message.reasoning",
    ),
    "think_tags": FindingExample(
        about="A few hosts do not part the reasoning from the text: it comes as text between "
        "`<think>` tags. chatviz shows it as it was sent. Tags are cut anywhere.",
        exchanges=answer(
            stream(
                says('"content":"<thi"'),
                says('"content":"nk>2 + 3"'),
                says('"content":"</think>"'),
                says('"content":"5"'),
            )
        ),
        careless="""\
text = ""
for chunk in chunks:
    piece = chunk["choices"][0]["delta"]["content"]
    text += piece.replace("<think>", "").replace("</think>", "")
text""",
        read="run.message.text",
    ),
}
