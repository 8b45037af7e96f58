"""What a tap does not pass on, and why: other hosts, browsers, upgrades, what AWS has signed.

This file opens no socket: it looks at the head of a request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from chatviz.dialects.hosts import UNSIGNED_KEY_VARIABLE
from chatviz.transports.server.request_limits import RequestLimits, RequestRefused
from chatviz.transports.tap.routes import Route

__all__ = ["check_is_for_tap", "check_may_pass", "refuse_unknown_path"]

# Java's client offers HTTP/2 so with every request, and goes on without where nobody takes it up.
_IGNORED_UPGRADES: Final = ("", "h2c")
_AWS_SIGNATURE: Final = re.compile(r"\s*AWS4-", re.IGNORECASE)
_AWS_SIGNED_QUERY: Final = re.compile(rb"(?:^|&)x-amz-(?:signature|algorithm)=", re.IGNORECASE)


def check_is_for_tap(scope: Scope, limits: RequestLimits) -> None:
    """Refuse what asks for another host than this one, or takes it for a forward proxy.

    A page on the Internet can have its own name resolve to this machine.

    Raises
    ------
    RequestRefused
    """
    if scope["method"] == "CONNECT" or not scope["raw_path"].startswith(b"/"):
        raise RequestRefused(
            400,
            "a tap is no forward proxy: give its address to the client as base URL, not as "
            "HTTP_PROXY or HTTPS_PROXY.",
        )
    if not limits.allows_host(Headers(scope=scope).get("host", "")):
        raise RequestRefused(
            421,
            "the request names another host than this tap. Ask for it as 127.0.0.1 or localhost.",
        )


def check_may_pass(scope: Scope, allow_origins: Sequence[str]) -> None:
    """Refuse what browsers send by themselves, and what cannot work through a proxy.

    Raises
    ------
    RequestRefused
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if "sec-fetch-site" in headers or origin is not None:
        _check_browser(origin, allow_origins)
    upgrades = {each.strip().lower() for each in headers.get("upgrade", "").split(",")}
    if upgrades - set(_IGNORED_UPGRADES):
        raise RequestRefused(
            501,
            "this asks to upgrade the connection (to a WebSocket, say), and a tap passes requests "
            "and answers of HTTP alone. Use the streaming API over HTTP, or the server's own URL.",
        )
    is_signed = _AWS_SIGNATURE.match(headers.get("authorization", ""))
    if is_signed or _AWS_SIGNED_QUERY.search(scope["query_string"]):
        raise RequestRefused(
            400,
            "this request is signed (AWS Signature Version 4), and the signature covers the host: "
            "upstream would refuse it, as it was made for the tap. Use a bearer key in its place: "
            f"set {UNSIGNED_KEY_VARIABLE} and remove the access keys, or record in the client by "
            "cv.RecordTransport.",
        )


def refuse_unknown_path(routes: Sequence[Route]) -> RequestRefused:
    """Return the refusal of a path that leads to no upstream."""
    known = ", ".join(f"{route.prefix}/" for route in routes)
    return RequestRefused(
        404,
        f"this path leads to no upstream: those of this tap begin with {known}. Put the tap's "
        "address and such a prefix where the client has the server's scheme and host.",
    )


def _check_browser(origin: str | None, allow_origins: Sequence[str]) -> None:
    if origin is None or origin.lower() not in allow_origins:
        shown = "a page" if origin is None else "this page's origin"
        raise RequestRefused(
            403,
            f"this comes from a browser, and {shown} may not use the tap: allow it by name, "
            "Tap(…, allow_origins=['http://localhost:3000']) or --allow-origin.",
        )
