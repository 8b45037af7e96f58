"""RecordedServer: what ``chatviz_server`` is: the addresses of a replay server, or of a tap."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeAlias

from chatviz.cassettes.cassette import Cassette
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.server.server import ReplayServer
from chatviz.transports.tap.child_variables import child_variables
from chatviz.transports.tap.routes import Route
from chatviz.transports.tap.tap import Tap

__all__ = ["RecordedPlayer", "RecordedServer"]

RecordedPlayer: TypeAlias = RecordTransport | ReplayTransport | ReplayServer


class RecordedServer:
    """A server on this machine that answers from a test's recording, or records what it passes on.

    Its addresses are the same either way.

    Parameters
    ----------
    server : ReplayServer or Tap
        It runs.
    player : RecordTransport, ReplayTransport or ReplayServer
        What answers.
    routes : tuple of Route
        Where to; empty where the test does not say.
    """

    def __init__(
        self, server: ReplayServer | Tap, player: RecordedPlayer, routes: tuple[Route, ...]
    ) -> None:
        self._server = server
        self._player = player
        self._routes = routes

    @property
    def url(self) -> str:
        """Its own address, without a slash at the end: ``http://127.0.0.1:49152``."""
        return self._server.url

    @property
    def base_urls(self) -> dict[str, str]:
        """Of each upstream, by its name, the base URL that its clients take."""
        return {route.name: self.url + route.base_path() for route in self._routes}

    @property
    def base_url(self) -> str:
        """The base URL that clients take, where there is one upstream or none is given.

        Raises
        ------
        ValueError
            There are several: ``base_urls`` has one of each.
        """
        if len(self._routes) > 1:
            raise ValueError(
                f"this server stands for {len(self._routes)} upstreams, each with its own base "
                f"URL: chatviz_server.base_urls[{self._routes[0].name!r}]."
            )
        return next(iter(self.base_urls.values()), self.url)

    @property
    def cassette(self) -> Cassette:
        """What is in the recording by now."""
        return self._player.cassette

    def variables(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment variables that lead a child process's clients here.

        Parameters
        ----------
        environ : mapping of str to str | None
            What the child would inherit: this process's environment, unless given.

        Raises
        ------
        ValueError
            The test does not say whose clients they are.
        """
        if not self._routes:
            raise ValueError(
                "which variables lead here depends on whose clients they are: say so with "
                "@pytest.mark.chatviz(upstream='openai')."
            )
        return child_variables(self._routes, self.url, os.environ if environ is None else environ)

    def __repr__(self) -> str:
        return f"<RecordedServer: {self.url}, {self._player!r}>"
