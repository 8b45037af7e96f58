"""Workbench: choose a recording, look into it, compare, export; the choice is Python's, too."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any, Final

import anywidget
import pandas as pd
import traitlets

from chatviz.cassettes.cassette import Cassette
from chatviz.runs.conversation import Conversation
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.inspect import inspect
from chatviz.views.view import View, renderers
from chatviz.widgets.cell_placeholders import make_key, place_bundle, show, still_bundle
from chatviz.widgets.modules import workbench_module
from chatviz.widgets.traits import shared
from chatviz.widgets.workbench.exports import (
    Target,
    export_cassette,
    export_page,
    export_tables,
    say_export,
)
from chatviz.widgets.workbench.folder import Sources
from chatviz.widgets.workbench.scanning import scan_recordings
from chatviz.widgets.workbench.selection import Selection
from chatviz.widgets.workbench.workbench_data import (
    compare_data,
    film_data,
    list_recordings,
    recording_frame,
    state_data,
    table_page,
)
from chatviz.wire.events import Chunk

__all__ = ["Workbench"]

MAX_STILLS: Final = 8  # cells that show it and follow what is chosen


class Workbench(anywidget.AnyWidget):
    """An application in the notebook: the recordings of a folder, each in the inspector.

    Choose a recording, a conversation, an answer and a chunk; sort the tables; compare two
    conversations; export a page, tables and a cassette. What is chosen in the browser can be read
    in Python, and what is set in Python is shown in the browser. A recording that cannot be read
    is listed with the reason.

    Parameters
    ----------
    sources : folder, path, Cassette, or an iterable of them
        Folders are read one recording at a time: the chosen one at once, the rest when the
        workbench is shown.
    exports : path
        The folder that exports go to; it is made when the first one is written.

    Attributes
    ----------
    errors : list of Exception
        What went wrong in the browser's requests, oldest first; the last one is shown there, too.

    Raises
    ------
    FileNotFoundError
        There is no such folder or file.
    TypeError
        The sources are none of these.
    """

    css = shared(traitlets.Unicode())
    _key = shared(traitlets.Unicode())
    _listing: traitlets.List[list[str]] = shared(traitlets.List())
    _state = shared(traitlets.Dict())
    _film = shared(traitlets.Dict())
    _cursor = shared(traitlets.Dict())
    _table = shared(traitlets.Dict())
    _comparison = shared(traitlets.Any())
    _notice = shared(traitlets.Dict())

    def __init__(
        self, sources: Sources = ".", *, exports: str | os.PathLike[str] = "chatviz-exports"
    ) -> None:
        self._stop = Event()  # first of all: what is collected half made is closed, too
        module = workbench_module()
        self._esm = module.code
        self.errors: list[Exception] = []
        self._exports = Path(exports)
        self._selection = Selection(sources)
        self._lock = RLock()
        self._scanner: Thread | None = None
        self._stills: list[Any] = []
        self._moves = 0
        self._films = 0
        super().__init__(css=module.style, _key=make_key())
        self._show()
        self._show_list()
        self.on_msg(self._receive)

    # ---- what is chosen

    @property
    def cassette(self) -> Cassette | None:
        """The chosen recording; set it by its name, its number, its path or itself."""
        opened = self._selection.opened
        return None if opened is None else opened.cassette

    @cassette.setter
    def cassette(self, wanted: int | str | os.PathLike[str] | Cassette) -> None:
        with self._lock:
            self._selection.choose_recording(wanted)
            self._show()
            self._show_list()

    @property
    def conversations(self) -> tuple[Conversation, ...]:
        """The conversations of the chosen recording."""
        return self._selection.conversations

    @property
    def conversation(self) -> Conversation | None:
        """The chosen conversation; set it by its number or itself."""
        return self._selection.conversation

    @conversation.setter
    def conversation(self, wanted: int | Conversation) -> None:
        with self._lock:
            self._selection.choose_talk(wanted)
            self._show()

    @property
    def run(self) -> StreamRun | None:
        """The chosen answer; set it by its number in ``bench.conversation.runs`` or itself."""
        return self._selection.chosen_run

    @run.setter
    def run(self, wanted: int | StreamRun) -> None:
        with self._lock:
            self._selection.choose_run(wanted)
            self._move()

    @property
    def chunk(self) -> Chunk | None:
        """The chosen chunk of ``bench.run``; set it by its number or itself."""
        return self._selection.chosen_chunk

    @chunk.setter
    def chunk(self, wanted: int | Chunk) -> None:
        with self._lock:
            self._selection.choose_chunk(wanted)
            self._move()

    @property
    def recordings(self) -> pd.DataFrame:
        """The list of recordings, with what each holds, or why it cannot be read."""
        return recording_frame(self._selection.recordings)

    @property
    def view(self) -> View | None:
        """The chosen conversation in the inspector, as a view."""
        talk = self.conversation
        return None if talk is None else inspect(talk)

    # ---- what can be done

    def pin(self) -> None:
        """Keep the chosen conversation: it is compared with those that are chosen later."""
        with self._lock:
            self._selection.pin()
            self._comparison = None
            self._state = state_data(self._selection)

    def scan(self) -> None:
        """Read every recording for what the list says of it; the browser starts this by itself."""
        scan_recordings(self._selection, self._lock, self._stop, self._show_list)

    def export_html(self, path: Target = None) -> Path:
        """Save the inspector with the chosen conversation as one page; return its path."""
        return export_page(self._selection, path, folder=self._exports)

    def export_tables(self, folder: Target = None, *, raw: bool = False) -> tuple[Path, ...]:
        """Save each table as CSV, formulas as text (or `raw`, as they are); return the paths."""
        return export_tables(self._selection, folder or self._exports, raw=raw)

    def export_cassette(self, path: Target = None) -> tuple[Path, tuple[str, ...]]:
        """Save the chosen conversation as a recording; return its path, and where secrets were."""
        return export_cassette(self._selection, path, folder=self._exports)

    def close(self) -> None:
        """Stop reading, and leave the browser; what a notebook shows of it then is the picture."""
        self._stop.set()
        super().close()

    def __repr__(self) -> str:
        places = {"run": self._selection.run, "chunk": self._selection.chunk}
        chosen = "".join(f", {noun} {n}" for noun, n in places.items() if n is not None)
        return f"<Workbench: {self._selection.name!r}{chosen}>"

    # ---- how it is shown

    def _ipython_display_(self) -> None:
        """Show it: a place for the application, and the picture that a saved notebook shows."""
        if renderers.active == "widget":
            bundle, _ = self._repr_mimebundle_() or ({}, {})
            show({**bundle, **self._still(), "text/plain": repr(self)})
            return
        if renderers.active == "html":
            show(place_bundle(self._key, repr(self)))
        self._stills.append(show(self._still()))
        del self._stills[:-MAX_STILLS]

    def _still(self) -> dict[str, str]:
        return still_bundle(self._key, f"Workbench, {self._selection.name!r}", self.view)

    def _show(self) -> None:
        """Show another conversation: in one message, so that no key falls between its parts."""
        with self.hold_sync():
            self._films += 1
            self._table, self._comparison = {}, None
            self._film = {"number": self._films, "data": film_data(self.conversation)}
            self._move()
        for still in self._stills:
            still.update(self._still(), raw=True)

    def _move(self) -> None:
        """Show another answer or chunk."""
        self._moves += 1
        self._tell_cursor()
        self._state = state_data(self._selection)

    def _tell_cursor(self) -> None:
        """Tell where Python is; a browser follows only a new move, not what it said itself."""
        run, chunk = self._selection.run, self._selection.chunk
        self._cursor = {"run": run, "chunk": chunk, "film": self._films, "move": self._moves}

    def _show_list(self) -> None:
        self._listing = list_recordings(self._selection.recordings)

    # ---- what the browser asks for

    def _receive(self, _: object, content: Any, buffers: object) -> None:
        """Do what a browser asks for; an error is kept, and shown in the browser."""
        with self._lock:
            try:
                self._ACTS[content["kind"]](self, content)
            except Exception as error:  # what a handler raises nobody would see
                self.errors.append(error)
                self._say(f"{type(error).__name__}: {error}", is_error=True)

    def _say(self, words: str, *, is_error: bool = False) -> None:
        number = self._notice.get("number", 0) + 1
        self._notice = {"words": words, "is_error": is_error, "number": number}

    def _start_scan(self, content: Any) -> None:
        if self._scanner is None:
            self._scanner = Thread(target=self.scan, name="chatviz-workbench", daemon=True)
            self._scanner.start()

    def _select(self, content: Any) -> None:
        if content["film"] == self._films:
            self._selection.choose_run(content["run"])
            self._selection.choose_chunk(content["chunk"])
            self._tell_cursor()

    def _choose_recording(self, content: Any) -> None:
        self.cassette = int(content["number"])

    def _choose_talk(self, content: Any) -> None:
        self.conversation = int(content["number"])

    def _send_comparison(self, content: Any) -> None:
        self._comparison = compare_data(self._selection)

    def _export(self, content: Any) -> None:
        self._say(say_export(self._selection, content["what"], self._exports))

    def _send_table(self, content: Any) -> None:
        order = {"sort": content["sort"], "descending": content["descending"]}
        self._table = table_page(self.conversation, content["name"], **order)

    _ACTS: Final = {
        "ready": _start_scan,
        "select": _select,
        "recording": _choose_recording,
        "talk": _choose_talk,
        "pin": lambda bench, _: bench.pin(),
        "table": _send_table,
        "compare": _send_comparison,
        "export": _export,
    }
