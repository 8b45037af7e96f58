"""JSON that repeats what was sent before: equal objects of long requests are held once."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec

from chatviz.wire.json_text import load_any_json, load_json

__all__ = ["HeldOnce", "load_repeated_json"]

_LONG: Final = 16_384  # bytes: what is shorter is held as often as it is sent


def _refuse(self: object, *_: object, **__: object) -> Any:
    raise TypeError(
        "this is part of a long request that several answers share: change a copy of it, "
        "copy.deepcopy(run.request)."
    )


class FrozenObject(dict[str, Any]):
    """An object that nobody can change; a deep copy, or what is unpickled, is a plain dict."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        return {key: deepcopy(value, memo) for key, value in self.items()}

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (list(self.items()),)


class FrozenList(list[Any]):
    """A list that nobody can change; a deep copy, or what is unpickled, is a plain list."""

    __slots__ = ()
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = extend = insert = pop = remove = clear = _refuse
    reverse = sort = _refuse

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Any]:
        return [deepcopy(item, memo) for item in self]

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (tuple(self),)


class HeldOnce(FrozenObject):
    """An object that several requests hold in a list of theirs.

    Attributes
    ----------
    reading : tuple or None
        What it was read as, kept by who read it.
    """

    __slots__ = ("__weakref__", "reading")

    def __init__(self, value: dict[str, Any]) -> None:
        super().__init__({key: _frozen(inner) for key, inner in value.items()})
        self.reading: tuple[Any, ...] | None = None


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return FrozenObject({key: _frozen(inner) for key, inner in value.items()})
    return FrozenList(map(_frozen, value)) if isinstance(value, list) else value


_HELD: Final[WeakValueDictionary[bytes, HeldOnce]] = WeakValueDictionary()
_SLICE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_SLICE_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


def load_repeated_json(data: bytes) -> Any:
    """Read JSON as ``load_any_json`` does; a long request's lists share their equal objects.

    A conversation of n steps repeats its first message n times: held once for each request, its
    history would need memory that grows with the square of its length. What is shared cannot be
    changed, so that no reader of one recording changes another's.

    Raises
    ------
    ValueError
        As for ``load_any_json``.
    """
    if len(data) >= _LONG:
        try:
            return {key: _load_value(bytes(text)) for key, text in _SLICE(data).items()}
        except (ValueError, RecursionError):  # no object, or not strict: the usual way says more
            pass
    return load_any_json(data)


def _load_value(text: bytes) -> Any:
    if not text.startswith(b"["):
        return _load_within(text, 1)
    return [_load_item(bytes(item)) for item in _SLICE_LIST(text)]


def _load_item(text: bytes) -> Any:
    held = _HELD.get(text)
    if held is not None:
        return held
    value = _load_within(text, 2)
    if value.__class__ is not dict:
        return value
    return _HELD.setdefault(text, HeldOnce(value))


def _load_within(text: bytes, depth: int) -> Any:
    """Read a part of a document, whose limit of depth counts from the document's start."""
    value = load_json(b"[" * depth + text + b"]" * depth)
    for _ in range(depth):
        value = value[0]
    return value
