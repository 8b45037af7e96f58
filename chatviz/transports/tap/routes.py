"""Routes: which server a path of the tap leads to.

This file opens no connection: it is told what was asked for, and says where that goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from chatviz.dialects.hosts import KNOWN_SERVERS, KnownServer, find_known_server

__all__ = ["Route", "Upstreams", "find_route", "make_routes"]

Upstreams: TypeAlias = str | Mapping[str, str] | Iterable[str] | None

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]*")
_BY_NAME: Final = {server.name: server for server in KNOWN_SERVERS}


@dataclass(frozen=True, slots=True)
class Route:
    """One upstream of a tap.

    Attributes
    ----------
    name : str
        How it is called: a known name, or its host.
    prefix : str
        What its paths begin with at the tap: ``"/openai"``; ``""`` where all paths are its own.
    url : str
        What stands in place of the prefix upstream, without a slash at the end.
    server : KnownServer | None
        What is known of it.
    """

    name: str
    prefix: str
    url: str
    server: KnownServer | None = None

    @property
    def origin(self) -> str:
        """Scheme and host: ``"https://api.openai.com"``."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The path of its URL, ``""`` where it has none."""
        return urlsplit(self.url).path

    def base_path(self, expected: str | None = None) -> str:
        """Return the path at the tap that a client takes for its base URL.

        Parameters
        ----------
        expected : str | None
            The path that the client expects behind scheme and host; by default what is usual for
            the server. A path that is part of the route's own URL is not said twice.
        """
        usual = "" if self.server is None else self.server.api_path
        wanted = usual if expected is None else expected
        own = self.path
        return self.prefix + (wanted.removeprefix(own) if wanted.startswith(own) else "")


def make_routes(upstreams: Upstreams) -> tuple[Route, ...]:
    """Return the routes of a tap.

    Parameters
    ----------
    upstreams : str, mapping of str to str, iterable of str, or None
        As for ``Tap``.

    Raises
    ------
    ValueError
        A name is not known, or what should be a URL is none; the message says what is wanted.
    """
    if isinstance(upstreams, str):
        return (_make_route("", upstreams),)
    if upstreams is None:
        upstreams = tuple(_BY_NAME)
    named = upstreams if isinstance(upstreams, Mapping) else {name: name for name in upstreams}
    if not named:
        raise ValueError(f"a tap needs an upstream: a URL, or names of {', '.join(_BY_NAME)}.")
    return tuple(_make_route(name, url) for name, url in named.items())


def find_route(routes: Iterable[Route], path: str) -> Route | None:
    """Return where a path leads; None where no prefix is its beginning."""
    for route in routes:
        if not route.prefix or path == route.prefix or path.startswith(f"{route.prefix}/"):
            return route
    return None


def _make_route(name: str, url: str) -> Route:
    server = _BY_NAME.get(url)
    if server is not None:
        url = server.origin
    parts = urlsplit(url)
    try:
        is_url = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(_say_wanted(parts.netloc))
    if name and not _NAME.fullmatch(name):
        raise ValueError(
            f"{name!r} cannot be the beginning of a path: use small letters, digits, '-', '_', '.'."
        )
    server = server or find_known_server(f"{parts.scheme}://{parts.netloc}")
    return Route(
        name=name or (server.name if server else parts.netloc),
        prefix=f"/{name}" if name else "",
        url=url.rstrip("/"),
        server=server,
    )


def _say_wanted(netloc: str) -> str:
    found = "one with a user or key in it" if "@" in netloc else "something else"
    return (
        f"an upstream should be a known name ({', '.join(_BY_NAME)}) or a URL without user, query "
        f"and fragment, as in 'https://api.example.com', where there are several each with a name "
        f"(mine=http://127.0.0.1:8000; in Python {{'mine': 'http://127.0.0.1:8000'}}); "
        f"found {found}."
    )
