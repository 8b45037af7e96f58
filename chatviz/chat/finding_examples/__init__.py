"""One small example for each kind of finding: read by the docs and the tests, by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.finding_examples.example import Exchange, FindingExample
from chatviz.chat.finding_examples.of_arguments import OF_ARGUMENTS
from chatviz.chat.finding_examples.of_bytes import OF_BYTES
from chatviz.chat.finding_examples.of_calls import OF_CALLS
from chatviz.chat.finding_examples.of_content import OF_CONTENT
from chatviz.chat.finding_examples.of_dialects import OF_DIALECTS
from chatviz.chat.finding_examples.of_endings import OF_ENDINGS
from chatviz.chat.finding_examples.of_events import OF_EVENTS
from chatviz.chat.finding_examples.of_identity import OF_IDENTITY
from chatviz.chat.finding_examples.of_ids import OF_IDS
from chatviz.chat.finding_examples.of_repetition import OF_REPETITION
from chatviz.chat.finding_examples.of_usage import OF_USAGE

__all__ = ["EXAMPLES", "Exchange", "FindingExample"]

EXAMPLES: Final[Mapping[str, FindingExample]] = {
    **OF_BYTES,
    **OF_IDENTITY,
    **OF_CONTENT,
    **OF_CALLS,
    **OF_IDS,
    **OF_ARGUMENTS,
    **OF_USAGE,
    **OF_ENDINGS,
    **OF_EVENTS,
    **OF_DIALECTS,
    **OF_REPETITION,
}
