"""Endpoint: where chat requests are sent, and with which key; the only place that holds a key."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, Self

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import EndpointError
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.modes import MODE_VARIABLE, Mode
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.clients.upstream import Upstream
from chatviz.transports.endpoint.api_key import ApiKey
from chatviz.transports.endpoint.endpoint_exchange import (
    CHAT_PATH,
    EndpointExchange,
    KeptOpen,
    check_base_url,
)
from chatviz.transports.endpoint.own_headers import OwnHeaders

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

__all__ = ["Endpoint"]


class Endpoint:
    """A chat API that speaks OpenAI's chat completions: live, recorded, or both in turn.

    Parameters
    ----------
    base_url : str
        Up to and without ``/chat/completions``: ``"https://openrouter.ai/api/v1"``.
    model : str
        The model to ask for.
    api_key : str | callable | None
        The key, or a function that returns it. By default it is looked for in the environment when
        the first request is sent (``OPENROUTER_API_KEY``, ``OPENAI_API_KEY`` …), and asked for
        where it is not there. A server on this machine needs none. It goes to its own host only.
    headers : mapping | None
        Further request headers; they, too, go to their own host only.
    extra_body : mapping | None
        What every request's JSON body holds besides.
    cassette : path | None
        A recording to keep of what is asked: ``mode="once"`` records the first time and plays it
        from then on; ``CHATVIZ_MODE=none`` forbids the network whatever the code says.
    mode : str
        As for ``RecordTransport``: ``"none"``, ``"once"``, ``"new_episodes"`` or ``"all"``.
    transport : transport | None
        What sends the requests, for tests and for proxies of your own.
    timeout_s : float
        The longest silence that is waited for, in seconds.

    Raises
    ------
    TypeError
        The key is neither text nor a function, or a header is no text.
    EndpointError
        The URL is none, or the key or a header cannot be sent; neither is quoted.
    """

    def __init__(
        self,
        base_url: str,
        *,
        model: str = "",
        api_key: str | Callable[[], str] | None = None,
        headers: Mapping[str, str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        cassette: str | os.PathLike[str] | None = None,
        mode: Mode = "once",
        transport: Any = None,
        timeout_s: float = 120.0,
    ) -> None:
        self.base_url, self.host = check_base_url(base_url)
        self.model = model
        self.extra_body: Mapping[str, Any] = dict(extra_body or {})
        self.timeout_s = timeout_s
        self.transport = transport
        if cassette is not None:
            inner = Upstream(transport, keeps_connections=False)  # each turn has a loop of its own
            self.transport = RecordTransport(cassette, mode=mode, inner=inner)
        self._key = ApiKey(api_key, host=self.host)
        self._headers = OwnHeaders(headers or {}, key=self._key, base_url=self.base_url)

    @classmethod
    def openrouter(
        cls,
        model: str,
        *,
        api_key: str | Callable[[], str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        cassette: str | os.PathLike[str] | None = None,
        mode: Mode = "once",
    ) -> Self:
        """Return OpenRouter's endpoint; it is asked to send usage and cost."""
        return cls(
            "https://openrouter.ai/api/v1",
            model=model,
            api_key=api_key,
            extra_body={"usage": {"include": True}, **(extra_body or {})},
            cassette=cassette,
            mode=mode,
        )

    @classmethod
    def openai(
        cls,
        model: str,
        *,
        api_key: str | Callable[[], str] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        cassette: str | os.PathLike[str] | None = None,
        mode: Mode = "once",
    ) -> Self:
        """Return OpenAI's endpoint."""
        return cls(
            "https://api.openai.com/v1",
            model=model,
            api_key=api_key,
            extra_body=extra_body,
            cassette=cassette,
            mode=mode,
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
        """Return an endpoint that is a recording: strict, offline, and without a key.

        Parameters
        ----------
        cassette : Cassette or path
        model : str
            The model to ask for; by default the one that the recording asked for first.
        speed, chunks_per_second, ignore, normalise_ids
            As for ``ReplayTransport``.

        Raises
        ------
        EndpointError
            The recording holds no chat interaction.
        """
        source = cassette if isinstance(cassette, Cassette) else load_cassette(cassette)
        asked = next((one.request for one in source.interactions if one.is_chat), None)
        if asked is None:
            raise EndpointError(f"wanted a recording with a chat interaction, found {source!r}.")
        transport = ReplayTransport(
            source,
            speed=speed,
            chunks_per_second=chunks_per_second,
            ignore=ignore,
            normalise_ids=normalise_ids,
        )
        first = StreamReader(asked.head).run.chat_request.model
        base_url = asked.url.partition("?")[0].removesuffix(CHAT_PATH)
        return cls(base_url, model=model or first, transport=transport)

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
        return self.base_url + CHAT_PATH

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
        if is_live:
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
        if self.transport is not None:
            options["transport"] = KeptOpen(self.transport)
        return options
