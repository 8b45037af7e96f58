"""What nbval needs for live cells and inlined modules: a pytest plugin that acts only beside nbval.

nbval fails every cell that updates a display or clears its output. Here its cells are told apart
message by message, as a front end would: an update changes the output that it belongs to, clearing
clears, and nbval itself never sees the two. The module that a view inlines is compared by its name,
so that a new version of chatviz does not fail the notebooks that show its views. What only says how
far some work was (a bar of tqdm, a line that was taken away) is not compared: it comes where a cell
takes longer than a second, and that is the machine's.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, MutableMapping
from typing import Any, Final

import pytest

__all__ = ["PATTERNS", "OutputReader", "pytest_runtest_call"]

# What changes with chatviz and not with what is shown: the module's code, the mark that is a hash
# of it, and its style. What the module shows is compared.
PATTERNS: Final = {
    r"(?s)/\* chatviz ([\w+]+) [0-9a-f]+ \*/\n.*?\n/\* end of \1 \*/": r"/* \1 */",
    r'<div id="cv-[0-9a-f]{16}"></div>': '<div id="cv"></div>',
    r'(?m)^(chatvizPage\.mountAt)\("cv-[0-9a-f]{16}", (.*), "(?:[^"\\]|\\.)*"\);$': (
        r'\1("cv", \2);'
    ),
}

KernelMessage = MutableMapping[str, Any]

# How tqdm ends a bar: time so far, time left, rate.
_BAR: Final = re.compile(r"[^\n]* \[(?:\d+:)?\d\d:\d\d(?:<[^,\n]*)?, *[^\n]*(?:/s|s/)[^\n]*\]")
_OF_BARS: Final = frozenset({"text/plain", "application/vnd.jupyter.widget-view+json"})
_DISPLAYS: Final = frozenset({"display_data", "execute_result"})
_OUTPUTS: Final = _DISPLAYS | {"stream", "error"}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Teach a cell of nbval, for the time of its run; leave every other test alone."""
    nbval = sys.modules.get("nbval.plugin")
    if nbval is None or not isinstance(item, nbval.IPyNbCell):
        yield
        return
    notebook: Any = item.parent
    for pattern, replacement in PATTERNS.items():
        notebook.sanitize_patterns.setdefault(pattern, replacement)
    # Attributes of this one notebook and cell, which hide the methods of their classes.
    notebook.get_kernel_message = OutputReader(item, notebook.get_kernel_message)
    compare = item.compare_outputs
    item.compare_outputs = lambda found, wanted: compare(_lasting(found), _lasting(wanted))
    try:
        yield
    finally:
        del notebook.get_kernel_message, item.compare_outputs


def _lasting(outputs: Iterable[Any]) -> list[Any]:
    """Return the outputs that say more than how far some work was."""
    return [output for output in outputs if not _says_how_far(output)]


def _says_how_far(output: Mapping[str, Any]) -> bool:
    data = output.get("data") or {}
    if output["output_type"] != "display_data" or not data.keys() <= _OF_BARS:
        return False
    text = "".join(data.get("text/plain", ""))
    return _BAR.fullmatch(text) is not None if text else "text/plain" in data


class OutputReader:
    """Reads a cell's messages, and applies to its outputs those that nbval does not know.

    Parameters
    ----------
    cell : IPyNbCell
        Its ``test_outputs`` are the outputs so far.
    read : callable
        Returns the next message of the kernel.
    """

    def __init__(self, cell: Any, read: Callable[..., KernelMessage]) -> None:
        self._cell = cell
        self._read = read
        self._display_id: str | None = None  # of the message that nbval was handed last
        self._shown: list[tuple[str, Any]] = []  # display ids, and the outputs that bear them
        self._clears_next = False
        self._parent: str | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> KernelMessage:
        """Return the next message that nbval knows."""
        while True:
            self._note_output()
            message = self._read(*args, **kwargs)
            if not self._take(message):
                return message

    def _note_output(self) -> None:
        """Remember the output that nbval made of the message before, if it has a display id."""
        if self._display_id is not None and self._cell.test_outputs:
            self._shown.append((self._display_id, self._cell.test_outputs[-1]))
        self._display_id = None

    def _take(self, message: KernelMessage) -> bool:
        """Apply a message; return whether nbval must not see it."""
        kind, content = message["msg_type"], message["content"]
        if not self._is_own(message):
            return False
        if kind == "clear_output":
            if content.get("wait"):
                self._clears_next = True
            else:
                self._clear()
            return True
        display_id = (content.get("transient") or {}).get("display_id")
        if display_id is not None and kind in _DISPLAYS | {"update_display_data"}:
            self._update(display_id, content)
        if kind in _OUTPUTS and self._clears_next:
            self._clear()
        self._display_id = display_id if kind in _DISPLAYS else None
        return bool(kind == "update_display_data")

    def _is_own(self, message: KernelMessage) -> bool:
        """Whether a message belongs to this cell: the first that begins to run says which do."""
        parent = message.get("parent_header", {}).get("msg_id")
        if self._parent is None and message["msg_type"] == "execute_input":
            self._parent = parent
        return self._parent is not None and bool(parent == self._parent)

    def _update(self, display_id: str, content: MutableMapping[str, Any]) -> None:
        for known, output in self._shown:
            if known == display_id:
                output["data"] = content["data"]
                output["metadata"] = content["metadata"]

    def _clear(self) -> None:
        self._cell.test_outputs.clear()
        self._shown.clear()
        self._clears_next = False
