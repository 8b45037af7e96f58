"""Workbench: all conversations of a folder, to open, compare, export; the choice is Python's."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, RLock, Thread
from typing import Any, Final

import anywidget
import traitlets

from chatviz.measures.money.prices import Prices
from chatviz.views.view import renderers
from chatviz.widgets.cell_placeholders import make_key, place_bundle, show, still_bundle
from chatviz.widgets.modules import workbench_module
from chatviz.widgets.traits import shared
from chatviz.widgets.workbench.chosen import ChosenInPython
from chatviz.widgets.workbench.exports import (
    Target,
    export_cassette,
    export_list,
    export_page,
    export_tables,
    say_export,
)
from chatviz.widgets.workbench.folder import Sources
from chatviz.widgets.workbench.scanning import (
    chart_trait,
    progress_trait,
    row_batch,
    scan_recordings,
)
from chatviz.widgets.workbench.selection import Selection
from chatviz.widgets.workbench.workbench_data import (
    compare_data,
    film_data,
    state_data,
    table_page,
)

__all__ = ["Workbench"]

MAX_STILLS: Final = 8  # cells that show it and follow what is chosen


class Workbench(ChosenInPython, anywidget.AnyWidget):
    """An application in the notebook: the recordings of a folder, each in the inspector.

    It starts from the overview of all conversations: sort and search them, open one in the
    inspector, tick several to compare or export them. What is chosen in the browser can be read in
    Python, and what is set in Python is shown in the browser. A recording that cannot be read is
    listed with the reason.

    Parameters
    ----------
    sources : folder, path, Cassette, data set, or an iterable of them
        Folders, and what ``cv.read_folder`` returns, are read one recording at a time: the chosen
        one at once, the rest when the workbench is shown; it can be used meanwhile, and says how
        far it is.
    exports : path
        The folder that exports go to; it is made when the first one is written.
    prices : mapping of str to Price, price list, or None
        As for ``cv.usage_table``: then what the tokens come to stands beside the recorded cost.

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
    _names: traitlets.List[str] = shared(traitlets.List())
    _progress = shared(traitlets.Dict())
    _charts = shared(traitlets.Dict())
    _rows = shared(traitlets.Dict())
    _state = shared(traitlets.Dict())
    _film = shared(traitlets.Dict())
    _cursor = shared(traitlets.Dict())
    _table = shared(traitlets.Dict())
    _comparison = shared(traitlets.Any())
    _notice = shared(traitlets.Dict())

    def __init__(
        self,
        sources: Sources = ".",
        *,
        exports: str | os.PathLike[str] = "chatviz-exports",
        prices: Prices | None = None,
    ) -> None:
        self._stop = Event()  # first of all: what is collected half made is closed, too
        module = workbench_module()
        self._esm = module.code
        self.errors: list[Exception] = []
        self._exports = Path(exports)
        self._selection = Selection(sources, prices=prices)
        self._lock = RLock()
        self._scanner: Thread | None = None
        self._stills: list[Any] = []
        self._moves = 0
        self._films = 0
        names = [one.name for one in self._selection.recordings]
        super().__init__(css=module.style, _key=make_key(), _names=names)
        self._show()
        self._show_list()
        self.on_msg(self._receive)

    # ---- what can be done

    def pin(self) -> None:
        """Tick the chosen conversation alone: it is compared with those that are chosen later."""
        with self._lock:
            self._selection.pin()
            self._tell_picks()

    def scan(self) -> None:
        """Read every recording for what the list says of it; the browser starts this by itself."""
        scan_recordings(self._selection, self._lock, self._stop, self._show_list)

    def export_html(self, path: Target = None) -> Path:
        """Save the chosen conversation's inspector as a page, or the overview of those ticked."""
        return export_page(self._selection, path, folder=self._exports)

    def export_tables(self, folder: Target = None, *, raw: bool = False) -> tuple[Path, ...]:
        """Save each table of what is ticked, or chosen, as CSV; return the paths.

        What a spreadsheet would run gets a ``'`` in front; with `raw` it stays what it is.
        """
        return export_tables(self._selection, folder or self._exports, raw=raw)

    def export_list(self, path: Target = None, *, raw: bool = False) -> Path:
        """Save the list of all conversations that were read as CSV; return its path."""
        return export_list(self._selection, path, folder=self._exports, raw=raw)

    def export_cassette(self, path: Target = None) -> tuple[Path, tuple[str, ...]]:
        """Save what is ticked, or chosen, as a recording; return path, and where secrets were."""
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
        """Tell how far the list is; a browser asks for the rows that it has not."""
        with self.hold_sync():
            self._charts = chart_trait(self._selection)
            self._progress = progress_trait(self._selection)

    def _tell_picks(self) -> None:
        self._comparison = None
        self._state = state_data(self._selection)

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

    def _open_talk(self, content: Any) -> None:
        self._selection.choose_recording(int(content["file"]))
        self._selection.choose_talk(int(content["number"]))
        self._show()
        self._show_list()

    def _send_rows(self, content: Any) -> None:
        self._rows = row_batch(self._selection, int(content["from"]))

    def _pick(self, content: Any) -> None:
        keys = (key.split(":") for key in content["keys"])
        self.picked = [(int(number), int(talk)) for number, talk in keys]

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
        "rows": _send_rows,
        "open": _open_talk,
        "picked": _pick,
        "table": _send_table,
        "compare": _send_comparison,
        "export": _export,
    }
