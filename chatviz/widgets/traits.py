"""Traits that a browser shares: what they hold is made of whole characters before it is sent.

One lone half of a character, in a stream or in a file's name, would stop the whole message.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

import traitlets

__all__ = ["make_well_formed", "shared"]

T = TypeVar("T", bound=traitlets.TraitType[Any, Any])


def shared(trait: T) -> T:
    """Share a trait with the browser."""
    trait.tag(sync=True, to_json=_to_json)
    return trait


def make_well_formed(value: Any) -> Any:
    """Return a JSON value with each lone half of a character replaced, as a browser does (U+FFFD).

    Parameters
    ----------
    value : object
        Texts, numbers, None, and lists, tuples and dicts of them; returned as it is where nothing
        is to be replaced.
    """
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return _replace(value)
    except (TypeError, ValueError):
        return value  # it holds what is no JSON, binary data say: not ours to change
    return value


def _to_json(value: Any, widget: object) -> Any:
    return make_well_formed(value)


def _replace(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_replace(key): _replace(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_replace(inner) for inner in value]
    return value
