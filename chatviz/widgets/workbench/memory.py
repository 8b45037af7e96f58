"""How much memory this process holds, as the system says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["resident_mb"]

_STATM: Final = Path("/proc/self/statm")  # proc(5): sizes in pages, the second is what is resident


def resident_mb() -> int | None:
    """Return the memory of this process in MB; None where the system does not say."""
    try:
        pages = int(_STATM.read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000
