"""One small example for each kind of finding: read by the docs and the tests, by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import Exchange, FindingExample
from finding_examples.of_arguments import OF_ARGUMENTS
from finding_examples.of_bytes import OF_BYTES
from finding_examples.of_calls import OF_CALLS
from finding_examples.of_content import OF_CONTENT
from finding_examples.of_dialects import OF_DIALECTS
from finding_examples.of_endings import OF_ENDINGS
from finding_examples.of_events import OF_EVENTS
from finding_examples.of_identity import OF_IDENTITY
from finding_examples.of_ids import OF_IDS
from finding_examples.of_pace import OF_PACE
from finding_examples.of_recordings import OF_RECORDINGS
from finding_examples.of_repetition import OF_REPETITION
from finding_examples.of_usage import OF_USAGE

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
    **OF_PACE,
    **OF_RECORDINGS,
}
