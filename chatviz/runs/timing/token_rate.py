"""How many tokens of an answer came, its reasoning among them: what rates are of."""

from __future__ import annotations

from collections.abc import Sequence

from chatviz.chat.assembly.choice_state import Answer
from chatviz.chat.manners import Manners
from chatviz.chat.messages import Message, Reasoning
from chatviz.dialects.hosts import sums_up_reasoning

__all__ = ["tokens_that_came"]


def tokens_that_came(answer: Answer, manners: Manners, model: str) -> int | None:
    """Return how many tokens were sent.

    They are the output tokens; with the reasoning that is counted beside them where its text came,
    and without that which is counted among them where nothing of it came. None where that is not
    known: where only a summary came, or what is encrypted, which is not the reasoning; and where
    the total tells of neither place. Without a total, reasoning is among the output.
    """
    usage = answer.usage
    if usage is None or usage.output_tokens is None:
        return None
    thought = usage.reasoning_tokens
    if thought == 0:
        return usage.output_tokens
    if _hides_reasoning(answer.messages, manners, model):
        return None
    if thought is None:
        return usage.output_tokens
    if usage.reasoning_place is None and usage.total_tokens is not None:
        return None
    if _tells_reasoning(answer.messages):
        return usage.generated_tokens
    hidden = 0 if usage.is_reasoning_beside else thought
    return usage.output_tokens - hidden if usage.output_tokens >= hidden else None


def _hides_reasoning(messages: Sequence[Message], manners: Manners, model: str) -> bool:
    """Whether a part of the reasoning says less than was thought."""
    parts, is_summed_up = _reasoning_of(messages), sums_up_reasoning(model)
    return any(manners.hides_reasoning(part) or (is_summed_up and part.text) for part in parts)


def _tells_reasoning(messages: Sequence[Message]) -> bool:
    """Whether text of the reasoning came, if need be as a part of the answer's own."""
    in_text = any("<think>" in message.text for message in messages)
    return in_text or any(part.text for part in _reasoning_of(messages))


def _reasoning_of(messages: Sequence[Message]) -> list[Reasoning]:
    parts = (part for message in messages for part in message.parts)
    return [part for part in parts if isinstance(part, Reasoning)]
