"""Typed look-ups in one JSON object: an error names the key and the place, not the value."""

from __future__ import annotations

import json
from typing import Any

from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.errors import CassetteFormatError, CassetteLimitError, CassetteSyntaxError

__all__ = ["JSONFields", "read_json"]


def read_json(data: bytes) -> Any:
    """Read a file that is one JSON value.

    Raises
    ------
    CassetteSyntaxError
        It is not valid JSON, or not UTF-8; with the line.
    CassetteLimitError
        It nests deeper than is read.
    """
    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CassetteSyntaxError(
            f"byte 0x{data[error.start]:02x} is not UTF-8. Save the file as UTF-8.",
            line=data.count(b"\n", 0, error.start) + 1,
        ) from None
    except json.JSONDecodeError as error:
        raise CassetteSyntaxError(
            f"this is not valid JSON: {error.msg}. Restore the file, or export it again.",
            line=error.lineno,
        ) from None
    except (RecursionError, ValueError):
        raise CassetteLimitError(
            "lists and maps are nested too deep, or a number has thousands of "
            "digits; no recorder writes that. Restore the file, or export it again."
        ) from None


class JSONFields:
    """The keys of one object, taken one by one; those not taken are extra.

    Parameters
    ----------
    value : object
        A JSON object; anything else is an error.
    place : str
        Where it is, for messages: ``"log.entries[0].request"``.
    """

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, dict):
            found = _KINDS[type(value)]
            raise CassetteFormatError(f"{place} should be a map, and is {found}. {REMEDY}")
        self._place = place
        self._entries = dict(value)

    def peek(self, name: str) -> Any:
        """Return a key's value, whatever it is, and leave it among the extra keys."""
        return self._entries.get(name)

    def text(self, name: str) -> str:
        """Return a key's text, ``""`` where it is absent or null."""
        value = self._entries.get(name)
        if value is not None and not isinstance(value, str):
            raise self.unfit(name, "text", value)
        self._entries.pop(name, None)
        return value or ""

    def binary(self, name: str) -> bytes:
        """Return a key's bytes: what YAML marks ``!!binary``, and JSON has not."""
        value = self._entries.pop(name)
        if not isinstance(value, bytes):
            raise self.unfit(name, "binary data", value)
        return value

    def required_text(self, name: str) -> str:
        """Return a key's text; an error where the key is absent."""
        self._require(name)
        return self.text(name)

    def required_integer(self, name: str) -> int:
        """Return a key's whole number; an error where the key is absent."""
        self._require(name)
        value = self._entries.pop(name)
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**63:
            raise self.unfit(name, "a whole number of 64 bits", value)
        return value

    def map_of(self, name: str) -> JSONFields:
        """Return the map under a key that must be there."""
        self._require(name)
        return JSONFields(self._entries.pop(name), f"{self._place}.{name}")

    def optional_map(self, name: str) -> JSONFields:
        """Return the map under a key, an empty one where it is absent or null."""
        return JSONFields(self._entries.pop(name, None) or {}, f"{self._place}.{name}")

    def items_of(self, name: str) -> list[Any]:
        """Return the list under a key, empty where it is absent or null."""
        value = self._entries.pop(name, None)
        if not isinstance(value, list | None):
            raise self.unfit(name, "a list", value)
        return value or []

    def maps_of(self, name: str) -> list[JSONFields]:
        """Return the list of maps under a key, empty where it is absent or null."""
        place = f"{self._place}.{name}"
        items = enumerate(self.items_of(name))
        return [JSONFields(item, f"{place}[{number}]") for number, item in items]

    def extra(self) -> dict[YamlKey, YamlValue]:
        """Return the keys that were not taken."""
        return dict(self._entries)

    def unfit(self, name: str, wanted: str, value: Any) -> CassetteFormatError:
        """Return the error for a value that is not what its key wants."""
        found = _KINDS[type(value)]
        return CassetteFormatError(
            f"{self._place}.{name} should be {wanted}, and is {found}. {REMEDY}"
        )

    def _require(self, name: str) -> None:
        if name not in self._entries:
            raise CassetteFormatError(f"{self._place} has no {name!r}. {REMEDY}")


REMEDY = "Correct it there, or export the archive again."
_KINDS: dict[type, str] = {
    type(None): "nothing",
    bool: "true or false",
    int: "a whole number",
    float: "a number with a fraction",
    str: "text",
    list: "a list",
    dict: "a map",
    bytes: "binary data",
}
