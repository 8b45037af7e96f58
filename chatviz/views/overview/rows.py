"""What a list says of a conversation: small enough to be kept of thousands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from chatviz.chat.messages import Text
from chatviz.measures.money.estimates import estimate
from chatviz.measures.money.prices import Prices
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.run_headings import ending

__all__ = ["NotListed", "TalkRow", "cut_short", "read_row", "short_names"]

MAX_ASKED: Final = 100  # characters
MAX_CODES: Final = 12
MAX_WORD: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkRow:
    """What a list says of a conversation; None for what is not known.

    Attributes
    ----------
    source : str
        Where it comes from, as a path; ``""`` where that is not known.
    number : int
        Its number among those of its source, from 0.
    asked : str
        The beginning of the user's first words.
    provider, model, dialect : str
        Of its answers; several are parted by commas.
    ending : str
        How its last answer ended.
    steps, calls : int
        Steps, and calls of tools in them.
    input_tokens, output_tokens : int | None
        Of all its answers that may be charged.
    cost, estimated : Decimal | None
        What was charged in USD, and what its tokens come to by the prices that were given.
    first_token_s, duration_s : float | None
        Seconds to the first token of its first answer, and of all its answers; only if measured.
    errors, warnings, notes : int
        Its findings by severity.
    codes : tuple of str
        The kinds of its errors and warnings.
    """

    source: str
    number: int
    asked: str
    provider: str
    model: str
    dialect: str
    ending: str
    steps: int
    calls: int
    input_tokens: int | None
    output_tokens: int | None
    cost: Decimal | None
    estimated: Decimal | None
    first_token_s: float | None
    duration_s: float | None
    errors: int
    warnings: int
    notes: int
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotListed:
    """A file whose conversations are not in the list: it cannot be read, or was not read yet.

    Attributes
    ----------
    source : str
    reason : str
        Why it cannot be read; ``""`` for one that is still to be read.
    """

    source: str
    reason: str = ""


def read_row(talk: Conversation, number: int, prices: Prices | None = None) -> TalkRow:
    """Return what a list says of a conversation, the `number`-th of its source."""
    runs = talk.runs
    usage, findings = talk.usage, talk.findings
    loud = dict.fromkeys(one.code for one in findings if one.severity != "info")
    severities = [one.severity for one in findings]
    return TalkRow(
        source=next((run.source for run in runs if run.source), ""),
        number=number,
        asked=_first_words(talk),
        provider=_each(run.provider or run.host for run in runs),
        model=_each(run.model for run in runs),
        dialect=_each(run.dialect for run in runs),
        ending=ending(runs[-1]) if runs else "",
        steps=len(talk.steps),
        calls=sum(len(tool_calls_of(step.run)) for step in talk.steps),
        input_tokens=None if usage is None else usage.input_tokens,
        output_tokens=None if usage is None else usage.output_tokens,
        cost=talk.cost,
        estimated=_estimate(talk, prices),
        first_token_s=next((run.time_to_first_token_s for run in runs), None),
        duration_s=_total([run.duration_s for run in runs]),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        notes=severities.count("info"),
        codes=tuple(loud)[:MAX_CODES],
    )


def short_names(sources: Iterable[str]) -> dict[str, str]:
    """Name each source by its path, without the folder that all of them share."""
    known = list(dict.fromkeys(filter(None, sources)))
    cuts = [max(source.rfind("/"), source.rfind("\\")) + 1 for source in known]
    folders = [source[:cut] for source, cut in zip(known, cuts, strict=True)]
    shared = _common_beginning(folders)
    at = max(shared.rfind("/"), shared.rfind("\\")) + 1
    return {source: source[at:] for source in known}


def _common_beginning(texts: Sequence[str]) -> str:
    if not texts:
        return ""
    first, last = min(texts), max(texts)
    same = next(
        (at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]),
        min(len(first), len(last)),
    )
    return first[:same]


def _first_words(talk: Conversation) -> str:
    """Return the beginning of the user's first message that has a text, on one line."""
    messages = talk.steps[0].chat_request.messages if talk.steps else ()
    for message in messages:
        if message.role == "user":
            text = "".join(part.text for part in message.parts if isinstance(part, Text))
            words = " ".join(text[: 4 * MAX_ASKED].split())
            if words:
                return words if len(words) <= MAX_ASKED else words[: MAX_ASKED - 1] + "…"
    return ""


def _each(texts: Iterable[str]) -> str:
    return cut_short(", ".join(dict.fromkeys(filter(None, texts))))


def cut_short(text: str) -> str:
    """Return a name of the wire as a list shows it: it may be of any length."""
    return text if len(text) <= MAX_WORD else text[: MAX_WORD - 1] + "…"


def _total(seconds: Sequence[float | None]) -> float | None:
    known = [one for one in seconds if one is not None]
    return sum(known) if known and len(known) == len(seconds) else None


def _estimate(talk: Conversation, prices: Prices | None) -> Decimal | None:
    """Return what the answers that may be charged come to; None where one has no estimate."""
    if prices is None:
        return None
    charged: list[StreamRun] = [run for run in talk.runs if run.response.status < 400]
    totals = [estimate(run, prices).total for run in charged]
    known = [one for one in totals if one is not None]
    return sum(known, Decimal(0)) if known and len(known) == len(totals) else None
