"""One exchange of an endpoint: its request's bytes, and the reader that its answer goes into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from chatviz.cassettes.cassette import RecordedResponse
from chatviz.errors import EndpointError
from chatviz.runs.reader import StreamReader
from chatviz.transports.clients.playback import RECORDED
from chatviz.transports.playing.planned_answer import PACE_HEADER, SIMULATED
from chatviz.wire.exchange import RequestHead, ResponseHead
from chatviz.wire.json_text import dump_json

if TYPE_CHECKING:
    import httpx

__all__ = ["CHAT_PATH", "EndpointExchange", "KeptOpen", "check_base_url"]

CHAT_PATH: Final = "/chat/completions"


class EndpointExchange:
    """One request and the reader of its answer."""

    def __init__(
        self, body: Mapping[str, Any], watch: Callable[[StreamReader], None] | None
    ) -> None:
        self.content = dump_json(body).encode()
        self._watch = watch
        self._sent_at_s = monotonic()
        self._recorded_times: Iterator[float | None] | None = None

    def begin(self, response: httpx.Response) -> None:
        """Take the head of the answer; a played answer has its recording's times, or none."""
        at_s = monotonic() - self._sent_at_s
        request = response.request
        headers: dict[str, tuple[str, ...]] = {}
        for name, value in response.headers.multi_items():
            headers[name] = (*headers.get(name, ()), value)
        head = ResponseHead(response.status_code, headers, at_s, "measured")
        if response.headers.get(PACE_HEADER) == SIMULATED:
            head = ResponseHead(head.status, headers, None, SIMULATED)
            self._recorded_times = iter(())
        elif RECORDED in response.extensions:
            recorded: RecordedResponse | None = response.extensions[RECORDED]
            head = ResponseHead(head.status, headers) if recorded is None else recorded.head
            self._recorded_times = iter([piece.at for piece in recorded.pieces] if recorded else ())
        asked = RequestHead(request.method, str(request.url), {}, self.content)
        self.reader = StreamReader(asked, response=head, source=str(request.url))
        self._see()

    def feed(self, data: bytes) -> None:
        """Take a piece of the body the moment it comes."""
        at: float | None = monotonic() - self._sent_at_s
        if self._recorded_times is not None:
            at = next(self._recorded_times, None)  # our own pace is nobody's time
        self.reader.feed(data, at)
        self._see()

    def _see(self) -> None:
        if self._watch is not None:
            self._watch(self.reader)


class KeptOpen:
    """A transport that outlives the clients that use it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.handle_request = transport.handle_request
        self.handle_async_request = getattr(transport, "handle_async_request", None)

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
    wanted = "wanted a base URL such as 'https://openrouter.ai/api/v1'"
    try:
        parts = urlsplit(base_url)
        host = parts.hostname or ""
    except ValueError:
        raise EndpointError(f"{wanted}, found one that is none.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise EndpointError(f"{wanted}, found one without http(s):// or without a host.")
    if "@" in parts.netloc or parts.query:
        raise EndpointError(f"{wanted}: it must hold no user and no query; give api_key=….")
    return base_url.rstrip("/").removesuffix(CHAT_PATH), host
