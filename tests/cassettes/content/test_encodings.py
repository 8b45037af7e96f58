"""Content codings undone, however the body is cut; damage is told."""

from __future__ import annotations

import gzip
import importlib
import random
import sys
import types
import zlib
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.content import encodings
from chatviz.cassettes.content.encodings import DecodingLimit, codings_of, decoder_for

TEXT = b"".join(b'data: {"number": %d}\n\n' % number for number in range(400))


def raw_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


def decode(data: bytes, coding: str, size: int = 10**9) -> bytes:
    decoder = decoder_for(coding)
    starts = range(0, len(data), size)
    return b"".join(decoder.feed(data[start : start + size]) for start in starts) + decoder.close()


CODED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "X-GZip": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "gzip, deflate": zlib.compress(gzip.compress(TEXT)),
}


@pytest.mark.parametrize("size", [1, 7, 10**9])
@pytest.mark.parametrize("coding", CODED)
def test_a_coding_is_undone_however_the_body_is_cut(coding: str, size: int) -> None:
    assert decode(CODED[coding], coding, size) == TEXT


@pytest.mark.parametrize("size", [1, 7, 10**9])
def test_bare_deflate_data_is_read_as_deflate(size: int) -> None:
    """Some servers send deflate without zlib's two bytes around it."""
    assert decode(raw_deflate(TEXT), "deflate", size) == TEXT


@pytest.mark.parametrize("size", [1, 7, 10**9])
def test_several_gzip_members_are_one_body(size: int) -> None:
    assert decode(gzip.compress(TEXT) + gzip.compress(b"more"), "gzip", size) == TEXT + b"more"


def test_what_has_come_is_given_out_at_once() -> None:
    coder = zlib.compressobj(wbits=31)
    first = coder.compress(b"data: 1\n\n") + coder.flush(zlib.Z_SYNC_FLUSH)
    assert decoder_for("gzip").feed(first) == b"data: 1\n\n"


@pytest.mark.parametrize("size", [1, 7, 10**9])
@pytest.mark.parametrize(
    ("data", "coding", "reason"),
    [
        (gzip.compress(TEXT)[:-3], "gzip", "gzip data ends too early"),
        (zlib.compress(TEXT)[:1], "deflate", "deflate data ends too early"),
        (b"", "gzip", "ends too early"),
        (b"\x1f\x8b\x08rubbish in place of data", "gzip", "gzip data is damaged"),
        (b"no gzip at all", "gzip", "gzip data is damaged"),
        (gzip.compress(TEXT) + b"behind", "gzip", "damaged"),
        (zlib.compress(TEXT) + b"behind", "deflate", "deflate data goes on after its end"),
    ],
)
def test_damage_is_told(data: bytes, coding: str, reason: str, size: int) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(data, coding, size)


def test_a_coding_that_is_not_known_is_named() -> None:
    with pytest.raises(ValueError, match="'compress' is not known"):
        decoder_for("compress")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 1_000_000)
    with pytest.raises(ValueError, match="unpacks to over 1,000,000 bytes"):
        decode(gzip.compress(bytes(30_000_000)), "gzip")


def test_codings_are_taken_apart() -> None:
    assert codings_of(" GZIP , identity,, br") == ("gzip", "br")
    assert codings_of("") == ()


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "gzip, deflate"]))
def test_no_data_raises_anything_else(data: bytes, coding: str) -> None:
    try:
        decode(data, coding, 13)
    except ValueError as error:
        assert str(error)


class FakeBrotli:
    """Stands for the library: a coded body is its reverse behind ``br``, ``.`` at its end."""

    error = type("BrotliError", (Exception,), {})

    class Decompressor:
        def __init__(self) -> None:
            self._done = False

        def process(self, data: bytes) -> bytes:
            if b"!" in data:
                raise FakeBrotli.error("!")
            self._done = data.endswith(b".")
            return data.removesuffix(b".")

        def is_finished(self) -> bool:
            return self._done


@pytest.mark.parametrize("name", ["brotli", "brotlicffi"])
def test_br_is_undone_by_either_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in ("brotli", "brotlicffi"):
        monkeypatch.setitem(sys.modules, other, None)  # as if it were not installed
    monkeypatch.setitem(sys.modules, name, FakeBrotli)  # type: ignore[arg-type]
    assert decode(b"text.", "br") == b"text"
    for data, reason in ((b"a!", "br data is damaged"), (b"text", "br data ends too early")):
        with pytest.raises(ValueError, match=reason):
            decode(data, "br")
    with pytest.raises(ValueError, match="br data goes on after its end"):
        decode(b"text.x", "br", 5)


