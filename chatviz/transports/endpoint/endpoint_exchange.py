"""One exchange of an endpoint: its request's bytes, and the reader that its answer goes into.

No secret of ours gets further than this: what a server echoes is masked, what a lower layer says
is cleaned, and the errors of the network, which keep the request, are replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from chatviz.cassettes.cassette import RecordedResponse
from chatviz.cassettes.redaction.cleaner import Cleaner
from chatviz.cassettes.redaction.rules import DEFAULT_RULES
from chatviz.chat.findings.log import shorten
from chatviz.clock import SYSTEM_CLOCK
from chatviz.errors import EndpointConnectionError, EndpointError, EndpointTimeoutError
from chatviz.given_values import check_fits, check_json, check_number, check_text
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.library import Library, check_transport
from chatviz.transports.clients.playback import RECORDED
from chatviz.transports.endpoint.echoes import EchoMask
from chatviz.transports.endpoint.own_headers import CarriedHeaders
from chatviz.transports.playing.planned_answer import PACE_HEADER, SIMULATED
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.json_text import dump_json

if TYPE_CHECKING:
    import httpx

__all__ = ["EndpointExchange", "KeptOpen", "check_base_url", "check_extra_body", "check_settings"]


class EndpointExchange:
    """One request and the reader of its answer.

    A context: the errors of the network that leave it are kept, and raised by `conclude` as our
    own, without the request that they carry.

    Parameters
    ----------
    body : mapping
        The request's JSON body.
    watch : callable | None
    carried : CarriedHeaders
    server : str
        The server's name, for messages.
    timeout_s : float
    """

    def __init__(
        self,
        body: Mapping[str, Any],
        watch: Callable[[StreamReader], None] | None,
        *,
        carried: CarriedHeaders,
        server: str,
        timeout_s: float,
    ) -> None:
        check_json(dict(body), "body")
        self.content = dump_json(body).encode()
        self.carried = carried
        self._watch = watch
        self._server = server
        self._timeout_s = timeout_s
        self._echoes = EchoMask(carried.secrets)
        self._cleaner = Cleaner(DEFAULT_RULES, carried.secrets)
        self._failure: EndpointError | None = None
        self._sent_at_ns = SYSTEM_CLOCK.now_ns()
        self._last_at_s: float | None = None
        self._recorded_times: Iterator[float | None] | None = None
        self._reader: StreamReader | None = None

    def begin(self, response: httpx.Response) -> None:
        """Take the head of the answer; a played answer has its recording's times, or none.

        Raises
        ------
        EndpointError
            A redirect led to an address that was not asked anything.
        """
        at_s = self._passed_s()
        self._check_asked(response)
        request, mask = response.request, self._echoes.mask_text
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in response.headers.multi_items():
            headers[name] = (*headers.get(name, ()), mask(value))
        head = ResponseHead(response.status_code, headers, at_s, "measured")
        if response.headers.get(PACE_HEADER) == SIMULATED:
            head = ResponseHead(head.status, headers, None, SIMULATED)
            self._recorded_times = iter(())
        elif RECORDED in response.extensions:
            recorded: RecordedResponse | None = response.extensions[RECORDED]
            head = ResponseHead(head.status, headers) if recorded is None else recorded.head
            self._recorded_times = iter([piece.at for piece in recorded.pieces] if recorded else ())
        url = mask(self._cleaner.clean_url(str(request.url), ""))
        asked = RequestHead(request.method, url, {}, self.content)
        self._reader = StreamReader(asked, response=head, source=url)
        self._see(self._reader)

    def feed(self, data: bytes) -> None:
        """Take a piece of the body the moment it comes."""
        self._last_at_s = self._passed_s()
        if self._recorded_times is not None:
            self._last_at_s = next(self._recorded_times, None)  # our own pace is no recorded time
        assert self._reader is not None
        self._reader.feed(self._echoes.feed(data), self._last_at_s)
        self._see(self._reader)

    def conclude(self) -> StreamRun:
        """Return the run, or raise why there is none.

        Raises
        ------
        EndpointConnectionError, EndpointTimeoutError
            The network failed.
        EndpointError
            The address, or where it redirects to, cannot be asked.
        """
        if self._failure is not None:
            raise self._failure
        assert self._reader is not None
        return self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        import httpx

        self.carried.withdraw()
        held = self._echoes.close()
        if held and self._reader is not None:
            self._reader.feed(held, self._last_at_s)
            self._see(self._reader)
        if not isinstance(error, httpx.HTTPError):
            return False
        self._failure = self._own_error(error)
        return True

    def _own_error(self, error: httpx.HTTPError) -> EndpointError:
        """Return our own error for the network's; what that one says is not passed on unseen."""
        import httpx

        name = type(error).__name__
        if isinstance(error, httpx.TimeoutException):
            text = f"{self._server} was silent for {self._timeout_s:g} s ({name})."
            return EndpointTimeoutError(text)
        told = self._echoes.mask_text(self._cleaner.clean_text(str(error), ""))
        text = f"{name}: {shorten(told, 200)}."
        unfit = httpx.TooManyRedirects | httpx.UnsupportedProtocol
        if isinstance(error, unfit):  # and would be each time
            return EndpointError(f"{self._server} cannot be asked: {text} Check base_url.")
        return EndpointConnectionError(f"the connection to {self._server} failed: {text}")

    def _check_asked(self, response: httpx.Response) -> None:
        """Refuse the answer to a redirected request that lost its method, and so its body."""
        for moved in response.history:
            if moved.request.method == "POST" != response.request.method:
                address = self._cleaner.clean_url(str(response.request.url), "")
                raise EndpointError(
                    f"{self._server} has moved what was asked (HTTP {moved.status_code}) to "
                    f"{shorten(self._echoes.mask_text(address), 200)}, where no request can follow "
                    "with its body: give the new address as base_url."
                )

    def _passed_s(self) -> float:
        return (SYSTEM_CLOCK.now_ns() - self._sent_at_ns) / 1e9

    def _see(self, reader: StreamReader) -> None:
        if self._watch is not None:
            self._watch(reader)


