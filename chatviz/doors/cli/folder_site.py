"""A folder of recordings as a small site on this machine: its overview, and a page for each."""

from __future__ import annotations

import re
import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import click

from chatviz.doors.cli.terminal import echo, safe_text
from chatviz.doors.recording_pages import PAGE_HEADERS, talks_page, unreadable_page

if TYPE_CHECKING:
    from chatviz.measures.money.prices import Prices
    from chatviz.widgets.workbench.folder import ListedRecording

__all__ = ["FolderSite", "serve_folder"]

REFRESH_S: Final = 2  # while recordings are still being read
MAX_PAGE_BYTES: Final = 8_000_000  # of the overview: a list of 10,000 files and more


def serve_folder(folder: Path, *, port: int, opens: bool) -> None:
    """Serve a folder until Ctrl-C, and open it in the browser.

    Raises
    ------
    click.UsageError
        It holds nothing that may be a recording.
    """
    with FolderSite(folder, port=port) as site:
        echo(f"{safe_text(str(folder))}: {len(site.recordings):,} files, at {site.url}")
        echo("Only this machine can open it. Ctrl-C ends it.")
        if opens:
            webbrowser.open(site.url)
        Event().wait()


class FolderSite:
    """Serves a folder to this machine: ``with FolderSite(folder) as site: site.url``.

    Every address holds a word that cannot be guessed, and requests for another host are refused,
    so that no page of the web can read the recordings. Each is read when it is asked for.

    Parameters
    ----------
    folder : Path
    port : int
        0 is any free one.

    Raises
    ------
    click.UsageError
        The folder holds nothing that may be a recording.
    """

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        from chatviz.views.overview.totals import OverviewTotals
        from chatviz.widgets.workbench.folder import find_recordings

        self.folder = folder
        self.recordings: list[ListedRecording] = list(find_recordings(folder))
        if not self.recordings:
            raise click.UsageError(f"the folder {str(folder)!r} holds nothing that may be one.")
        self.url = ""
        self._totals = OverviewTotals(_packaged_prices())
        self._word = secrets.token_urlsafe(16)
        self._port = port
        self._stopped = Event()

    def __enter__(self) -> FolderSite:
        try:
            from chatviz.transports.server.request_limits import HostGuard, RequestLimits
            from chatviz.transports.server.server_thread import ServerThread
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"a folder is served by starlette and uvicorn, and {error.name!r} is not "
                "installed: pip install 'chatviz-inspector[server]'.",
                name=error.name,
            ) from error

        listener = socket.create_server(("127.0.0.1", self._port))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/{self._word}/"
        self._thread = ServerThread(HostGuard(self._answer, RequestLimits()), listener)
        Thread(target=self._look_at_all, name="chatviz-folder", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.stop()

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import HTMLResponse, PlainTextResponse

        if scope["type"] != "http":
            return
        make = self._page_of(scope["path"])
        if make is None or scope["method"] not in ("GET", "HEAD"):
            answer: Any = PlainTextResponse("There is nothing here.", 404, PAGE_HEADERS)
        else:
            answer = HTMLResponse(await run_in_threadpool(make), headers=PAGE_HEADERS)
        await answer(scope, receive, send)

    def _page_of(self, path: str) -> Callable[[], str] | None:
        """Return what makes the page of a path; None where there is none."""
        found = _PATH.fullmatch(path)
        if found is None or not secrets.compare_digest(found["word"], self._word):
            return None
        if found["number"] is None:
            return self._index
        number = int(found["number"])
        return (lambda: self._recording(number)) if number < len(self.recordings) else None

    def _index(self) -> str:
        """Return the overview of what was read by now; while more is read it is asked for again."""
        from chatviz.views.overview.overview import make_overview
        from chatviz.views.saving import page_html

        recordings = list(self.recordings)
        names = [one.name for one in recordings]
        view = make_overview(
            [row for one in recordings for row in one.listed],
            self._totals,
            names={name: name for name in names},
            links={name: str(number) for number, name in enumerate(names)},
            max_bytes=MAX_PAGE_BYTES,
            refresh_s=REFRESH_S if any(one.state == "waiting" for one in recordings) else None,
        )
        return page_html(view, f"{self.folder.resolve().name}: recordings")

    def _recording(self, number: int) -> str:
        from chatviz.widgets.workbench.folder import open_one

        opened = open_one(self.recordings[number])
        name = opened.recording.name
        if opened.recording.state == "unreadable":
            return unreadable_page(opened.recording.reason, name)
        return talks_page(opened.conversations, name)

    def _look_at_all(self) -> None:
        """Read each recording once, for what the list says of it."""
        from chatviz.widgets.workbench.folder import look_at

        for number, recording in enumerate(self.recordings):
            if self._stopped.is_set():
                return
            self.recordings[number] = look_at(recording, self._totals)


def _packaged_prices() -> Prices | None:
    """Return the price list that is installed; None without one: then nothing is estimated."""
    from chatviz.measures.money.packaged import packaged_prices

    try:
        return packaged_prices()
    except ModuleNotFoundError:
        return None


_PATH: Final = re.compile(r"/(?P<word>[\w-]+)/(?P<number>\d{1,9})?")