def test_real_brotli_is_undone_where_it_is_installed() -> None:
    brotli = pytest.importorskip("brotli", reason="brotli is not installed")
    noise = random.Random(0).randbytes(40_000)
    for size in (1, 7, 10**9):
        assert decode(brotli.compress(TEXT + noise), "br", size) == TEXT + noise
    with pytest.raises(ValueError, match="br data is damaged"):
        decode(brotli.compress(TEXT)[:20] + bytes(60), "br")


def test_real_zstd_is_undone_where_it_is_installed() -> None:
    zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
    coded = zstandard.compress(TEXT) + zstandard.compress(random.Random(0).randbytes(40_000))
    for size in (1, 7, 10**9):
        assert decode(coded, "zstd", size) == TEXT + random.Random(0).randbytes(40_000)
    with pytest.raises(ValueError, match="zstd data is damaged"):
        decode(zstandard.compress(TEXT)[:6] + b"\xff" * 60, "zstd")
    with pytest.raises(ValueError, match="zstd data ends too early"):
        decode(zstandard.compress(TEXT)[:-3], "zstd")


@pytest.mark.parametrize("is_stepwise", [True, False])
def test_a_bomb_of_brotli_is_not_unpacked(
    is_stepwise: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few hundred bytes stand for 64 MB: each step gives out little, and the steps end early."""
    brotli = pytest.importorskip("brotli", reason="brotli is not installed")
    bomb = brotli.compress(bytes(64_000_000))
    assert len(bomb) < 1_000
    if not is_stepwise:
        monkeypatch.setattr(brotli, "Decompressor", partial(OldBrotli, brotli.Decompressor))
    assert_ends_early(bomb, "br", monkeypatch)


class OldBrotli:
    """The library before version 1.2, which could not be asked for a piece at a time."""

    def __init__(self, made: Any) -> None:
        self._inner = made()
        self.is_finished = self._inner.is_finished

    def process(self, data: bytes) -> bytes:
        return bytes(self._inner.process(data))


def test_a_bomb_of_zstd_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    zstandard = pytest.importorskip("zstandard", reason="zstandard is not installed")
    assert_ends_early(zstandard.compress(bytes(64_000_000)), "zstd", monkeypatch)


def assert_ends_early(bomb: bytes, coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 1_000_000)
    taken: list[int] = []
    take = DecodingLimit.take

    def note(limit: DecodingLimit, size: int, coding: str) -> None:
        taken.append(size)
        take(limit, size, coding)

    monkeypatch.setattr(DecodingLimit, "take", note)
    with pytest.raises(ValueError, match=f"{coding} data unpacks to over 1,000,000 bytes"):
        decode(bomb, coding)
    assert sum(taken) < 20_000_000


def test_the_bodies_of_a_file_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encodings, "MAX_DECODED_BYTES", 1_000)
    limit = DecodingLimit()
    coded = gzip.compress(bytes(400))
    for _ in range(2):
        assert decoder_for("gzip", limit).feed(coded) == bytes(400)
    with pytest.raises(ValueError, match="over 1,000 bytes, alone or with what was unpacked of"):
        decoder_for("gzip", limit).feed(coded)


def test_zstd_is_undone_where_its_library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """zstandard's decompressor has zlib's interface, so zlib stands in for it."""
    library = types.ModuleType("zstandard")
    library.ZstdError = zlib.error  # type: ignore[attr-defined]
    library.ZstdDecompressor = (  # type: ignore[attr-defined]
        lambda max_window_size: types.SimpleNamespace(decompressobj=zlib.decompressobj)
    )
    monkeypatch.setitem(sys.modules, "zstandard", library)
    assert decode(zlib.compress(TEXT) + zlib.compress(b"more"), "zstd", 7) == TEXT + b"more"
    with pytest.raises(ValueError, match="zstd data is damaged"):
        decode(b"rubbish", "zstd")


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "brotlicffi", "zstandard"):
        monkeypatch.setitem(sys.modules, name, None)
    assert importlib.util.find_spec("zlib")
    with pytest.raises(ValueError, match="'br' needs a library: pip install brotli"):
        decoder_for("br")
    with pytest.raises(ValueError, match="'zstd' needs a library: pip install zstandard"):
        decoder_for("zstd")
