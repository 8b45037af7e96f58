"""One way to read JSON from the wire: fast where it is strict, lenient where it must be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

__all__ = [
    "dump_json",
    "dump_sorted",
    "load_any_json",
    "load_json",
    "load_json_leniently",
    "slice_json",
]

MAX_DEPTH: Final = 400  # what nests deeper can be loaded, but neither compared nor written again


_decode: Final = msgspec.json.Decoder().decode
_write: Final = msgspec.json.Encoder().encode
_write_sorted: Final = msgspec.json.Encoder(order="sorted").encode
_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str).encode


def load_json(data: bytes) -> Any:
    """Read strict JSON; whole numbers of any length are exact.

    Raises
    ------
    ValueError
        The data is no strict JSON, or nests deeper than ``MAX_DEPTH``.
    """
    try:
        value = _decode(data)
    except RecursionError:
        raise ValueError("the JSON nests too deep") from None
    if len(data) > MAX_DEPTH and data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        _refuse_depth(value)
    return value


def load_json_leniently(data: bytes | str) -> Any:
    """Read what strict readers refuse but people send: NaN, lone surrogates, broken UTF-8.

    Raises
    ------
    ValueError
        The data is no JSON even so, or nests deeper than ``MAX_DEPTH``.
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("the JSON nests too deep") from None
    if text.count("{") + text.count("[") > MAX_DEPTH:
        _refuse_depth(value)
    return value


def load_any_json(data: bytes | str) -> Any:
    """Read strict JSON, or else what strict readers refuse.

    Raises
    ------
    ValueError
        As for ``load_json_leniently``.
    """
    try:
        return load_json(data.encode() if isinstance(data, str) else data)
    except ValueError:  # a lone surrogate, which cannot be encoded, too
        return load_json_leniently(data)


def dump_json(value: object) -> str:
    """Write a value that was read here as compact JSON text; anything that was read can be written.

    Numbers and strings keep their value, not always their spelling.
    """
    try:
        text = _write(value).decode()
    except (TypeError, ValueError, RecursionError):  # half a character, too
        return json.dumps(value, separators=(",", ":"), default=str)
    return _encode(value) if "null" in text else text  # msgspec writes NaN and the infinities so


def dump_sorted(value: object) -> bytes:
    """Write a value with its keys in order: equal values are the same bytes."""
    try:
        return _write_sorted(value)
    except (TypeError, ValueError, RecursionError):  # half a character, too
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr).encode()


def slice_json(data: bytes, path: Sequence[str | int], value: object) -> str:
    """Return the JSON text of a value in the spelling in which it was sent.

    Parameters
    ----------
    data : bytes
        The JSON text that the value was read from.
    path : sequence of str or int
        Where in that text the value is.
    value : object
        The decoded value: written anew where the text is JSON only leniently.
    """
    found = msgspec.Raw(data)
    try:
        for key in path:
            found = _SLICE_LIST(found)[key] if isinstance(key, int) else _SLICE_DICT(found)[key]
    except (ValueError, LookupError, RecursionError):  # of msgspec, too
        return dump_json(value)
    return bytes(found).decode("utf-8", "replace")


_SLICE_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode
_SLICE_DICT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _refuse_depth(value: Any) -> None:
    """Raise for a value that nests too deep; level by level, for it may be too deep to recurse."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner = [
            list(item.values()) if isinstance(item, dict) else item
            for item in level
            if isinstance(item, dict | list)
        ]
        if not inner:
            return
        level = [item for items in inner for item in items]
    raise ValueError("the JSON nests too deep")
