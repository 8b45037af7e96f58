"""The kinds of findings that no server causes: what happened to an answer while it was recorded.

Their examples are files: a recording shows them, not the bytes of an answer.
"""

from __future__ import annotations

from typing import Final

from chatviz.chat.findings.kinds import FindingKind

__all__ = ["RECORDING_KINDS"]

RECORDING_KINDS: Final = {
    kind.code: kind
    for kind in (
        FindingKind(
            "body_not_decoded",
            "error",
            "The body could not be decoded, and is shown as it was recorded: {text}.",
        ),
        FindingKind(
            "recording_not_read",
            "error",
            "The recording of this answer could not be read whole: {text}.",
        ),
        FindingKind(
            "recording_cut_short",
            "warning",
            "The recording of this answer was cut short: {text}.",
        ),
        FindingKind(
            "recording_notes_unfit",
            "warning",
            "The metadata in the recording (x-chatviz) does not fit, and is not used: {text}.",
        ),
    )
}
