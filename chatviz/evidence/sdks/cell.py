"""SDKCell: what one library made of one answer."""

from __future__ import annotations

from dataclasses import dataclass

from chatviz.evidence.sdks.reading import Reading
from chatviz.evidence.sdks.sdk import SDK

__all__ = ["SDKCell"]


@dataclass(frozen=True, slots=True)
class SDKCell:
    """What one library made of one answer.

    Attributes
    ----------
    run : int
        The answer's number in ``matrix.runs``.
    sdk : SDK
        The library: its ``name`` and ``versions``.
    reading : Reading
        ``verdict``, ``differences``, ``error``, ``message``, ``seconds``, ``result``.
    """

    run: int
    sdk: SDK
    reading: Reading

    @property
    def verdict(self) -> str:
        """What came of it, as of ``reading``."""
        return self.reading.verdict

    @property
    def differs(self) -> tuple[str, ...]:
        """What differs, each kind once, the gravest first; of an error its name."""
        if self.verdict == "raises":
            return (self.reading.error,)
        return tuple(dict.fromkeys(one.kind for one in self.reading.differences))
