"""The only file that knows httpx from httpx2: an answer is made in the library that asked."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import cache
from http import HTTPStatus
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

from chatviz.cassettes.cassette import RecordedRequest, RecordedResponse
from chatviz.given_values import check_fits

if TYPE_CHECKING:
    import httpx
    import httpx2

    Request: TypeAlias = httpx.Request | httpx2.Request
    # Of the library that asked; no type says "the one that goes with the argument" to both clients.
    Response: TypeAlias = Any
    AnyTransport: TypeAlias = (
        httpx.BaseTransport
        | httpx.AsyncBaseTransport
        | httpx2.BaseTransport
        | httpx2.AsyncBaseTransport
    )
else:
    Request = Response = AnyTransport = object

__all__ = [
    "AnyTransport",
    "Body",
    "Library",
    "Request",
    "Response",
    "Transport",
    "check_async_transport",
    "check_transport",
    "read_head",
    "read_request",
]


class Body(Protocol):
    """What a response's stream runs on: pieces, sync or async, and an early end."""

    def __iter__(self) -> Iterator[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def close(self) -> None:
        """Stop at once."""
        ...

    async def aclose(self) -> None:
        """Stop at once."""
        ...


class Library:
    """httpx or httpx2: whichever one a request or a transport comes from.

    Raises
    ------
    TypeError
        The value comes from neither.
    """

    def __init__(self, value: object) -> None:
        name = library_name(value)
        if not name:
            raise TypeError(f"wanted a request of httpx or httpx2, found {type(value)!r}.")
        self.name = name
        self.module = sys.modules[name]

    def respond(
        self,
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        body: Body,
        extensions: dict[str, Any],
    ) -> Response:
        """Return a response of this library, whose stream is both kinds that its clients assert."""
        stream = _stream_class(self.module)(body)
        return self.module.Response(
            status, headers=list(headers), stream=stream, extensions=extensions
        )

    def error(self, kind: str, message: str, request: Request) -> Exception:
        """Return one of the library's own errors, as its own transport would raise it."""
        error: Exception = getattr(self.module, kind)(message, request=request)
        return error

    def method_of(self, transport: object, method: str, *, named: str) -> Any:
        """Return what of a transport answers a client of this library.

        Parameters
        ----------
        transport : transport
        method : str
            ``"handle_request"`` or ``"handle_async_request"``.
        named : str
            The argument that it was given as, for messages.

        Raises
        ------
        TypeError
            It belongs to the other library, or is not of the colour that is asked for.
        """
        given, home = f"{named}={type(transport).__name__}", library_name(transport)
        if home and home != self.name:
            raise TypeError(
                f"the client asks with {self.name}, and {given} is of {home}: give a transport of "
                f"{self.name}."
            )
        found = getattr(transport, method, None)
        if found is None:
            kind = "an async" if "async" in method else "a sync"
            raise TypeError(
                f"{kind} client asks, and {given} has no {method}: give {kind} transport of "
                f"{self.name}."
            )
        return found


class _TransportMethods:
    """A transport of any client, sync and async: what their base classes do, without being one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    def close(self) -> None:
        """Let go of what is held."""

    async def aclose(self) -> None:
        """Let go of what is held."""


if TYPE_CHECKING:

    class Transport(  # type: ignore[misc]  # the libraries' own __enter__ differ in form alone
        _TransportMethods,
        httpx.BaseTransport,
        httpx.AsyncBaseTransport,
        httpx2.BaseTransport,
        httpx2.AsyncBaseTransport,
    ):
        """To a type checker a transport of both libraries; at run time a subclass of neither."""

else:
    Transport = _TransportMethods


def read_request(request: Request) -> RecordedRequest:
    """Return a request, whose body is loaded, as a recording keeps it."""
    body = request.content
    return RecordedRequest(
        method=request.method,
        url=str(request.url),
        headers=_header_lists(request.headers.raw),
        body=body,
        proto="HTTP/1.1",
        proto_major=1,
        proto_minor=1,
        content_length=len(body),
        host=request.url.netloc.decode("ascii", "replace"),
    )


def read_head(response: Response) -> RecordedResponse:
    """Return a response as a recording keeps it, without its body and its times."""
    version: str = response.http_version
    major, _, minor = version.rpartition("/")[2].partition(".")
    minor = minor or "0"
    headers = _header_lists(response.headers.raw)
    length = response.headers.get("content-length", "")
    return RecordedResponse(
        status=response.status_code,
        status_line=f"{response.status_code} {_reason(response)}".strip(),
        headers=headers,
        proto=f"HTTP/{major}.{minor}",  # HTTP/2.0, as Go has it
        proto_major=int(major) if major.isdecimal() else 0,
        proto_minor=int(minor) if minor.isdecimal() else 0,
        content_length=int(length) if length.isdecimal() else -1,
    )


def check_transport(given: object, named: str) -> None:
    """Raise a TypeError where what was given can send for no client, sync or async.

    A client is not one, nor is the class of a transport.
    """
    can_send = hasattr(given, "handle_request") or hasattr(given, "handle_async_request")
    is_fit = given is None or (can_send and not isinstance(given, type))
    advice = f"{named}=httpx.HTTPTransport(…), or AsyncHTTPTransport(…) where an async client asks"
    check_fits(is_fit, f"a transport as {named}", given, advice)


def check_async_transport(given: object, named: str) -> None:
    """Raise a TypeError where what was given cannot send for an async client."""
    check_transport(given, named)
    is_fit = given is None or hasattr(given, "handle_async_request")
    advice = f"{named}=httpx.AsyncHTTPTransport(…)"
    check_fits(is_fit, f"an async transport as {named}", given, advice)


def library_name(value: object) -> str:
    """Return ``"httpx"`` or ``"httpx2"``, the home of a value's class or of a class above it."""
    homes = (base.__module__.partition(".")[0] for base in type(value).__mro__)
    return next((home for home in homes if home in ("httpx", "httpx2")), "")


@cache
def _stream_class(module: ModuleType) -> Any:
    """Return the class whose streams pass for a library's own."""

    class Stream(module.SyncByteStream, module.AsyncByteStream):  # type: ignore[misc,name-defined]
        def __init__(self, body: Body) -> None:
            self._body = body

        def __iter__(self) -> Iterator[bytes]:
            return iter(self._body)

        def __aiter__(self) -> AsyncIterator[bytes]:
            return aiter(self._body)

        def close(self) -> None:
            self._body.close()

        async def aclose(self) -> None:
            await self._body.aclose()

    return Stream


def _header_lists(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, tuple[str, ...]]:
    """Return headers as lists, under the first spelling of each name."""
    spelling: dict[bytes, str] = {}
    lists: dict[str, tuple[str, ...]] = {}
    for name, value in raw:
        known = spelling.setdefault(name.lower(), name.decode("latin-1"))
        lists[known] = (*lists.get(known, ()), value.decode("latin-1"))
    return lists


def _reason(response: Response) -> str:
    """Return the words of the status; HTTP/2 sends none, so the usual ones then."""
    sent: str = response.reason_phrase
    if sent:
        return sent
    try:
        return HTTPStatus(response.status_code).phrase
    except ValueError:
        return ""
