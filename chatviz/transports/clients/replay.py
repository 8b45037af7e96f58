"""ReplayTransport: any client of httpx or httpx2, answered from a recording and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.matching.matcher import Matcher
from chatviz.cassettes.reading import CassetteLike
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.clients.library import Request, Response, Transport, read_request
from chatviz.transports.clients.playback import Playback
from chatviz.transports.playing.player import OnMiss, Player, choose_matcher
from chatviz.transports.playing.striking import PlantedFaults

__all__ = ["ReplayTransport"]


class ReplayTransport(Transport):
    """Answer a client from a recording; nothing reaches the network.

        client = httpx.Client(transport=ReplayTransport("a.yaml"))

    It serves ``httpx.Client``, ``httpx.AsyncClient``, and those of httpx2. Identical requests get
    the recorded answers one after another, in the order of the file.

    Parameters
    ----------
    source : Cassette or path
    speed : float
        1.0 as recorded, 2.0 in half the time, ``math.inf`` at once. Where no times were recorded
        the body comes at once, unless `chunks_per_second` is given.
    chunks_per_second : float | None
        A simulated pace for what cannot be played as recorded.
    match : function or None
        ``(request, recorded) -> list of differences``; nothing is a match. By default method, URL
        and JSON body must agree.
    ignore : iterable of str
        Paths into the JSON body that need not agree: ``["messages[].tool_call_id"]``.
    normalise_ids : bool
        Whether tool-call ids agree that appear in the same order.
    repeat : bool
        Whether the last answer that matches is given again, once all have been.
    on_miss : str
        What happens where nothing recorded matches: ``"raise"`` a NoMatchingInteraction, or
        ``"respond"`` with status 404, the same text as a JSON error, and a header that keeps SDKs
        from asking again. Either way it is in `misses`: some SDKs hide the error, ask again, and
        say "Connection error".
    faults : Fault, or several
        What goes wrong on purpose: ``cv.Cut(10)`` …
    clock : Clock | None
        The time and the waiting; the machine's, unless given.

    Raises
    ------
    CassetteError
        The recording cannot be read.
    ValueError
        A pace is not above 0, `on_miss` is none of the two, a path in `ignore` cannot be read
        (``JSONPathError``), or a fault fits none of the recorded answers.
    TypeError
        `match` is given together with `ignore` or `normalise_ids`, or something is no fault.
    NoMatchingInteraction
        By a request that nothing recorded matches, with ``on_miss="raise"``.

    Notes
    -----
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
        on_miss: OnMiss = "raise",
        faults: PlantedFaults = (),
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SYSTEM_CLOCK
        self._player = Player(
            source,
            match=choose_matcher(match, ignore=ignore, normalise_ids=normalise_ids),
            repeat=repeat,
            on_miss=on_miss,
            speed=speed,
            chunks_per_second=chunks_per_second,
            faults=faults,
        )

    @property
    def cassette(self) -> Cassette:
        """What is played."""
        return self._player.cassette

    @property
    def misses(self) -> list[NoMatchingInteraction]:
        """Every request that nothing recorded matched, in order."""
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

    def handle_request(self, request: Request) -> Response:
        """Answer a sync client."""
        start_ns = self._clock.now_ns()
        request.read()
        return self._play(request, start_ns).send()

    async def handle_async_request(self, request: Request) -> Response:
        """Answer an async client."""
        start_ns = self._clock.now_ns()
        await request.aread()
        return await self._play(request, start_ns).send_async()

    def __repr__(self) -> str:
        left, all_ = len(self.unused), len(self._player.cassette.interactions)
        return f"<ReplayTransport: {all_ - left} of {all_} played, {len(self.misses)} missed>"

    def _play(self, request: Request, start_ns: int) -> Playback:
        answer = self._player.answer(read_request(request))
        return Playback(answer, request, self._clock, start_ns=start_ns)
