"""Forwarder: sends upstream what came in, and nothing else; returns the answer, unread."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable, Iterator
from typing import Any, Final

import httpx

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.transports.clients.library import AnyTransport
from chatviz.transports.tap.routes import Route

__all__ = ["Forwarder", "answer_headers", "recorded_request", "request_headers", "say_no_answer"]

RawHeaders = Iterable[tuple[bytes, bytes]]

# Of one connection, not of the message; "expect" was answered where the body was read.
_HOP_BY_HOP: Final = frozenset(
    b"connection expect http2-settings keep-alive proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
_CONNECT_S: Final = 30.0
_KEPT: Final = 100  # connections that nothing passes through


class Forwarder:
    """Sends requests as a plain client of httpx does: proxies honoured, certificates verified.

    Nothing is added, no redirect is followed, and an answer may take as long as it takes: the
    client knows when it gives up.

    Parameters
    ----------
    inner : transport of httpx | None
        What sends, in place of a plain client.
    """

    def __init__(self, inner: AnyTransport | None = None) -> None:
        given: Any = inner
        self._client = httpx.AsyncClient(
            transport=given,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=_KEPT),
        )

    async def send(self, route: Route, asked: RecordedRequest, headers: RawHeaders) -> Any:
        """Return the response to a request; its stream is not read.

        Raises
        ------
        httpx.RequestError
            There is none.
        """
        request = httpx.Request(
            asked.method,
            route.origin,
            headers=list(headers),
            content=asked.body or None,
            extensions={"timeout": {"connect": _CONNECT_S}},
        )
        request.url = _ExactURL(route.origin, asked.url[len(route.origin) :].encode("latin-1"))
        return await self._client.send(request, stream=True, auth=None, follow_redirects=False)

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


class _ExactURL(httpx.URL):
    """A URL whose path and query are sent to the byte: httpx would quote them anew."""

    def __init__(self, origin: str, target: bytes) -> None:
        super().__init__(origin)
        self._text = origin + target.decode("latin-1")
        self._target = target

    @property
    def raw_path(self) -> bytes:
        """What the request's first line names."""
        return self._target

    def __str__(self) -> str:
        """Return the whole of it, which is what a recorder in place of a plain client keeps."""
        return self._text


def passed_on(raw: RawHeaders) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers that are not of the connection itself."""
    raw = list(raw)
    named = {
        each.strip().lower()
        for name, value in raw
        if name.lower() == b"connection"
        for each in value.split(b",")
    }
    dropped = _HOP_BY_HOP | named
    return ((name.lower(), value) for name, value in raw if name.lower() not in dropped)


def request_headers(raw: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return the headers of a request as they go upstream, whose host is another."""
    return [(name, value) for name, value in passed_on(raw) if name != b"host"]


def answer_headers(raw: RawHeaders) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer as they go to the client."""
    return list(passed_on(raw))


def recorded_request(
    route: Route, method: str, target: str, headers: RawHeaders, body: bytes
) -> RecordedRequest:
    """Return a request as a recording keeps it: as if it had been sent to the upstream itself.

    Parameters
    ----------
    route : Route
    method : str
    target : str
        Path and query at the tap.
    headers : pairs of bytes
    body : bytes
    """
    lists: dict[str, tuple[str, ...]] = {}
    for raw_name, value in headers:
        name = raw_name.decode("latin-1")
        lists[name] = (*lists.get(name, ()), value.decode("latin-1"))
    return RecordedRequest(
        method=method,
        url=route.url + target[len(route.prefix) :],
        headers=lists,
        body=body,
        proto="HTTP/1.1",
        proto_major=1,
        proto_minor=1,
        content_length=len(body),
        host=route.origin.partition("://")[2],
    )


def say_no_answer(error: BaseException) -> str:
    """Say why there is no answer, without a word that was sent or that holds a key."""
    kind = type(error).__name__
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"no answer: {kind}: its certificate is not accepted ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.strerror:
            known = cause.errno is not None and cause.errno > 0
            told = os.strerror(cause.errno or 0) if known else cause.strerror
            return f"no answer: {kind}: {told}"
        cause = cause.__cause__ or cause.__context__
    return f"no answer: {kind}"
