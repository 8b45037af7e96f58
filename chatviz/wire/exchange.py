"""The heads of one HTTP exchange, as far as reading an answer needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

__all__ = ["Headers", "RequestHead", "ResponseHead", "header", "show_url"]

Headers = Mapping[str, Sequence[str]]


def header(headers: Headers, name: str) -> str:
    """Return the first value of a header, whatever the case of its name; '' where it is absent."""
    wanted = name.lower()
    for key, values in headers.items():
        if key.lower() == wanted and values:
            return values[0]
    return ""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What was asked.

    Attributes
    ----------
    method, url : str
        ``"POST"`` and the whole URL; both ``""`` where they are not known.
    headers : mapping of str to a sequence of str
    body : bytes
        The request's body as it was sent.
    """

    method: str = ""
    url: str = ""
    headers: Headers = field(default_factory=dict)
    body: bytes = b""

    @property
    def host(self) -> str:
        """The server in the URL (``"openrouter.ai"``), ``""`` where it is not known."""
        return _split(self.url)[0]

    @property
    def tells_place(self) -> bool:
        """Whether the URL says where it went: a recorder may have hidden it (``"REDACTED"``)."""
        return "/" in self.url

    @property
    def path(self) -> str:
        """The path of the URL (``"/api/v1/chat/completions"``), ``""`` where it is not known."""
        return _split(self.url)[1]


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """What was answered, before the body.

    Attributes
    ----------
    status : int
        The HTTP status, 200 where it is not known.
    headers : mapping of str to a sequence of str
    time_to_headers_s : float | None
        Seconds from the request sent to the response headers.
    time_source : str
        Whose clock that is: ``"measured"``, ``"recorder"`` or ``"none"``; ``"simulated"`` (and then
        no time) where the answer was played at a pace of our own.
    """

    status: int = 200
    headers: Headers = field(default_factory=dict)
    time_to_headers_s: float | None = None
    time_source: str = "none"

    @property
    def content_type(self) -> str:
        """The media type in lower case and without parameters, ``""`` where it is not known."""
        return header(self.headers, "content-type").partition(";")[0].strip().lower()


@lru_cache(maxsize=256)
def _split(url: str) -> tuple[str, str]:
    """Split a URL into host and path; a URL that cannot be split has neither."""
    try:
        parts = urlsplit(url)
        return (parts.hostname or "", parts.path)
    except ValueError:
        return ("", "")


def show_url(url: str) -> str:
    """Return a URL without user, query and fragment: any of them may hold a key."""
    try:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    except ValueError:
        return "(no URL)"
    return (place if len(place) <= 120 else place[:119] + "…") + ("?…" if parts.query else "")
