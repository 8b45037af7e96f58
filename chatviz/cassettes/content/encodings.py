"""Content codings undone piece by piece: gzip and deflate, and br and zstd where installed.

These decoders know bytes only: not whether a body is really coded, nor where it is kept.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable
from typing import Any, Final, Protocol

__all__ = ["MAX_DECODED_BYTES", "ContentDecoder", "codings_of", "decoder_for"]

MAX_DECODED_BYTES: Final = 256 * 1024 * 1024
"""How far a body is decoded: a few bytes can be made to unpack to far more than memory holds."""


class ContentDecoder(Protocol):
    """Undoes a content coding as the pieces of a body come."""

    def feed(self, data: bytes) -> bytes:
        """Take the next piece; return what it decodes to, which may be nothing yet.

        Raises
        ------
        ValueError
            The data is damaged, or decodes to more than is read; the message says which.
        """
        ...

    def close(self) -> bytes:
        """End the body; return the rest of it.

        Raises
        ------
        ValueError
            The data ends too early.
        """
        ...


def decoder_for(content_encoding: str) -> ContentDecoder:
    """Return a decoder for the value of a ``content-encoding`` header.

    Parameters
    ----------
    content_encoding : str
        ``"gzip"``, ``"deflate"``, ``"br"``, ``"zstd"``, ``"identity"``, ``""``, or several of
        them with commas, in the order in which they were applied.

    Raises
    ------
    ValueError
        A coding is not known, or its library is not installed; the message names it.
    """
    return _Chain([_Stage(coding) for coding in reversed(codings_of(content_encoding))])


def codings_of(content_encoding: str) -> tuple[str, ...]:
    """Return the codings of a header in lower case, without those that change nothing."""
    names = (name.strip().lower() for name in content_encoding.split(","))
    return tuple(name for name in names if name not in ("", "identity"))


class _Chain:
    """Undoes several codings, the last one that was applied first."""

    def __init__(self, stages: list[_Stage]) -> None:
        self._stages = stages

    def feed(self, data: bytes) -> bytes:
        for stage in self._stages:
            data = stage.feed(data)
        return data

    def close(self) -> bytes:
        data = b""
        for stage in self._stages:
            data = stage.feed(data) + stage.close()
        return data


class _Stage:
    """Undoes one coding; a body may hold several members (gzip) or frames (zstd), one by one."""

    def __init__(self, coding: str) -> None:
        if coding not in _CODECS:
            raise ValueError(f"the content coding {coding[:40]!r} is not known")
        self._coding = coding
        self._codec = _CODECS[coding]()
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        # In slices, so that the size is checked before much more than allowed is unpacked.
        starts = range(0, len(data), _SLICE)
        return b"".join(self._decode(data[start : start + _SLICE]) for start in starts)

    def close(self) -> bytes:
        if not self._codec.eof:
            raise ValueError(f"the {self._coding} data ends too early")
        return b""

    def _decode(self, data: bytes) -> bytes:
        decoded = b""
        while data:
            if self._codec.eof:
                self._begin_another()
            try:
                decoded += self._codec.decompress(data)
            except self._codec.damage:
                raise ValueError(f"the {self._coding} data is damaged") from None
            data = self._codec.unused_data
        self._size += len(decoded)
        if self._size > MAX_DECODED_BYTES:
            raise ValueError(f"the {self._coding} data unpacks to over {MAX_DECODED_BYTES:,} bytes")
        return decoded

    def _begin_another(self) -> None:
        if not self._codec.repeats:
            raise ValueError(f"the {self._coding} data goes on after its end")
        self._codec = _CODECS[self._coding]()


class _Codec(Protocol):
    """One member of a coding; the bytes after its end are ``unused_data``."""

    damage: type[Exception]
    repeats: bool

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes) -> bytes: ...


class _Gzip:
    damage: type[Exception] = zlib.error
    repeats = True

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes) -> bytes:
        return self._inner.decompress(data)


class _Deflate:
    """RFC 9110 means zlib's format by this name; some servers send the bare deflate data."""

    damage: type[Exception] = zlib.error
    repeats = False

    def __init__(self) -> None:
        self._head = b""
        self._inner = zlib.decompressobj(15)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes) -> bytes:
        if len(self._head) >= 2:
            return self._inner.decompress(data)
        self._head += data
        if len(self._head) < 2:
            return b""
        first, second = self._head[:2]
        # RFC 1950: the method is 8, and the two bytes are a multiple of 31.
        if first & 15 != 8 or (first * 256 + second) % 31:
            self._inner = zlib.decompressobj(-15)
        return self._inner.decompress(self._head)


class _Brotli:
    repeats = False
    unused_data = b""  # the library reports bytes after the end as damage

    def __init__(self) -> None:
        library = _import("br", "brotli", "brotlicffi")
        self.damage: type[Exception] = library.error
        self._inner = library.Decompressor()

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())

    def decompress(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data))


class _Zstandard:
    repeats = True

    def __init__(self) -> None:
        library = _import("zstd", "zstandard")
        self.damage: type[Exception] = library.ZstdError
        self._inner = library.ZstdDecompressor().decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes) -> bytes:
        return bytes(self._inner.decompress(data))


def _import(coding: str, *names: str) -> Any:
    """Import the first library that is there: none of them is needed for anything else."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ValueError(f"the content coding {coding!r} needs a library: pip install {names[0]}")


_SLICE: Final = 16 * 1024
_CODECS: Final[dict[str, Callable[[], _Codec]]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}
