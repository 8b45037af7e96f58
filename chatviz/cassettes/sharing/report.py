"""ShareReport: what was replaced, what stays, and whether the stream is still the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ShareCheck", "ShareReport"]


@dataclass(frozen=True, slots=True)
class ShareCheck:
    """One thing that was held against the recording as it was.

    Attributes
    ----------
    name : str
        What has to be so: ``"usage is the same"``.
    fault : str
        Where it is not, ``""`` where it holds. Never a text of the recording.
    """

    name: str
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is so."""
        return not self.fault


@dataclass(frozen=True, slots=True)
class ShareReport:
    """What became of a recording that is to be shared.

    Attributes
    ----------
    path : str | None
        The file that was written; None where nothing was.
    changed : mapping of str to int
        How many of each kind were replaced: ``{"texts": 120, "ids": 14}``. Texts
        that are the same count once, ids wherever they stand.
    removed : tuple of str
        The places of secrets, as `redact_cassette` names them.
    left : tuple of str
        What stays though it may tell something, and what could not be searched.
    checks : tuple of ShareCheck
    """

    path: str | None
    changed: Mapping[str, int]
    removed: tuple[str, ...]
    left: tuple[str, ...]
    checks: tuple[ShareCheck, ...]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)

    def __str__(self) -> str:
        changed = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self.changed.items()))
        lines = [f"replaced: {changed or 'nothing'}", f"secrets removed: {len(self.removed):,}"]
        lines += [f"left: {each}" for each in self.left]
        lines += [
            f"{'holds' if check.holds else 'FAILS'}: {check.name}"
            + ("" if check.holds else f" ({check.fault})")
            for check in self.checks
        ]
        return "\n".join(lines)
