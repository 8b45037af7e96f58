"""Cleaner: takes the secrets out of each part of an interaction, and remembers where they were."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import unquote_plus

from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.key_shapes import Span, find_keys, find_patterns
from chatviz.cassettes.redaction.masks import MASK, mask_spans, merge_spans
from chatviz.cassettes.redaction.rules import RedactionRules
from chatviz.cassettes.redaction.split_secrets import find_in_fragments
from chatviz.cassettes.redaction.values import find_values, spellings
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.wire.exchange import Headers, header

__all__ = ["Cleaner"]

_MOST_LISTED: Final = 50
_MASK: Final = MASK.decode()
_USER: Final = re.compile(r"(?<=//)[^/?#]*@")
_QUERY: Final = re.compile(r"(?<=\?)[^#]*")
_PARAMETER: Final = re.compile(r"([^&;=]+)=([^&;]+)")
_FORM_FIELD: Final = re.compile(rb"(?:\A|(?<=&))([^&=]+)=([^&]+)")


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
        self._carried = _spell(secrets)
        self._given = _spell(rules.secrets)

    def clean_request(self, request: RecordedRequest) -> RecordedRequest:
        """Clean a request."""
        kept = self._rules.request_headers
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
        """Clean a response, and what its stream spells out in fragments."""
        kept = self._rules.response_headers
        return replace(
            response,
            status_line=self.clean_text(response.status_line, "response.status"),
            headers=self._clean_headers(response.headers, kept, "response.headers"),
            body=self._clean_body(response.body, response.headers, "response.body", streamed=True),
            trailer=self._clean_headers(response.trailer, kept, "response.trailer"),
            extra=self.clean_extra(response.extra, "response"),
        )

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
        query = _QUERY.search(without_user)
        if query is None:
            return self.clean_text(without_user, place)
        cleaned = _PARAMETER.sub(clean_parameter, query[0])
        whole = without_user[: query.start()] + cleaned + without_user[query.end() :]
        return self.clean_text(whole, place)

    def _clean_form(self, form: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {
            name: tuple(self._clean_field(name, value, "request.form") for value in values)
            for name, values in form.items()
        }

    def clean_extra(
        self, extra: Mapping[YamlKey, YamlValue], place: str
    ) -> dict[YamlKey, YamlValue]:
        """Clean values of any kind: the keys that the format does not know."""
        return {
            name: self._clean_value(value, str(name), f"{place}.{_show_name(str(name))}")
            for name, value in extra.items()
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
        spans = list(self._find(body))
        if "x-www-form-urlencoded" in header(headers, "content-type").lower():
            spans += self._find_fields(body)
        if streamed:
            spans += find_in_fragments(body, self._find)
        return self._mask(body, spans, place)

    def clean_bytes(self, data: bytes, place: str) -> bytes:
        """Clean bytes that are not a body."""
        return self._mask(data, self._find(data), place)

    def _mask(self, data: bytes, spans: Iterable[Span], place: str) -> bytes:
        merged = merge_spans(data, spans)
        for span in merged[:_MOST_LISTED]:
            size = span.end - span.start
            self.removed.append(f"{place} at byte {span.start}, {size} bytes, {span.reason}")
        if len(merged) > _MOST_LISTED:
            self.removed.append(f"{place}, {len(merged) - _MOST_LISTED:,} times more")
        return mask_spans(data, merged) if merged else data

    def _find(self, data: bytes) -> Iterator[Span]:
        yield from find_values(data, self._carried, "the value of a secret header or parameter")
        yield from find_values(data, self._given, "a secret of yours")
        yield from find_keys(data, self._rules.shapes)
        yield from find_patterns(data, self._rules.patterns)

    def _find_fields(self, body: bytes) -> Iterator[Span]:
        for match in _FORM_FIELD.finditer(body):
            if self._rules.is_secret(unquote_plus(match[1].decode("utf-8", "replace"))):
                yield Span(*match.span(2), "a secret field of a form")

    def _clean_field(self, name: str, value: str, place: str) -> str:
        if not self._rules.is_secret(name) or value in ("", _MASK):
            return self.clean_text(value, f"{place}.{_show_name(name)}")
        self.removed.append(f"{place}.{_show_name(name)}")
        return _MASK

    def _clean_value(self, value: YamlValue, name: str, place: str) -> YamlValue:
        match value:
            case str():
                return self._clean_field(name, value, place.rpartition(".")[0])
            case bytes():
                return self.clean_bytes(value, place)
            case list():
                return [self._clean_value(item, name, place) for item in value]
            case dict():
                return self.clean_extra(value, place)
            case _:
                return value


def _spell(secrets: Iterable[str]) -> set[bytes]:
    return {spelling for secret in secrets if secret for spelling in spellings(secret)}


def _is_kept(name: str, kept: Iterable[str]) -> bool:
    return any(name.startswith(rule[:-1]) if rule.endswith("*") else name == rule for rule in kept)


def _show_name(name: str) -> str:
    """Return a name as it may be shown: a name is sent by others, too."""
    shown = re.sub(r"[^A-Za-z0-9_.-]", "?", name.lower())
    return shown if len(shown) <= 40 else shown[:39] + "…"
