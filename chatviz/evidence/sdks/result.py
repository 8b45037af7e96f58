"""What a reader returns: a dict with some of the keys that are listed here, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

__all__ = ["KEYS", "USAGE_KEYS", "check_result", "choices_read"]

CHOICE_KEYS: Final = ("text", "reasoning", "calls", "finish")
KEYS: Final = (*CHOICE_KEYS, "choices", "usage", "cost", "id", "seconds")
CALL_KEYS: Final = ("id", "name", "arguments")
USAGE_KEYS: Final = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "reasoning_tokens",
)


def check_result(result: object) -> dict[str, Any] | None:
    """Return what a reader returned, in plain values; None where it reads no such stream.

    Raises
    ------
    ValueError, TypeError
        It is no such dict; the message says what one looks like.
    """
    if result is None:
        return None
    whole = _mapping(result, "read()", KEYS)
    told: dict[str, Any] = {**_choice(whole), "id": _text(whole.get("id"), "id")}
    choices = _list(whole.get("choices"), "choices")
    if choices is not None:
        each = (_mapping(one, "each of 'choices'", CHOICE_KEYS) for one in choices)
        told["choices"] = [_choice(one) for one in each]
    usage = _mapping(whole.get("usage") or {}, "'usage'", USAGE_KEYS)
    told["usage"] = {key: _number(value, key) for key, value in usage.items() if value is not None}
    cost = whole.get("cost")
    told["cost"] = None if cost is None else str(_number(cost, "cost"))
    told["seconds"] = _number(whole["seconds"], "seconds") if whole.get("seconds") else None
    return told


def choices_read(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what was read of each choice: the first, which is the result itself, and others."""
    return [result, *(result.get("choices") or ())]


def _choice(whole: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        key: _text(whole.get(key), key) for key in ("text", "reasoning", "finish")
    }
    calls = _list(whole.get("calls"), "calls")
    return {**told, "calls": None if calls is None else [_call(one) for one in calls]}


def _list(value: object, name: str) -> list[object] | tuple[object, ...] | None:
    if value is None or isinstance(value, list | tuple):
        return value
    raise TypeError(f"wanted a list of dicts as {name!r}, found {type(value).__name__!r}.")


def _mapping(value: object, name: str, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(
            f"wanted from {name} a dict with some of the keys {', '.join(keys)}, "
            f"found {type(value).__name__!r}."
        )
    unknown = [str(key) for key in value if key not in keys]
    if unknown:
        raise ValueError(
            f"wanted from {name} a dict with some of the keys {', '.join(keys)}, "
            f"found the key {unknown[0]!r}, too."
        )
    return value


def _text(value: object, name: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"wanted text or None as {name!r}, found {type(value).__name__!r}.")


def _call(value: object) -> dict[str, str]:
    call = _mapping(value, "each of 'calls'", CALL_KEYS)
    arguments = call.get("arguments")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments)
    return {
        "id": _text(call.get("id"), "id") or "",
        "name": _text(call.get("name"), "name") or "",
        "arguments": arguments,
    }


def _number(value: object, name: str) -> float | int | str:
    if isinstance(value, Decimal | str) and name == "cost":
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise TypeError(f"wanted a number or None as {name!r}, found {type(value).__name__!r}.")
