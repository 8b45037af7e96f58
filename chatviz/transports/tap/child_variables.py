"""Which environment variables lead a child process's clients through a tap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from chatviz.dialects.hosts import FALLBACK_VARIABLES, KNOWN_SERVERS, KnownServer
from chatviz.transports.tap.routes import Route

__all__ = ["child_variables", "upstreams_of"]

_PROXIES: Final = ("HTTP_PROXY", "ALL_PROXY")


def child_variables(
    routes: Sequence[Route], url: str, environ: Mapping[str, str]
) -> dict[str, str]:
    """Return the base-URL variables for a child process.

    A variable that is set already says where its client means to go: it leads there through the
    tap if one of several routes does, and stays as it is if none does. A single upstream takes
    them all.

    Parameters
    ----------
    routes : sequence of Route
    url : str
        The tap's own address.
    environ : mapping of str to str
        What the child would inherit.
    """
    return {**_base_urls(routes, url, environ), **_past_proxies(environ)}


def _past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what keeps the way to the tap itself from going by a proxy, where there is one."""
    if not any(environ.get(name) for each in _PROXIES for name in (each, each.lower())):
        return {}
    return {
        name: ",".join(filter(None, (environ.get(name), "127.0.0.1,localhost")))
        for name in ("NO_PROXY", "no_proxy")
    }


def _base_urls(routes: Sequence[Route], url: str, environ: Mapping[str, str]) -> dict[str, str]:
    if len(routes) == 1 and not routes[0].prefix:
        (route,) = routes
        own = {} if route.server is None else route.server.variables
        if own:
            return {name: url + route.base_path(path) for name, path in own.items()}
        return dict.fromkeys(FALLBACK_VARIABLES, url + route.base_path())
    found: dict[str, str] = {}
    for route in routes:
        for name, path in ({} if route.server is None else route.server.variables).items():
            found.setdefault(name, url + route.base_path(path))
    for name in [*found, *FALLBACK_VARIABLES]:
        if target := environ.get(name):
            found.pop(name, None)
            target = _as_url(target)
            for route in routes:
                if target == route.url or target.startswith(f"{route.url}/"):
                    found[name] = url + route.prefix + target[len(route.url) :]
    return found


def upstreams_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return every server that is known, by name, and those that the environment names itself.

    Parameters
    ----------
    environ : mapping of str to str
        Its base-URL variables may lead to servers of one's own.
    """
    upstreams = {server.name: server.origin for server in KNOWN_SERVERS}
    for server, name in _variables():
        if target := environ.get(name):
            origin = _origin(_as_url(target))
            if origin not in upstreams.values():
                upstreams[f"my-{server.name}"] = origin
    return upstreams


def _variables() -> list[tuple[KnownServer, str]]:
    return [(server, name) for server in KNOWN_SERVERS for name in server.variables]


def _as_url(target: str) -> str:
    return (target if "://" in target else f"http://{target}").rstrip("/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