class KeptOpen:
    """A transport that outlives the clients that use it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serve a sync client."""
        send = Library(request).method_of(self._transport, "handle_request", named="transport")
        response: httpx.Response = send(request)
        return response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Serve an async client."""
        method = "handle_async_request"
        send = Library(request).method_of(self._transport, method, named="transport")
        response: httpx.Response = await send(request)
        return response

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Keep it open."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Keep it open."""

    def close(self) -> None:
        """Keep it open."""

    async def aclose(self) -> None:
        """Keep it open."""


def check_base_url(base_url: str) -> tuple[str, str]:
    """Return a base URL without what follows it, and its host."""
    wanted = "wanted a base URL such as 'https://api.example.com/v1'"
    check_fits(isinstance(base_url, str), wanted.removeprefix("wanted "), base_url, "give a text")
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise EndpointError(f"{wanted}, found one that is none.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise EndpointError(f"{wanted}, found one without http(s):// or without a host.")
    if not base_url.isprintable() or " " in base_url:
        raise EndpointError(f"{wanted}, found one with white space or a control character in it.")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise EndpointError(
            f"{wanted}: it must hold no user, no query and no fragment; give api_key=…."
        )
    return base_url.rstrip("/"), host


def check_extra_body(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what every body holds besides: what JSON can carry."""
    advice = "more keys of the request's body, extra_body={'temperature': 0}"
    is_fit = extra is None or isinstance(extra, Mapping)
    check_fits(is_fit, "a dict as extra_body", extra, advice)
    checked = dict(extra or {})
    check_json(checked, "extra_body")
    return checked


def check_settings(model: str, timeout_s: float, transport: object) -> None:
    """Refuse what an endpoint cannot be made of."""
    check_text(model, "model")
    check_number(timeout_s, "timeout_s", "in seconds of silence")
    check_transport(transport, "transport")
