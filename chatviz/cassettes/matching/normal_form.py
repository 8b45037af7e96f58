"""A request in normal form, as it is compared: no secrets, equal things written alike."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlsplit

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.cassettes.content.decoding import decode_request
from chatviz.cassettes.matching.json_paths import PathStep, remove_paths
from chatviz.cassettes.matching.tool_ids import normalise_tool_ids
from chatviz.cassettes.redaction.cleaner import Cleaner
from chatviz.cassettes.redaction.masks import unify_masks
from chatviz.cassettes.redaction.redaction import RedactionRules, secrets_of
from chatviz.wire.exchange import header
from chatviz.wire.json_text import dump_sorted, load_json, load_json_leniently

__all__ = ["BodyKind", "Destination", "NormalForm", "Preparation"]

BodyKind = Literal["json", "form", "bytes"]

_DEEPEST: Final = 100
"""JSON that is nested deeper is compared by its bytes."""

_PORTS: Final = {"http": ":80", "https": ":443"}
_ESCAPE: Final = re.compile("%([0-9A-Fa-f]{2})")
_PLAIN: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@"
)
_BOUNDARY: Final = re.compile(r'boundary="?([^";,\s]+)')


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes, in normal form."""

    host: str
    path: str
    query: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NormalForm:
    """A request in the form in which it is compared.

    Attributes
    ----------
    method : str
    places : tuple of Destination
        Where it goes, twice: without any secrets, and with those kept that are secret only because
        the request's own headers carry them. A client of a replay may use any word as its key, and
        that word may be part of a URL or a body by chance.
    kind : str
        How the body was read.
    bodies : tuple of bytes
        JSON and forms in normal form (as JSON), other bodies as they are; twice, like ``places``.
    """

    method: str
    places: tuple[Destination, Destination]
    kind: BodyKind
    bodies: tuple[bytes, bytes]

    # Of the recorded request the first is compared: what it carried was removed from it.

    def goes_to(self, recorded: NormalForm) -> bool:
        """Say whether a recorded request went to the same place."""
        return recorded.places[0] in self.places

    def has_body_of(self, recorded: NormalForm) -> bool:
        """Say whether a recorded request had the same body."""
        return recorded.kind == self.kind and recorded.bodies[0] in self.bodies

    def matches(self, recorded: NormalForm) -> bool:
        """Say whether a recorded request is the same."""
        return (
            self.method == recorded.method and self.goes_to(recorded) and self.has_body_of(recorded)
        )

    @property
    def value(self) -> Any:
        """The body as a JSON value."""
        return _load(self.bodies[0])


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is done to both requests before they are compared.

    Attributes
    ----------
    ignore : tuple
        Paths into the JSON body that are cut out.
    normalise_ids : bool
        Tool-call ids are replaced by their order of appearance.
    any_host : bool
        Scheme and host are not compared.
    rules : RedactionRules
        Which secrets are removed.
    """

    ignore: tuple[tuple[PathStep, ...], ...]
    normalise_ids: bool
    any_host: bool
    rules: RedactionRules

    def prepare(self, request: RecordedRequest) -> NormalForm:
        """Bring a request into the form in which it is compared."""
        request, _ = decode_request(request)
        kind, body = self._read_body(request)
        secrets = secrets_of(request, self.rules)
        content_type = header(request.headers, "content-type") if kind == "bytes" else ""
        place, cleaned = self._clean(request.url, body, secrets, content_type)
        other_place, other_body = (
            self._clean(request.url, body, [], content_type) if secrets else (place, cleaned)
        )
        method = request.method.upper()
        return NormalForm(method, (place, other_place), kind, (cleaned, other_body))

    def _clean(
        self, url: str, body: bytes, secrets: list[str], content_type: str
    ) -> tuple[Destination, bytes]:
        """Take the secrets out, and give all masks one length: another key may be longer."""
        cleaner = Cleaner(self.rules, secrets)
        text = unify_masks(cleaner.clean_url(url, "").encode("utf-8", "replace")).decode()
        place = _read_place(text, self.rules, self.any_host)
        return place, cleaner.unify_body(body, content_type)

    def _read_body(self, request: RecordedRequest) -> tuple[BodyKind, bytes]:
        content_type = header(request.headers, "content-type")
        if "x-www-form-urlencoded" in content_type.lower():
            return "form", dump_sorted(self._read_form(request.body))
        try:
            value = _load(request.body)
        except ValueError:
            return "bytes", _without_boundary(request.body, content_type)
        if _is_deeper(value, _DEEPEST):
            return "bytes", request.body
        if self.normalise_ids:
            normalise_tool_ids(value)
        return "json", dump_sorted(remove_paths(_unify_numbers(value), self.ignore))

    def _read_form(self, body: bytes) -> dict[str, list[str]]:
        """Read a form; its secret fields are not compared."""
        form: dict[str, list[str]] = {}
        for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
            if not self.rules.is_secret(name):
                form.setdefault(name, []).append(value)
        remove_paths(form, self.ignore)
        return form


def _read_place(url: str, rules: RedactionRules, any_host: bool) -> Destination:
    """Take a URL apart; its secret parameters are not compared."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return Destination("", url, ())
    scheme = parts.scheme.lower()
    host = f"{scheme}://{parts.netloc.lower().removesuffix(_PORTS.get(scheme, ''))}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = tuple(sorted((name, value) for name, value in pairs if not rules.is_secret(name)))
    return Destination("" if any_host else host, _ESCAPE.sub(_unescape, parts.path) or "/", query)


def _unescape(match: re.Match[str]) -> str:
    """Undo an escape that a path does not need: clients do not agree on which these are."""
    character = chr(int(match[1], 16))
    return character if character in _PLAIN else match[0].upper()


def _without_boundary(body: bytes, content_type: str) -> bytes:
    """Return a multipart body with a fixed boundary: clients make up a new one each time."""
    match = _BOUNDARY.search(content_type)
    return body.replace(match[1].encode(), b"boundary") if match else body


def _load(body: bytes) -> Any:
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return load_json(body)
    except ValueError:
        return load_json_leniently(body)


def _is_deeper(value: Any, levels: int) -> bool:
    level = [value]
    for _ in range(levels):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


def _unify_numbers(value: Any) -> Any:
    """Return JSON in which 1.0 is 1, since Go writes the one and Python the other."""
    if isinstance(value, dict):
        return {name: _unify_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unify_numbers(item) for item in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        return int(value) if value.is_integer() else value
    return value
