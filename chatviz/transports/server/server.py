"""ReplayServer: the same answers over a real socket, for any client that takes a base URL."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Iterable, Sequence
from math import inf
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.matching.matcher import Matcher
from chatviz.cassettes.reading import CassetteLike
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.playing.player import Player, choose_matcher
from chatviz.transports.playing.striking import PlantedFaults
from chatviz.transports.server.installed import check_installed

if TYPE_CHECKING:
    from chatviz.transports.server.server_thread import ServerThread

__all__ = ["ReplayServer"]


class ReplayServer:
    """Answer any client from a recording, over HTTP on this machine.

        with ReplayServer("a.yaml") as server:
            client = openai.OpenAI(base_url=server.base_url, api_key="none")

    It runs in a thread of its own, so it works in a notebook, too; there, `start` and `close` reach
    over several cells. ``GET /`` lists what can be asked for.

    Parameters
    ----------
    source : Cassette or path
    speed : float
        1.0 as recorded, 2.0 in half the time, ``math.inf`` at once. Where no times were recorded
        the body comes at once, unless `chunks_per_second` is given.
    chunks_per_second : float | None
        A simulated pace for what cannot be played as recorded.
    match : function or None
        ``(request, recorded) -> list of differences``; nothing is a match. By default method, path,
        query and JSON body must agree.
    ignore : iterable of str
        Paths into the JSON body that need not agree: ``["messages[].tool_call_id"]``.
    normalise_ids : bool
        Whether tool-call ids agree that appear in the same order.
    repeat : bool
        Whether the last answer that matches is given again, once all have been.
    faults : Fault, or several
        What goes wrong on purpose: ``cv.Cut(10)`` …
    host : str
        Where to listen. Off this machine's own addresses there is a warning, since everyone who
        reaches the machine may then read the recording. Requests have to ask for this machine
        (``localhost``, 127.0.0.1, ::1) or for this host; others are answered with status 421.
    port : int
        0 for any that is free.
    allow_origins : sequence of str
        Pages whose scripts may read the answers (CORS): ``["http://localhost:3000"]``, or ``["*"]``
        for all; none by default.
    allow_hosts : sequence of str
        Further names under which clients may ask for the server: ``["replay.internal"]``.
    max_body_bytes : int
        Longer requests are answered with status 413.
    request_timeout_s : float
        Requests that take longer to be sent are answered with status 408.
    clock : Clock | None
        The time and the waiting; the machine's, unless given.

    Raises
    ------
    ImportError
        Starlette or uvicorn is not installed.
    CassetteError
        The source cannot be read.
    ValueError
        A limit is not above 0, or a fault fits none of the recorded answers.

    Notes
    -----
    Scheme and host of a recorded request do not matter, nor does the beginning of its path: what
    was recorded at ``https://openrouter.ai/api/v1/chat/completions`` is asked at
    ``/api/v1/chat/completions``, ``/v1/chat/completions`` or ``/chat/completions``.

    What nothing recorded matches is answered with status 404, a JSON error that names the nearest
    recording and the differences, and a header that keeps SDKs from asking again.

    A paced answer (a finite `speed`, or `chunks_per_second`) has the header
    ``x-chatviz-pace: simulated``, and a recording of it is never called measured.
    """

    def __init__(
        self,
        source: CassetteLike,
        *,
        speed: float = inf,
        chunks_per_second: float | None = None,
        match: Matcher | None = None,
        ignore: Iterable[str] = (),
        normalise_ids: bool = False,
        repeat: bool = False,
        faults: PlantedFaults = (),
        host: str = "127.0.0.1",
        port: int = 0,
        allow_origins: Sequence[str] = (),
        allow_hosts: Sequence[str] = (),
        max_body_bytes: int = 64 * 2**20,
        request_timeout_s: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        check_installed("ReplayServer")
        from chatviz.transports.server.request_limits import RequestLimits, host_names

        names = host_names([host, *allow_hosts])
        self._limits = RequestLimits(host, names, max_body_bytes, request_timeout_s)
        self._player = Player(
            source,
            match=choose_matcher(match, ignore=ignore, normalise_ids=normalise_ids, any_host=True),
            repeat=repeat,
            on_miss="respond",
            speed=speed,
            chunks_per_second=chunks_per_second,
            faults=faults,
        )
        self._clock = clock or SYSTEM_CLOCK
        self._address = (host, port)
        self._allow_origins = tuple(allow_origins)
        self._thread: ServerThread | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The server's own address, without a slash at the end: ``http://127.0.0.1:49152``.

        Raises
        ------
        RuntimeError
            It is not running.
        """
        if self._thread is None:
            raise RuntimeError(
                "the replay server has no address, as it is not running. Use it in a with "
                "statement, or call start()."
            )
        return self._url

    @property
    def base_url(self) -> str:
        """The same, by the name under which clients take it: ``base_url=server.base_url``."""
        return self.url

    @property
    def cassette(self) -> Cassette:
        """What is played."""
        return self._player.cassette

    @property
    def misses(self) -> list[NoMatchingInteraction]:
        """The requests that nothing recorded matched, in order; of many, the first 1,000."""
        return self._player.misses

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """The interactions that nobody has asked for."""
        return self._player.unused

    @property
    def order(self) -> tuple[int, ...]:
        """Which interactions answered, one after another, by their places; of many the first 1,000.

        One that refused at first, or was given again, is in it as often.
        """
        return tuple(self._player.order)

    @property
    def all_played(self) -> bool:
        """Whether every interaction has been asked for."""
        return self._player.all_played

    def start(self) -> Self:
        """Listen, and return the server itself.

        Raises
        ------
        RuntimeError
            It is running.
        OSError
            The address is taken, or is none of this machine's.
        """
        from chatviz.transports.server.request_limits import is_loopback
        from chatviz.transports.server.server_thread import ServerThread

        if self._thread is not None:
            raise RuntimeError(f"the replay server is running already, at {self._url}.")
        host, port = self._address
        if not is_loopback(host):
            warnings.warn(_say_open(host), UserWarning, stacklevel=2)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.create_server((host, port), family=family)
        self._url = _url_of(listener)
        self._thread = ServerThread(
            self._make_app(), listener, head_timeout_s=self._limits.timeout_s
        )
        return self

    def close(self) -> None:
        """Stop: break what is still streaming, and free the port. Twice does no harm."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        place = self._url if self._thread else "not running"
        left, all_ = len(self.unused), len(self.cassette.interactions)
        return (
            f"<ReplayServer: {place}, {all_ - left} of {all_} played, {self._player.missed} missed>"
        )

    def _make_app(self) -> Any:
        from starlette.middleware.cors import CORSMiddleware

        from chatviz.transports.server.asgi_app import ReplayApp
        from chatviz.transports.server.request_limits import HostGuard

        app: Any = ReplayApp(self._player, self._clock, self._limits)
        if self._allow_origins:
            app = CORSMiddleware(
                app,
                allow_origins=self._allow_origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["*"],
            )
        return HostGuard(app, self._limits)


def _say_open(host: str) -> str:
    return (
        f"ReplayServer listens at host={host!r}, beyond this machine: everyone who reaches it may "
        "read what was recorded, without a password and in clear. Leave host= out to serve this "
        "machine alone."
    )


def _url_of(listener: socket.socket) -> str:
    """Return an address at which this machine reaches the socket."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"
