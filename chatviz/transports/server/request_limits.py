"""RequestLimits: what a request keeps to before it is looked at: its Host, its size, its time.

A page on the Internet can have its own name resolve to this machine, and then read what is served
there, as the browser takes it for the page's own server: so the name that was asked for is checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final

import anyio
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["HostGuard", "RequestLimits", "RequestRefused", "host_names", "is_loopback", "read_body"]

_EVERYWHERE: Final = ("", "0.0.0.0", "::")
_TYPES: Final = {
    400: "invalid_request",
    403: "forbidden",
    404: "not_found",
    408: "request_timeout",
    413: "request_too_large",
    421: "misdirected_request",
    501: "not_implemented",
    502: "bad_gateway",
}


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """What requests to a server have to keep to.

    Attributes
    ----------
    bound : str
        Where the server listens.
    hosts : frozenset of str
        Further names, in lower case, by which clients may ask for it.
    max_body_bytes : int
        The longest body that is read.
    timeout_s : float
        How long a client may take to send a request.
    owner : str
        The class whose options set these, for messages.
    """

    bound: str = "127.0.0.1"
    hosts: frozenset[str] = field(default_factory=frozenset)
    max_body_bytes: int = 64 * 2**20
    timeout_s: float = 60.0
    owner: str = "ReplayServer"

    def __post_init__(self) -> None:
        if not self.max_body_bytes > 0 or not self.timeout_s > 0:
            raise ValueError(
                "max_body_bytes and request_timeout_s should be above 0; found "
                f"{self.max_body_bytes!r} and {self.timeout_s!r}."
            )

    def allows_host(self, header: str) -> bool:
        """Say whether a Host header names this server: this machine, or where it listens.

        A server that listens everywhere may be asked for by any address, but not by any name.
        """
        name = _host_name(header)
        if name in ("localhost", self.bound.lower()) or name.endswith(".localhost"):
            return bool(name)
        if name in self.hosts:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or self.bound in _EVERYWHERE


class RequestRefused(Exception):
    """A request that is not looked at: the status it is answered with, and why."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        self.message = message
        super().__init__(message)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer it, and close the connection: what is still being sent is not read."""
        error = {"message": self.message, "type": _TYPES[self.status], "code": self.status}
        headers = {"x-should-retry": "false", "connection": "close"}
        # Where a client looks for the message differs: inside of the error, or beside it.
        body = json.dumps({"error": error, "message": self.message}, ensure_ascii=False)
        answer = Response(body, self.status, headers, "application/json")
        await answer(scope, receive, send)


class HostGuard:
    """An application whose requests all name it as their host; others are answered with 421."""

    def __init__(self, app: ASGIApp, limits: RequestLimits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        app: Any = self._app
        if not self._limits.allows_host(Headers(scope=scope).get("host", "")):
            app = RequestRefused(
                421,
                "the request names another host than this server. Ask for it by its address or as "
                "'localhost', or name the host: ReplayServer(…, allow_hosts=['…']).",
            )
        await app(scope, receive, send)


async def read_body(scope: Scope, receive: Receive, limits: RequestLimits) -> bytes:
    """Return the body of a request.

    Raises
    ------
    RequestRefused
        It is too long, or does not come in time. A little too much is read and thrown away, so
        that the client, which is still sending, gets to see the answer.
    ClientDisconnect
        The client has gone.
    """
    most = limits.max_body_bytes
    too_long = RequestRefused(
        413,
        f"the body has more than {most:,} bytes, the most that this server reads: "
        f"{limits.owner}(…, max_body_bytes=…) sets it.",
    )
    if _waits_to_send_more_than(most, Headers(scope=scope)):
        raise too_long
    parts: list[bytes] = []
    size, is_more = 0, True
    with anyio.move_on_after(limits.timeout_s) as deadline:
        while is_more and size <= 2 * most:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            is_more = message.get("more_body", False)
            if size > most:
                parts.clear()
    if deadline.cancelled_caught:
        raise RequestRefused(408, f"the request did not come within {limits.timeout_s:g} s.")
    if size > most:
        raise too_long
    return b"".join(parts)


def is_loopback(host: str) -> bool:
    """Say whether a server that listens at a host is reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def host_names(names: Iterable[str]) -> frozenset[str]:
    """Return names of hosts in the form in which they are compared."""
    return frozenset(filter(None, map(_host_name, names)))


def _host_name(header: str) -> str:
    """Return the name in a Host header, without its port: ``[::1]:8000`` is ``::1``."""
    name = header.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".") if name.count(":") < 2 else name


def _waits_to_send_more_than(most: int, headers: Headers) -> bool:
    """Say whether a client that asks first (curl does) is about to send too long a body."""
    length = headers.get("content-length", "")
    asks_first = headers.get("expect", "").lower() == "100-continue"
    return asks_first and length.isdecimal() and int(length[:20]) > most
