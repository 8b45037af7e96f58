"""RecordedTest: one test's recording: where it is, and the transport, client and server upon it."""

from __future__ import annotations

import shlex
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.pending import wait_for_writers
from chatviz.cassettes.storage import load_cassette
from chatviz.doors.pytest_plugin.client_maker import ClientMaker
from chatviz.doors.pytest_plugin.file_names import cassette_path, page_path
from chatviz.doors.pytest_plugin.marker_options import MarkerOptions, mode_of, options_of
from chatviz.doors.pytest_plugin.recorded_server import RecordedPlayer, RecordedServer
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.clients.modes import Mode
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.playing.player import OnMiss
from chatviz.transports.server.server import ReplayServer
from chatviz.transports.tap.routes import make_routes
from chatviz.transports.tap.tap import Tap

__all__ = ["RecordedTest", "recorded_test_of"]

_PLAYED = ("match", "ignore", "normalise_ids", "repeat", "speed", "chunks_per_second")


class RecordedTest:
    """What a test records or plays; each thing is made when the test asks for it.

    Parameters
    ----------
    path : Path
        Of the recording.
    mode : str
    options : MarkerOptions
    nodeid : str
        The test's name, for what is said of it.
    report_folder : Path or None
        Where the page of its failure lies, if it fails; None for no page.
    page : Path or None

    Attributes
    ----------
    has_passed : bool
        Whether the test itself, without what comes after it, has passed.
    """

    def __init__(
        self,
        path: Path,
        mode: Mode,
        options: MarkerOptions,
        nodeid: str,
        *,
        report_folder: Path | None = None,
        page: Path | None = None,
    ) -> None:
        self.path = path
        self.mode: Mode = mode
        self.nodeid = nodeid
        self.report_folder = report_folder
        self.page = page
        self.has_passed = False
        wait_for_writers(path)
        self.existed = path.exists()
        self._options: Any = options  # each is checked by what takes it
        self._stack = ExitStack()
        self._players: list[tuple[RecordedPlayer, tuple[Interaction, ...]]] = []

    @property
    def is_recording(self) -> bool:
        """Whether any request may reach the network."""
        return self.mode in ("new_episodes", "all") or (self.mode == "once" and not self.existed)

    @property
    def cassette(self) -> Cassette:
        """What the recording holds by now; an empty one where nothing was asked for."""
        return self._players[-1][0].cassette if self._players else Cassette(path=str(self.path))

    @property
    def misses(self) -> list[NoMatchingInteraction]:
        """The requests that nothing recorded matched; one that was tried again counts once."""
        found = {str(miss): miss for player, _ in self._players for miss in player.misses}
        return list(found.values())

    @property
    def unused(self) -> list[tuple[int, Interaction]]:
        """What was recorded before and nobody has asked for, each with its place in the file."""
        if not self._players:
            return []
        places = set.intersection(*(_places_left(*each) for each in self._players))
        _, first = self._players[0]
        return [(place, first[place]) for place in sorted(places)]

    @property
    def is_strict(self) -> bool:
        """Whether the test fails where anything is unused, or had no answer."""
        return bool(self._options.get("strict", False))

    @property
    def record_command(self) -> str:
        """How to record the test; "" where it says itself that it is never recorded."""
        if self._options.get("mode") == "none":
            return ""
        mode = "all" if self.existed else "once"
        return f"pytest --chatviz-mode={mode} {shlex.quote(self.nodeid)}"

    @cached_property
    def transport(self) -> RecordTransport | ReplayTransport:
        """A transport for any client of httpx or httpx2."""
        return self._open_transport(self._options.get("on_miss", "raise"))

    @cached_property
    def client_maker(self) -> ClientMaker:
        """What makes clients."""
        return ClientMaker(self.transport, is_recording=self.is_recording)

    @cached_property
    def server(self) -> RecordedServer:
        """A server that runs until the test ends."""
        upstream = self._options.get("upstream")
        if upstream is None and self.is_recording:
            pytest.fail(
                "chatviz_server records what it passes on, and has to know where to: "
                "@pytest.mark.chatviz(upstream='openai'), or a URL.",
                pytrace=False,
            )
        routes = () if upstream is None else make_routes(upstream)
        player: RecordedPlayer
        if self.is_recording or any(route.prefix for route in routes):
            folder = self._stack.enter_context(TemporaryDirectory(prefix="chatviz-"))
            player = self._open_transport("respond")
            tap = self._stack.enter_context(Tap(upstream, to=folder, inner=player))
            return RecordedServer(tap, player, routes)
        options = self._chosen(*_PLAYED, "faults")
        player = self._stack.enter_context(ReplayServer(self._played_cassette(), **options))
        self._note(player)
        return RecordedServer(player, player, routes)

    def close(self) -> None:
        """Have all in the file, and stop what runs.

        Raises
        ------
        CassetteError
            Something cannot be written.
        """
        self._stack.close()

    def _open_transport(self, on_miss: OnMiss) -> RecordTransport | ReplayTransport:
        transport: RecordTransport | ReplayTransport
        if self.is_recording:
            self._make_folder()
            options = self._chosen(*_PLAYED, "redact")
            transport = RecordTransport(self.path, mode=self.mode, on_miss=on_miss, **options)
        else:
            options = self._chosen(*_PLAYED, "faults")
            transport = ReplayTransport(self._played_cassette(), on_miss=on_miss, **options)
        self._stack.callback(transport.close)
        self._note(transport)
        return transport

    def _note(self, player: RecordedPlayer) -> None:
        self._players.append((player, player.cassette.interactions))

    def _chosen(self, *names: str) -> dict[str, Any]:
        return {name: self._options[name] for name in names if name in self._options}

    def _played_cassette(self) -> Cassette:
        """Return what is to be played; where there is no file, it is what is asked that fails."""
        return load_cassette(self.path) if self.existed else Cassette(path=str(self.path))

    def _make_folder(self) -> None:
        """Make the folder of the recording; it goes again where nothing is put into it."""
        new = [one for one in (self.path.parent, *self.path.parent.parents) if not one.exists()]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._stack.callback(_remove_empty, new)


def recorded_test_of(item: pytest.Item) -> RecordedTest:
    """Return what a test records or plays, by its marker, the command line and the environment.

    Raises
    ------
    pytest.UsageError
        The marker or the command line asks for what there is not.
    """
    options = options_of(item)
    mode = mode_of(item.config.getoption("--chatviz-mode"), options.get("mode"))
    path = cassette_path(item, options.get("cassette"))
    if options.get("cassette") is None and item.get_closest_marker("vcr") is not None:
        raise pytest.UsageError(
            f"{item.nodeid} is marked vcr, and asks for a fixture of chatviz: both would write "
            f"{path.name!r}. Leave one of them out, or give chatviz a path of its own."
        )
    if item.config.getoption("--chatviz-strict"):
        options.setdefault("strict", True)
    given = item.config.getoption("--chatviz-report")
    folder = item.config.rootpath / given if given else None
    page = None if folder is None else page_path(item, folder)
    return RecordedTest(path, mode, options, item.nodeid, report_folder=folder, page=page)


def _places_left(player: RecordedPlayer, first: tuple[Interaction, ...]) -> set[int]:
    """Return the places of what a player began with and was not asked for."""
    left = {id(one) for one in player.unused}
    return {place for place, one in enumerate(first) if id(one) in left}


def _remove_empty(folders: list[Path]) -> None:
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()
