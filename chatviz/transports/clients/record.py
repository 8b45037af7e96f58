"""RecordTransport: lets every byte pass the moment it comes, and keeps it with its time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from itertools import count
from math import inf

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest
from chatviz.cassettes.matching.matcher import Matcher
from chatviz.cassettes.metadata import CLOSED_BY_CALLER
from chatviz.cassettes.pending import wait_for_writers
from chatviz.cassettes.redaction.redaction import DEFAULT_RULES, RedactionRules, redact
from chatviz.cassettes.redaction.rules import check_rules
from chatviz.cassettes.storage import is_packed, path_name
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.errors import (
    CassetteNotFoundError,
    CassetteUnsupportedError,
    NoMatchingInteraction,
)
from chatviz.transports.clients.cassette_file import Addition, CassetteFile
from chatviz.transports.clients.cassette_writer import CassetteWriter
from chatviz.transports.clients.library import (
    AnyTransport,
    Library,
    Request,
    Response,
    Transport,
    read_head,
    read_request,
)
from chatviz.transports.clients.modes import MODE_VARIABLE, Mode, choose_mode
from chatviz.transports.clients.playback import Playback
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.transports.clients.tee import Tee
from chatviz.transports.clients.upstream import Upstream
from chatviz.transports.playing.planned_answer import PlannedAnswer
from chatviz.transports.playing.player import OnMiss, Player, choose_matcher

__all__ = ["RecordTransport"]


class RecordTransport(Transport):
    """Record what a client asks and is answered, or play it, as the mode says.

        client = httpx.Client(transport=RecordTransport("a.yaml"))

    It serves ``httpx.Client``, ``httpx.AsyncClient``, and those of httpx2. The caller receives
    each piece the moment it comes, and never waits for the disk: a thread writes each interaction,
    without its secrets, within a moment of its last byte. The file can be read at every moment; a
    process that is killed loses what it was receiving, and what ended in the last 0.1 s. A large
    file has its final form once the transport is closed.

    Parameters
    ----------
    path : str or path-like
        In a folder that exists.
    mode : str
        ``"none"`` only plays; nothing ever reaches the network. ``"once"`` records where there is
        no file yet, and then only plays. ``"new_episodes"`` plays what the file answers and
        records the rest. ``"all"`` records everything anew. The environment variable
        ``CHATVIZ_MODE`` overrides it. See `chatviz.transports.clients.modes`.
    inner : transport or None
        What sends the requests; by default a plain client of the library that asks. It is closed
        with this transport.
    redact : RedactionRules
        Which secrets are removed from what is written; what the client sees is untouched.
    match, ignore, normalise_ids, repeat, on_miss, speed, chunks_per_second, clock
        As in `ReplayTransport`, for what is played.

    Raises
    ------
    CassetteError
        The file cannot be read, or is missing where it should only be played. Later, before a
        request is sent or by ``close``: what was recorded cannot be written, tried again as well.
    TypeError
        ``inner`` is no transport; later, it cannot send for who asks.

    Notes
    -----
    Answers that were cut short (by the caller, the server or an interruption) are kept and say so
    in their metadata. A request that got no answer at all is not recorded.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        mode: Mode = "once",
        inner: AnyTransport | Upstream | None = None,
        redact: RedactionRules = DEFAULT_RULES,
        match: Matcher | None = None,
        ignore: Iterable[str] = (),
        normalise_ids: bool = False,
        repeat: bool = False,
        on_miss: OnMiss = "raise",
        speed: float = inf,
        chunks_per_second: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.mode = choose_mode(mode)
        self._file = _open_file(path, self.mode)
        self._inner = inner if isinstance(inner, Upstream) else Upstream(inner)
        check_rules(redact, "redact")
        self._rules = redact
        self._clock = clock or SYSTEM_CLOCK
        self._writer = CassetteWriter(self._file)
        self._numbers = count()
        self._open: set[InteractionRecording] = set()
        self._player = Player(
            self._file.cassette,
            match=choose_matcher(match, ignore=ignore, normalise_ids=normalise_ids, rules=redact),
            repeat=repeat,
            on_miss=on_miss,
            speed=speed,
            chunks_per_second=chunks_per_second,
            rules=redact,
        )

    @property
    def is_recording(self) -> bool:
        """Whether any request may reach the network."""
        return self.mode in _RECORDING or (self.mode == "once" and not self._file.existed)

    @property
    def cassette(self) -> Cassette:
        """What the file holds by now; what has just ended is waited for."""
        self._writer.settle()
        return self._file.cassette

    @property
    def misses(self) -> list[NoMatchingInteraction]:
        """Every request that nothing recorded matched where none may be recorded, in order."""
        return self._player.misses

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """The interactions that were there at first and that nobody has asked for."""
        return self._player.unused

    @property
    def all_played(self) -> bool:
        """Whether every interaction that was there at first has been asked for."""
        return self._player.all_played

    def handle_request(self, request: Request) -> Response:
        """Serve a sync client."""
        start_ns = self._clock.now_ns()
        request.read()
        asked = read_request(request)
        if (answer := self._recorded_answer(asked)) is not None:
            return Playback(answer, request, self._clock, start_ns=start_ns).send()
        library = Library(request)
        send = self._inner.sender(library)
        recording = self._start(asked)
        return self._tee(library, send(request), recording)

    async def handle_async_request(self, request: Request) -> Response:
        """Serve an async client."""
        start_ns = self._clock.now_ns()
        await request.aread()
        asked = read_request(request)
        if (answer := self._recorded_answer(asked)) is not None:
            playback = Playback(answer, request, self._clock, start_ns=start_ns)
            return await playback.send_async()
        library = Library(request)
        send = self._inner.async_sender(library)
        recording = self._start(asked)
        return self._tee(library, await send(request), recording)

    def close(self) -> None:
        """Keep what is still streaming, have all of it in the file, and close the inner transport.

        Raises
        ------
        CassetteError
            Something cannot be written; closing again tries again.
        """
        self._keep_open_ones()
        try:
            self._writer.close()
        finally:
            self._inner.close()

    async def aclose(self) -> None:
        """Do what ``close`` does, and let other tasks go on meanwhile."""
        import anyio

        self._keep_open_ones()
        try:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._writer.close)
        finally:
            await self._inner.aclose()

    def __repr__(self) -> str:
        held, name = len(self.cassette.interactions), self._file.path.name
        return f"<RecordTransport: mode {self.mode!r}, {held} interactions in {name!r}>"

    def _recorded_answer(self, asked: RecordedRequest) -> PlannedAnswer | None:
        """Return what is to be played, or None where the request goes to the network."""
        if not self.is_recording:
            return self._player.answer(asked)
        return self._player.answer_if_recorded(asked) if self.mode == "new_episodes" else None

    def _start(self, asked: RecordedRequest) -> InteractionRecording:
        self._writer.check()
        return InteractionRecording(asked, self._clock, next(self._numbers))

    def _tee(
        self, library: Library, response: Response, recording: InteractionRecording
    ) -> Response:
        recording.begin(read_head(response))
        self._open.add(recording)
        tee = Tee(response, recording, self._keep)
        return library.respond(response.status_code, response.headers.raw, tee, response.extensions)

    def _keep(self, recording: InteractionRecording) -> None:
        """Hand over a recording that has ended."""
        self._open.discard(recording)
        player = self._player if self.mode == "all" else None
        self._writer.add(partial(_make_addition, recording, self._rules, player))

    def _keep_open_ones(self) -> None:
        for recording in list(self._open):
            if recording.end(CLOSED_BY_CALLER):
                self._keep(recording)


def _make_addition(
    recording: InteractionRecording, rules: RedactionRules, player: Player | None
) -> Addition:
    """Return what is kept of a recording, without its secrets, and what it replaces."""
    interaction, _ = redact(recording.interaction(), rules=rules)
    replaced = None if player is None else player.find(recording.request)
    return Addition(interaction, recording.number, replaced)


def _open_file(path: str | os.PathLike[str], mode: Mode) -> CassetteFile:
    wait_for_writers(path_name(path))
    file = CassetteFile(path)
    if mode == "none" and not file.existed:
        raise CassetteNotFoundError(
            "there is no such file, and mode 'none' (given, or set by the environment variable "
            f"{MODE_VARIABLE}) plays and never records. Record it first, with mode 'once'.",
            path=os.fspath(path),
        )
    if mode in _RECORDING or (mode == "once" and not file.existed):
        if is_packed(str(file.path)):  # what grows while answers come cannot be
            raise CassetteUnsupportedError(
                "a compressed file cannot be added to. Record to a path without .gz; "
                "cv.convert(path, 'name.yaml.gz') compresses it afterwards.",
                path=os.fspath(path),
            )
        file.check_format()
    return file


_RECORDING = ("new_episodes", "all")
