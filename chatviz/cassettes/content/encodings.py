"""Content codings undone piece by piece: gzip and deflate, and br and zstd where installed.

These decoders know bytes only: not whether a body is really coded, nor where it is kept.
"""

from __future__ import annotations

import importlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Protocol

from chatviz.given_values import short_repr

__all__ = ["MAX_DECODED_BYTES", "ContentDecoder", "DecodingLimit", "codings_of", "decoder_for"]

MAX_DECODED_BYTES: Final = 256 * 1024 * 1024
"""How far the bodies of one file are decoded, together: a few bytes can be made to unpack to far
more than memory holds."""


class DecodingLimit:
    """Counts what the bodies of one file are decoded to, and ends it where that is too much."""

    def __init__(self) -> None:
        self._size = MAX_DECODED_BYTES
        self._left = MAX_DECODED_BYTES

    def take(self, size: int, coding: str) -> None:
        """Count decoded bytes, kept or not.

        Raises
        ------
        ValueError
            They are more than may still be decoded.
        """
        self._left -= size
        if self._left < 0:
            raise ValueError(
                f"the {coding} data unpacks to over {self._size:,} bytes, "
                "alone or with what was unpacked of the file before it"
            )


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


def decoder_for(content_encoding: str, limit: DecodingLimit | None = None) -> ContentDecoder:
    """Return a decoder for the value of a ``content-encoding`` header.

    Parameters
    ----------
    content_encoding : str
        ``"gzip"``, ``"deflate"``, ``"br"``, ``"zstd"``, ``"identity"``, ``""``, or several of
        them with commas, in the order in which they were applied.
    limit : DecodingLimit | None
        That of the file; None where the body is alone.

    Raises
    ------
    ValueError
        A coding is not known, or its library is not installed; the message names it.
    """
    limit = limit or DecodingLimit()
    return _Chain(
        [_CodingStage(coding, limit) for coding in reversed(codings_of(content_encoding))]
    )


def codings_of(content_encoding: str) -> tuple[str, ...]:
    """Return the codings of a header in lower case, without those that change nothing."""
    names = (name.strip().lower() for name in content_encoding.split(","))
    return tuple(name for name in names if name not in ("", "identity"))


class _Chain:
    """Undoes several codings, the last one that was applied first."""

    def __init__(self, stages: list[_CodingStage]) -> None:
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


class _CodingStage:
    """Undoes one coding; a body may hold several members (gzip) or frames (zstd), one by one."""

    def __init__(self, coding: str, limit: DecodingLimit) -> None:
        if coding not in _CODECS:
            raise ValueError(f"the content coding {short_repr(coding)} is not known")
        self._coding = coding
        self._codec = _CODECS[coding]()
        self._limit = limit

    def feed(self, data: bytes) -> bytes:
        # In slices, so that the size is checked before much more than allowed is unpacked.
        size = self._codec.slice_size
        starts = range(0, len(data), size)
        return b"".join(
            piece for start in starts for piece in self._decode(data[start : start + size])
        )

    def close(self) -> bytes:
        if not self._codec.eof:
            raise ValueError(f"the {self._coding} data ends too early")
        return b""

    def _decode(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._codec.eof:
                self._begin_another()
            try:
                for piece in self._codec.decompress(data):
                    self._limit.take(len(piece), self._coding)
                    yield piece
            except self._codec.damage:
                raise ValueError(f"the {self._coding} data is damaged") from None
            data = self._codec.unused_data

    def _begin_another(self) -> None:
        if not self._codec.repeats:
            raise ValueError(f"the {self._coding} data goes on after its end")
        self._codec = _CODECS[self._coding]()


class _Codec(Protocol):
    """One member of a coding; the bytes after its end are ``unused_data``."""

    damage: type[Exception]
    repeats: bool
    slice_size: int  # of so many bytes, what they decode to at most is still small: 16 MB

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes) -> Iterable[bytes]: ...


class _Gzip:
    damage: type[Exception] = zlib.error
    repeats = True
    slice_size = 16 * 1024  # deflate packs 1,032 bytes into one at most

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes) -> Iterable[bytes]:
        return (self._inner.decompress(data),)


class _Deflate:
    """RFC 9110 means zlib's format by this name; some servers send the bare deflate data."""

    damage: type[Exception] = zlib.error
    repeats = False
    slice_size = _Gzip.slice_size

    def __init__(self) -> None:
        self._head = b""
        self._inner = zlib.decompressobj(15)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes) -> Iterable[bytes]:
        if len(self._head) >= 2:
            return (self._inner.decompress(data),)
        self._head += data
        if len(self._head) < 2:
            return ()
        first, second = self._head[:2]
        # RFC 1950: the method is 8, and the two bytes are a multiple of 31.
        if first & 15 != 8 or (first * 256 + second) % 31:
            self._inner = zlib.decompressobj(-15)
        return (self._inner.decompress(self._head),)


class _Brotli:
    """Nothing bounds what brotli's bytes decode to: the library is asked for a piece at a time."""

    repeats = False
    unused_data = b""  # the library reports bytes after the end as damage

    def __init__(self) -> None:
        library = _import("br", "brotli", "brotlicffi")
        self.damage: type[Exception] = library.error
        self._inner = library.Decompressor()
        # Before version 1.2 it gives out all that its input holds: at most 16 MB for a byte or two.
        self._is_stepwise = hasattr(self._inner, "can_accept_more_data")
        self.slice_size = _Gzip.slice_size if self._is_stepwise else 1

    @property
    def eof(self) -> bool:
        return bool(self._inner.is_finished())

    def decompress(self, data: bytes) -> Iterable[bytes]:
        if not self._is_stepwise:
            yield self._inner.process(data)
            return
        yield self._inner.process(data, output_buffer_limit=_STEP)
        while not self._inner.can_accept_more_data():
            yield self._inner.process(b"", output_buffer_limit=_STEP)


class _Zstandard:
    repeats = True
    slice_size = 512  # a block of four bytes can stand for 128 kB

    def __init__(self) -> None:
        library = _import("zstd", "zstandard")
        self.damage: type[Exception] = library.ZstdError
        decompressor = library.ZstdDecompressor(max_window_size=_MAX_ZSTD_WINDOW)
        self._inner = decompressor.decompressobj()

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data)

    def decompress(self, data: bytes) -> Iterable[bytes]:
        return (self._inner.decompress(data),)


def _import(coding: str, *names: str) -> Any:
    """Import the first library that is there: none of them is needed for anything else."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise ValueError(f"the content coding {coding!r} needs a library: pip install {names[0]}")


_STEP: Final = 1024 * 1024
_MAX_ZSTD_WINDOW: Final = 8 * 1024 * 1024  # RFC 9659: what a content coding may ask for
_CODECS: Final[dict[str, Callable[[], _Codec]]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
    "zstd": _Zstandard,
}
