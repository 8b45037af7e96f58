"""Which fields are known: of the events, of the answer, and of what is in a block.

The source is botocore's description of the API (``bedrock-runtime``, 2023-09-30). A field that
is here and is read nowhere describes how the server worked (traces, tiers, padding); whatever
is not here is kept and noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["ANSWER_FIELDS", "EVENT_FIELDS", "MESSAGE_FIELDS", "TOOL_USE_FIELDS"]

_PADDING: Final = "p"  # makes frames of other lengths than their text; in the recorded streams only
_OF_BLOCK: Final = ("contentBlockIndex", _PADDING)
_WORK: Final = ("metrics", "trace", "performanceConfig", "serviceTier")

EVENT_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "messageStart": frozenset(("role", _PADDING)),
    "contentBlockStart": frozenset(("start", *_OF_BLOCK)),
    "contentBlockDelta": frozenset(("delta", *_OF_BLOCK)),
    "contentBlockStop": frozenset(_OF_BLOCK),
    # What a model says beside its message, for the paths that the request asked for.
    "messageStop": frozenset(("stopReason", "additionalModelResponseFields", _PADDING)),
    "metadata": frozenset(("usage", *_WORK, _PADDING)),
    "initial-response": frozenset((_PADDING,)),  # opens an event stream, and holds nothing
}
ANSWER_FIELDS: Final = frozenset(
    ("output", "stopReason", "usage", "additionalModelResponseFields", *_WORK)
)
MESSAGE_FIELDS: Final = frozenset(("role", "content"))
TOOL_USE_FIELDS: Final = frozenset(("toolUseId", "name", "input", "type"))
