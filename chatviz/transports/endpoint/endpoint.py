"""Endpoint: where chat requests are sent, and with which key; the only place that holds a key."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from copy import copy
from math import inf
from typing import TYPE_CHECKING, Any, Self

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.storage import load_cassette
from chatviz.dialects import find_writable_dialect
from chatviz.dialects.hosts import find_host
from chatviz.errors import EndpointError
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.modes import MODE_VARIABLE, Mode
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.clients.upstream import Upstream
from chatviz.transports.endpoint.api_key import ApiKey
from chatviz.transports.endpoint.certificates import certificates
from chatviz.transports.endpoint.endpoint_exchange import (
    EndpointExchange,
    KeptOpen,
    check_base_url,
    check_extra_body,
    check_settings,
)
from chatviz.transports.endpoint.named_endpoints import NamedEndpoints
from chatviz.transports.endpoint.own_headers import OwnHeaders, OwnQuery, Signer
from chatviz.transports.endpoint.recorded_models import RecordedModels

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

__all__ = ["Endpoint"]


class Endpoint(NamedEndpoints):
    """A chat API, asked in its own dialect: live, recorded, or both in turn.

    Parameters
    ----------
    base_url : str
        What the dialect's path is appended to: ``"https://openrouter.ai/api/v1"`` (to which
        ``/chat/completions`` is). Azure: ``"https://NAME.openai.azure.com/openai/v1"``, or up to
        ``/openai/deployments/DEPLOYMENT`` with ``query={"api-version": "…"}``. Vertex AI: up to
        ``/projects/PROJECT/locations/REGION`` for Anthropic's models, and up to
        ``…/publishers/google`` for Gemini.
    model : str
        The model to ask for.
    dialect : str
        How the API speaks, ``run.dialect``: ``"openai-chat"``, ``"anthropic-messages"`` ….
    api_key : str | callable | None
        The key, or a function that returns it (an access token, say). By default it is looked for
        in the environment when the first request is sent (``OPENROUTER_API_KEY``,
        ``ANTHROPIC_API_KEY`` …), and asked for where it is not there. A server on this machine
        needs none. It goes to its own host only.
    signer : callable | None
        Signs each ``httpx.Request`` to its own host in place, instead of a key.
    headers : mapping | None
        Further request headers; they, too, go to their own host only.
    query : mapping | None
        Further parameters of the URL: ``{"api-version": "2025-04-01-preview"}``.
    extra_body : mapping | None
        What every request's JSON body holds besides.
    cassette : path | None
        A recording to keep of what is asked: ``mode="once"`` records the first time and plays it
        from then on; ``CHATVIZ_MODE=none`` forbids the network whatever the code says.
    mode : str
        As for ``RecordTransport``: ``"none"``, ``"once"``, ``"new_episodes"`` or ``"all"``.
    transport : transport | None
        What sends the requests, for tests and for proxies of your own: an async one, or both
        in one, for ``run_agent_async`` and ``LiveChat``.
    timeout_s : float
        The longest silence that is waited for, in seconds.

    Raises
    ------
    TypeError
        The key is neither text nor a function, a header is no text, a transport is none, or JSON
        cannot carry ``extra_body``.
    ValueError
        There is no such dialect to ask in.
    EndpointError
        The URL is none, or the key or a header cannot be sent; neither is quoted.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        dialect: str = "openai-chat",
        api_key: str | Callable[[], str] | None = None,
        signer: Signer | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        cassette: str | os.PathLike[str] | None = None,
        mode: Mode = "once",
        transport: Any = None,
        timeout_s: float = 120.0,
    ) -> None:
        check_settings(model, timeout_s, transport)
        base_url, self.host = check_base_url(base_url)
        self.dialect = find_writable_dialect(dialect, self.host)
        self.base_url = base_url.removesuffix(self.dialect.endpoint_path(model))
        self.model = model
        self.extra_body: Mapping[str, Any] = check_extra_body(extra_body)
        self.timeout_s = timeout_s
        self.transport = transport
        if cassette is not None:
            # No connection is kept: each turn has a loop of its own.
            inner = Upstream(transport, named="transport", keeps_connections=False)
            self.transport = RecordTransport(cassette, mode=mode, inner=inner)
        self._query = OwnQuery({} if query is None else query)
        self._recorded: RecordedModels | None = None
        self._key = ApiKey(api_key, host=self.host)
        self._is_signed = signer is not None
        self._headers = OwnHeaders(
            {} if headers is None else headers,
            key=self._key,
            base_url=self.base_url,
            query=self._query,
            write_key=self._write_key,
            sign=signer,
        )

    @classmethod
    def replay(
        cls,
        cassette: Cassette | str | os.PathLike[str],
        *,
        model: str = "",
        speed: float = inf,
        chunks_per_second: float | None = None,
        ignore: Iterable[str] = (),
        normalise_ids: bool = False,
    ) -> Self:
        """Return an endpoint that is a recording of any dialect: strict, offline, without a key.

        Parameters
        ----------
        cassette : Cassette or path
        model : str
            The model to ask for; by default the one that the recording asked for first. It is
            asked where, and as, the recording asks it.
        speed, chunks_per_second, ignore, normalise_ids
            As for ``ReplayTransport``.

        Raises
        ------
        EndpointError
            The recording holds no chat interaction, or one in a dialect that is not written.
        """
        source = cassette if isinstance(cassette, Cassette) else load_cassette(cassette)
        models = RecordedModels(source, model)
        transport = ReplayTransport(
            source,
            speed=speed,
            chunks_per_second=chunks_per_second,
            ignore=ignore,
            normalise_ids=normalise_ids,
        )
        name = models.dialect.name
        endpoint = cls(models.base_url, model=models.model, dialect=name, transport=transport)
        endpoint.dialect = models.dialect
        endpoint._recorded = models
        return endpoint

    def ask(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        """Send one request and read its answer to the end.

        Parameters
        ----------
        body : mapping
            The request's JSON body.
        watch : callable | None
            Called with the reader when the headers have come, and after each piece of the body.

        Returns
        -------
        StreamRun
            An HTTP error is a run as well: one with ``run.error``.

        Raises
        ------
        EndpointConnectionError, EndpointTimeoutError
            The network failed; they are a ConnectionError and a TimeoutError.
        EndpointError
            No key was found, or one that cannot be sent, or ``CHATVIZ_MODE=none`` forbids the
            network.
        NoMatchingInteraction
            The recording holds no answer to this request.
        """
        import httpx

        with self._exchange(body, watch) as exchange:
            options = self._options(exchange.carried.sign)
            with (
                httpx.Client(**options) as client,
                client.stream("POST", self._url, content=exchange.content) as response,
            ):
                exchange.begin(response)
                for data in response.iter_bytes():
                    exchange.feed(data)
        return exchange.conclude()

    async def ask_async(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        """Do the same without blocking the event loop."""
        import httpx

        with self._exchange(body, watch) as exchange:
            options = self._options(exchange.carried.sign_async)
            async with (
                httpx.AsyncClient(**options) as client,
                client.stream("POST", self._url, content=exchange.content) as response,
            ):
                exchange.begin(response)
                async for data in response.aiter_bytes():
                    exchange.feed(data)
        return exchange.conclude()

    def with_model(self, model: str) -> Self:
        """Return the same endpoint for another model; a recording is shared with it."""
        other = copy(self)
        other.model = model
        return other

    def __repr__(self) -> str:
        model = f", model {self.model!r}" if self.model else ""
        via = "" if self.transport is None else f", by {self.transport!r}"
        return f"<Endpoint {self.base_url}{model}{via}>"

    @property
    def is_live(self) -> bool:
        """Whether a request may reach the network."""
        if isinstance(self.transport, ReplayTransport):
            return False
        if isinstance(self.transport, RecordTransport):
            return self.transport.is_recording
        return True

    @property
    def _url(self) -> str:
        if self._recorded is not None:
            return self._recorded.url_for(self.model)
        path, _, own = self.dialect.endpoint_path(self.model).partition("?")
        query = "&".join(filter(None, (own, self._query.encode())))
        return f"{self.base_url}{path}?{query}" if query else self.base_url + path

    def _write_key(self, key: str) -> Mapping[str, str]:
        host = find_host(self.host)
        if host is not None and host.key_header:
            return {host.key_header: key}
        return self.dialect.auth_headers(key)

    def _exchange(
        self, body: Mapping[str, Any], watch: Callable[[StreamReader], None] | None
    ) -> EndpointExchange:
        """Refuse what must not be sent, find the key, and return the exchange that begins now."""
        is_live = self.is_live
        if is_live and os.environ.get(MODE_VARIABLE) == "none" and self.transport is None:
            raise EndpointError(
                f"{MODE_VARIABLE}=none forbids the network, and {self!r} has no recording: "
                "give cassette=…, or unset the variable."
            )
        if is_live and not self._is_signed:
            self._key.find()
        carried = self._headers.carry(with_key=is_live)
        return EndpointExchange(
            body, watch, carried=carried, server=self.host, timeout_s=self.timeout_s
        )

    def _options(self, sign: Callable[[httpx.Request], Any]) -> dict[str, Any]:
        options: dict[str, Any] = {
            "timeout": self.timeout_s,
            "headers": {"Accept": "application/json", "Content-Type": "application/json"},
            "event_hooks": {"request": [sign]},
            "follow_redirects": True,
        }
        if self.transport is None:
            options["verify"] = certificates()
        else:
            options["transport"] = KeptOpen(self.transport)
        return options
