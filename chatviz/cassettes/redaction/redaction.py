"""Which secrets are removed before anything is written: headers, parameters, and keys in bodies.

No function changes the values that it is given; each returns cleaned copies. Bodies keep their
length, so that the places of their pieces hold; a compressed one that holds a secret is kept plain.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import METADATA_KEY, RecordingMetadata
from chatviz.cassettes.redaction.cleaner import Cleaner
from chatviz.cassettes.redaction.rules import DEFAULT_RULES, RedactionRules
from chatviz.cassettes.redaction.values import header_secrets, url_secrets

__all__ = [
    "DEFAULT_RULES",
    "RedactionRules",
    "redact",
    "redact_cassette",
    "redact_request",
    "secrets_of",
]


def redact(
    interaction: Interaction, *, rules: RedactionRules = DEFAULT_RULES
) -> tuple[Interaction, tuple[str, ...]]:
    """Return an interaction without its secrets, and the places where they were.

    Parameters
    ----------
    interaction : Interaction
        It is not changed.
    rules : RedactionRules

    Returns
    -------
    Interaction
        Its bodies are as long as before; a compressed one that holds a secret is decoded.
        `response.metadata.removed` names the places, too.
    tuple of str
        ``"request.headers.authorization"``, ``"response.body at byte 120, 51 bytes, key shape
        'xAI'"``, ``"response.body was not searched: …"`` where it cannot be decoded: never the
        values.
    """
    request, response = interaction.request, interaction.response
    found = [*secrets_of(request, rules), *header_secrets(response.headers)]
    cleaner = Cleaner(rules, found)
    request = cleaner.clean_request(request)
    response = cleaner.clean_response(response)
    extra = cleaner.clean_extra(interaction.extra, "extra")
    removed = tuple(dict.fromkeys(cleaner.removed))
    cleaned = replace(interaction, request=request, response=_note(response, removed), extra=extra)
    return cleaned, removed


def redact_cassette(
    cassette: Cassette,
    *,
    rules: RedactionRules = DEFAULT_RULES,
    interactions: Collection[int] | None = None,
) -> tuple[Cassette, tuple[str, ...]]:
    """Return a cassette without its secrets, and the places where they were.

    Parameters
    ----------
    cassette : Cassette
        It is not changed.
    rules : RedactionRules
    interactions : collection of int or None
        The places of those that are kept; by default all.

    Returns
    -------
    Cassette
        It has no path: it is not the file that it came from.
    tuple of str
        ``"interaction 0: request.headers.authorization"``: never the values.
    """
    cleaner = Cleaner(rules, ())
    extra = cleaner.clean_extra(cassette.extra, "extra")
    removed, kept = list(cleaner.removed), []
    for number, interaction in enumerate(cassette.interactions):
        if interactions is not None and number not in interactions:
            continue
        cleaned, places = redact(interaction, rules=rules)
        kept.append(cleaned)
        removed += [f"interaction {number}: {place}" for place in places]
    return replace(cassette, interactions=tuple(kept), extra=extra, path=None), tuple(removed)


def redact_request(
    request: RecordedRequest, *, rules: RedactionRules = DEFAULT_RULES
) -> RecordedRequest:
    """Return a request without its secrets: what a recording of it would hold."""
    return Cleaner(rules, secrets_of(request, rules)).clean_request(request)


def secrets_of(request: RecordedRequest, rules: RedactionRules) -> list[str]:
    """Return the secrets that a request carries in its headers and its URL."""
    urls = (request.url, request.request_uri)
    carried = [secret for url in urls for secret in url_secrets(url, rules.is_secret)]
    return [*carried, *header_secrets(request.headers)]


def _note(response: RecordedResponse, removed: tuple[str, ...]) -> RecordedResponse:
    """Note what was removed beside the answer, after what was removed before."""
    if not removed or (response.metadata is None and METADATA_KEY in response.extra):
        return response
    metadata = response.metadata or RecordingMetadata()
    all_removed = tuple(dict.fromkeys([*metadata.removed, *removed]))
    return replace(response, metadata=replace(metadata, removed=all_removed))
