"""Makes a client of any SDK that runs on httpx or httpx2 with a transport of ours in it.

How a class takes a transport is read off its signature: ``transport`` (httpx itself),
``http_client`` (the SDKs of OpenAI, Anthropic, Groq and their like; LangChain takes both kinds),
``http_options`` (google-genai).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any, Final, TypeVar

__all__ = ["NO_KEY", "Client", "make_client", "make_http_client"]

Client = TypeVar("Client")

NO_KEY: Final = "chatviz-replays-and-needs-no-key"
"""The key of a client whose requests reach nobody."""


def make_client(
    make: Callable[..., Client],
    transport: Any,
    options: Mapping[str, Any],
    *,
    needs_key: bool,
) -> Client:
    """Return a client that asks through a transport.

    Parameters
    ----------
    make : class or callable
        ``httpx.Client``, ``openai.AsyncOpenAI``, ``google.genai.Client`` …
    transport : RecordTransport or ReplayTransport
    options : mapping of str to object
        What the class is called with besides.
    needs_key : bool
        Whether the client may find a key of its own, in its environment; if not, it is given one
        that is none.

    Raises
    ------
    TypeError
        The class takes no transport that is known.
    """
    parameters = _parameters(make)
    given = dict(options)
    if "api_key" in parameters and not needs_key:
        given.setdefault("api_key", NO_KEY)
    if "http_options" in parameters:
        return make(**given | {"http_options": _http_options(given.get("http_options"), transport)})
    if names := [name for name in ("http_client", "http_async_client") if name in parameters]:
        clients = {name: _http_client(make, parameters[name], transport) for name in names}
        return make(**clients | given)
    if "transport" in parameters:
        return make(**given, transport=transport)
    raise TypeError(
        f"{getattr(make, '__name__', type(make).__name__)!r} takes no transport: it has none of "
        "the parameters transport, http_client and http_options. Hand it a client of your own, "
        "httpx.Client(transport=…), or let it ask a server: give it a base URL."
    )


def make_http_client(library: str, transport: Any, *, is_async: bool = False) -> Any:
    """Return a client of an HTTP library itself that asks through a transport.

    Parameters
    ----------
    library : str
        ``"httpx"`` or ``"httpx2"``.
    transport : RecordTransport or ReplayTransport
    is_async : bool
        Whether it is an ``AsyncClient``.

    Raises
    ------
    ImportError
        The library is not installed.
    """
    module = _library(library == "httpx2")
    kind = module.AsyncClient if is_async else module.Client
    return kind(transport=transport)


def _parameters(make: Callable[..., object]) -> Mapping[str, Parameter]:
    try:
        return signature(make).parameters
    except ValueError:  # of a class that is written in C
        return {}


def _http_client(make: Callable[..., object], parameter: Parameter, transport: Any) -> object:
    """Return a client of the HTTP library that an SDK runs on, with the SDK's own settings."""
    wanted = str(parameter.annotation)
    is_async = "Async" in wanted or "async" in parameter.name
    own_name = "DefaultAsyncHttpxClient" if is_async else "DefaultHttpxClient"
    for base in getattr(make, "__mro__", ()):
        package = sys.modules.get(base.__module__.partition(".")[0])
        if (own := getattr(package, own_name, None)) is not None:
            client: object = own(transport=transport)
            return client
    name = "httpx2" if "httpx2" in wanted else "httpx"
    client = make_http_client(name, transport, is_async=is_async)
    return client


def _library(is_newer: bool) -> Any:
    if is_newer:
        import httpx2

        return httpx2
    import httpx

    return httpx


def _http_options(given: Any, transport: Any) -> dict[str, Any]:
    """Return google-genai's options for HTTP, with the transport for both kinds of clients."""
    if given is None:
        options: dict[str, Any] = {}
    else:
        options = dict(given) if isinstance(given, Mapping) else given.model_dump(exclude_none=True)
    for name in ("client_args", "async_client_args"):
        options[name] = {**options.get(name, {}), "transport": transport}
    return options
