"""Where a request to a server on this machine would have gone: the recorded host and path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit, urlunsplit

from chatviz.cassettes.cassette import Interaction, RecordedRequest

__all__ = ["keep_here", "restore_place"]


def restore_place(
    request: RecordedRequest, interactions: Sequence[Interaction]
) -> list[RecordedRequest]:
    """Return a request as its client would have sent it to the recorded server.

    Scheme and host are taken from the recording. The asked path is the recorded one, or its end
    from a slash on: for ``/api/v1/chat/completions`` a client may ask ``/chat/completions``.

    Parameters
    ----------
    request : RecordedRequest
    interactions : sequence of Interaction

    Returns
    -------
    list of RecordedRequest
        One for each recorded place that it may mean, those with the same path first; empty where
        there is none.
    """
    asked = urlsplit(request.url)
    places = dict.fromkeys(_place(interaction.request.url) for interaction in interactions)
    meant = [place for place in places if place[0] and _is_end_of(place[2], asked.path)]
    meant.sort(key=lambda place: len(place[2]))
    return [replace(request, url=urlunsplit((*place, asked.query, ""))) for place in meant]


def keep_here(location: str, interactions: Sequence[Interaction]) -> str:
    """Return where a recorded redirect leads on this server.

    It is the path alone where the recording holds answers of the host that it names: with the whole
    URL a client would leave the recording, and ask the real host.
    """
    leads_to = _place(location)
    known = any(_place(interaction.request.url)[:2] == leads_to[:2] for interaction in interactions)
    if not leads_to[1] or not known:
        return location
    return urlunsplit(("", "", leads_to[2] or "/", *urlsplit(location)[3:]))


def _place(url: str) -> tuple[str, str, str]:
    """Return scheme, host and path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ("", "", url)
    return parts.scheme, parts.netloc, parts.path


def _is_end_of(path: str, asked: str) -> bool:
    path, asked = unquote(path) or "/", unquote(asked) or "/"
    return path == asked or (asked != "/" and asked.startswith("/") and path.endswith(asked))
