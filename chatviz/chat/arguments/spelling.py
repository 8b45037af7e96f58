"""Whether JSON texts hold the same value, however they are spelled."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from chatviz.wire.json_text import load_any_json

__all__ = ["hold_the_same", "read_value"]


def hold_the_same(texts: Iterable[str]) -> bool:
    """Whether texts are the same JSON object or array: spaces and the order of fields are free.

    No text at all is ``{}``, as for a call without arguments. Texts that are no JSON, or a single
    number or string, are the same only by their letters: they may be free text.
    """
    try:
        values = [read_value(text) for text in texts]
    except ValueError:
        return False
    return (
        all(isinstance(value, dict | list) for value in values)
        and len({json.dumps(value, sort_keys=True) for value in values}) == 1
    )


def read_value(text: str) -> Any:
    """Read a JSON text; no text at all is ``{}``.

    Raises
    ------
    ValueError
        It is no JSON, or nests too deep.
    """
    return load_any_json(text) if text.strip() else {}
