"""The first twelve bytes of an AWS event stream frame, by which such a body is recognised."""

from __future__ import annotations

import zlib
from typing import Final

__all__ = ["AWS_CONTENT_TYPE", "begins_with_aws_frame"]

AWS_CONTENT_TYPE: Final = "application/vnd.amazon.eventstream"


def begins_with_aws_frame(data: bytes) -> bool:
    """Say whether data begins as a frame: its length, that of its headers, and the CRC of both."""
    if len(data) < _SMALLEST_FRAME:
        return False
    total, headers, crc = (int.from_bytes(data[start : start + 4]) for start in (0, 4, 8))
    return headers + _SMALLEST_FRAME <= total and zlib.crc32(data[:8]) == crc


_SMALLEST_FRAME: Final = 16  # the prelude of twelve bytes, and four for the CRC of the whole
