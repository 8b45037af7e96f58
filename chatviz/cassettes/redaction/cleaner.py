"""Cleaner: takes the secrets out of each part of an interaction, and remembers where they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import (
    coding_of,
    decode_request,
    decode_response,
    decoded_pieces,
)
from chatviz.cassettes.redaction.finder import Finder
from chatviz.cassettes.redaction.framed import FramedBody
from chatviz.cassettes.redaction.masks import MASK, mask_spans, merge_spans, unify_masks
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.key_shapes import Span
from chatviz.wire.exchange import Headers, header

__all__ = ["Cleaner"]

_MOST_LISTED: Final = 50
_MASK: Final = MASK.decode()
_USER: Final = re.compile(r"(?<=//)[^/?#]*@")
_PARAMETER: Final = re.compile(r"(?<=[?&;#])([^&;=?#]+)=([^&;#]+)")
_IS_URL: Final = re.compile(r"(?i).*(?:ur[il]|href|location|referr?er)")


class Cleaner:
    """Take the secrets out of the parts of one interaction.

    Parameters
    ----------
    rules : RedactionRules
    secrets : iterable of str
        The values that the interaction itself shows to be secret, by the headers they are in.

    Attributes
    ----------
    removed : list of str
        The places where something was removed.
    """

    def __init__(self, rules: RedactionRules, secrets: Iterable[str]) -> None:
        self.removed: list[str] = []
        self._rules = rules
        self._finder = Finder(rules, secrets)

    def clean_request(self, request: RecordedRequest) -> RecordedRequest:
        """Clean a request."""
        kept = self._rules.request_headers
        request, fault = decode_request(request)
        if fault:
            self.removed.append(f"request.body was not searched: {fault}")
        return replace(
            request,
            method=self.clean_text(request.method, "request.method"),
            url=self.clean_url(request.url, "request.url"),
            headers=self._clean_headers(request.headers, kept, "request.headers"),
            body=self._clean_body(request.body, request.headers, "request.body"),
            form=self._clean_form(request.form),
            trailer=self._clean_headers(request.trailer, kept, "request.trailer"),
            host=self.clean_text(request.host, "request.host"),
            request_uri=self.clean_url(request.request_uri, "request.request_uri"),
            extra=self.clean_extra(request.extra, "request"),
        )

    def clean_response(self, response: RecordedResponse) -> RecordedResponse:
        """Clean a response, and what its stream spells out in fragments.

        A coded body in which something is found is kept decoded; others stay as they were sent.
        """
        kept, plain = self._rules.response_headers, self._decode(response)
        body = self._clean_body(plain.body, plain.headers, "response.body", streamed=True)
        if body == plain.body:
            plain, body = response, response.body
        return replace(
            plain,
            status_line=self.clean_text(response.status_line, "response.status"),
            headers=self._clean_headers(plain.headers, kept, "response.headers"),
            body=body,
            trailer=self._clean_headers(response.trailer, kept, "response.trailer"),
            extra=self.clean_extra(response.extra, "response"),
        )

    def _decode(self, response: RecordedResponse) -> RecordedResponse:
        """Return a response with its body decoded; where that cannot be, it is noted."""
        if not self._rules.scan_bodies or not coding_of(response):
            return response
        _, fault = decoded_pieces(response)
        if fault:
            self.removed.append(f"response.body was not searched: {fault}")
        return response if fault else decode_response(response)

    def _clean_headers(
        self, headers: Headers, kept: tuple[str, ...], place: str
    ) -> dict[str, tuple[str, ...]]:
        cleaned: dict[str, tuple[str, ...]] = {}
        for name, values in headers.items():
            at = f"{place}.{_show_name(name)}"
            if not _is_kept(name.lower(), kept):
                self.removed.append(at)
                continue
            clean = self.clean_url if name.lower() == "location" else self.clean_text
            cleaned[name] = tuple(clean(value, at) for value in values)
        return cleaned

    def clean_url(self, url: str, place: str) -> str:
        """Clean a URL: its user, its secret parameters, and keys anywhere in it."""

        def clean_parameter(match: re.Match[str]) -> str:
            name, value = match.groups()
            if value == _MASK or not self._rules.is_secret(unquote_plus(name)):
                return match[0]
            self.removed.append(f"{place}.query.{_show_name(name)}")
            return f"{name}={_MASK}"

        without_user = _USER.sub("", url, count=1)
        if without_user != url:
            self.removed.append(f"{place}.user")
        return self.clean_text(_PARAMETER.sub(clean_parameter, without_user), place)

    def _clean_form(self, form: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(self._clean_field(name, value, "request.form") for value in values)
            for name, values in form.items()
        }

    def clean_extra(
        self, extra: Mapping[YamlKey, YamlValue], place: str, *, held_by: str = ""
    ) -> dict[YamlKey, YamlValue]:
        """Clean values of any kind: the keys that the format does not know."""
        is_cookie = held_by.lower() == "cookies"  # secret, whatever its own name is
        named = "cookie" if is_cookie else _name_beside_value(extra)
        return {
            key: self._clean_value(
                value,
                named if named and key == "value" else str(key),
                f"{place}.{_show_name(str(key))}",
            )
            for key, value in extra.items()
        }

    def clean_text(self, text: str, place: str) -> str:
        """Clean a text."""
        data = text.encode("utf-8", "surrogatepass")
        cleaned = self.clean_bytes(data, place)
        return text if cleaned == data else cleaned.decode("utf-8", "surrogatepass")

    def _clean_body(
        self, body: bytes, headers: Headers, place: str, streamed: bool = False
    ) -> bytes:
        if not body or not self._rules.scan_bodies:
            return body
        content_type = header(headers, "content-type").lower()
        framed = FramedBody(body)
        if framed.text:
            spans = self._finder.find_in_body(framed.text, "", streamed=streamed)
            body = framed.with_text(self._mask(framed.text, spans, f"{place}, in its frames,"))
        spans = self._finder.find_in_body(
            body, content_type, streamed=streamed, payloads=framed.payloads
        )
        return framed.seal(self._mask(body, spans, place))

    def unify_body(self, body: bytes, content_type: str) -> bytes:
        """Return a body for comparing: every secret in it is the same one, masked or not."""
        return unify_masks(body, self._finder.find_in_body(body, content_type.lower()))

    def clean_bytes(self, data: bytes, place: str) -> bytes:
        """Clean bytes that are not a body."""
        return self._mask(data, self._finder.find(data), place)

    def _mask(self, data: bytes, spans: Iterable[Span], place: str) -> bytes:
        merged = merge_spans(data, spans)
        for span in merged[:_MOST_LISTED]:
            size = span.end - span.start
            self.removed.append(f"{place} at byte {span.start}, {size} bytes, {span.reason}")
        if len(merged) > _MOST_LISTED:
            self.removed.append(f"{place}, {len(merged) - _MOST_LISTED:,} times more")
        return mask_spans(data, merged) if merged else data

    def _clean_field(self, name: str, value: str, place: str) -> str:
        at = f"{place}.{_show_name(name)}"
        if value not in ("", _MASK) and self._rules.is_secret(name):
            self.removed.append(at)
            return _MASK
        return self.clean_url(value, at) if _IS_URL.fullmatch(name) else self.clean_text(value, at)

    def _clean_value(self, value: YamlValue, name: str, place: str) -> YamlValue:
        match value:
            case str():
                return self._clean_field(name, value, place.rpartition(".")[0])
            case bytes():
                return self.clean_bytes(value, place)
            case list():
                return [self._clean_value(item, name, place) for item in value]
            case dict():
                return self.clean_extra(value, place, held_by=name)
            case _:
                return value


def _name_beside_value(pair: Mapping[YamlKey, YamlValue]) -> str:
    """Return the name in a pair of name and value; ``""`` where it is none."""
    names = (pair.get(key) for key in ("name", "key") if "value" in pair)
    return next((name for name in names if isinstance(name, str)), "")


def _is_kept(name: str, kept: Iterable[str]) -> bool:
    return any(name.startswith(rule[:-1]) if rule.endswith("*") else name == rule for rule in kept)


def _show_name(name: str) -> str:
    """Return a name as it may be shown: a name is sent by others, too."""
    shown = re.sub(r"[^A-Za-z0-9_.-]", "?", name.lower())
    return shown if len(shown) <= 40 else shown[:39] + "…"
