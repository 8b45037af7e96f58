"""How a view comes alive in a page: panes joined to a module, and its data, in one script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from chatviz.views.joining import join_modules, squeeze_script, squeeze_style

__all__ = [
    "Module",
    "Mount",
    "make_module",
    "measure_json",
    "pane_files",
    "pane_list",
    "pane_module",
    "pane_names",
    "write_json",
]

ROOT: Traversable = files("chatviz")
PANES: Final = "views/js/panes"
_PANE: Final = re.compile(r"^export const (\w+Pane) = ", re.MULTILINE)
_SURROGATES: Final = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Module:
    """A script for browsers, joined and squeezed, and its style.

    Attributes
    ----------
    name : str
    hash : str
        Of what it was joined from, however it is squeezed.
    body : str
        Statements; the last one defines ``chatvizPage``.
    style : str
        The style sheet of its shadow root.
    """

    name: str
    hash: str
    body: str
    style: str

    @property
    def code(self) -> str:
        """The module as anywidget imports it."""
        return f"{self.body}\nexport default chatvizPage;\n"


@dataclass(frozen=True, slots=True)
class Mount:
    """What makes a view interactive where scripts run: a module, and what it shows.

    Attributes
    ----------
    module : Module
    data : object
        What ``model.get("data")`` returns there: JSON.
    """

    module: Module
    data: Any

    @property
    def html(self) -> str:
        """The script that makes the element before it interactive.

        The module replaces the children of the element that comes before the mark, so that
        nothing is hidden where scripts do not run. The mark is found by a hash of what is shown.
        """
        module, shown = self.module, write_json(self.data)
        mark = "cv-" + sha256(f"{module.name} {module.hash} {shown}".encode()).hexdigest()[:16]
        return (
            f'<div id="{mark}"></div><script type="module">\n'
            f"/* chatviz {module.name} {module.hash} */\n{module.body}\n"
            f"/* end of {module.name} */\n"
            f"chatvizPage.mountAt({write_json(mark)}, {shown}, {write_json(module.style)});\n"
            "</script>"
        )


@cache
def pane_module(*panes: str) -> Module:
    """Return the module of a page that shows some panes, in this order, and holds no others.

    Parameters
    ----------
    *panes : str
        Names of files in ``js/panes/`` and the folders in it.

    Raises
    ------
    ValueError
        There is no such pane; the message names those that there are.
    """
    made = f"makePage({pane_list(panes)})"
    return make_module("+".join(panes), made, ["views/js/frame.js", *pane_files(panes)])


def make_module(name: str, made: str, paths: Iterable[str]) -> Module:
    """Return a module of some files and all that they import.

    Parameters
    ----------
    name : str
        What it is called in a page.
    made : str
        A JavaScript expression of what the module is for anywidget.
    paths : iterable of str
        Files in the package, from its root.
    """
    joined = join_modules(ROOT, paths)
    code = f"{joined.code}\nconst chatvizPage = {made};"
    style = squeeze_style(joined.style)
    return Module(name, _hash(code + style), squeeze_script(code), style)


def pane_names() -> tuple[str, ...]:
    """Return the names of all panes that there are."""
    return tuple(sorted(_pane_places()))


def pane_list(panes: Iterable[str]) -> str:
    """Return panes as a JavaScript list of what their files export."""
    return f"[{', '.join(map(_exported_pane, panes))}]"


def pane_files(panes: Iterable[str]) -> list[str]:
    """Return the files of panes, from the package's root.

    Raises
    ------
    ValueError
        There is no such pane; the message names those that there are.
    """
    return [_pane_file(pane) for pane in panes]


def _pane_places() -> dict[str, str]:
    """Return the file of each pane: in the folder of the panes, or in a folder of that."""
    places = {}
    for one in ROOT.joinpath(PANES).iterdir():
        inner = [f"{one.name}/{file.name}" for file in one.iterdir()] if one.is_dir() else []
        for path in (one.name, *inner):
            if path.endswith(".js"):
                places[path.rpartition("/")[2].removesuffix(".js")] = f"{PANES}/{path}"
    return places


def _pane_file(pane: str) -> str:
    places = _pane_places()
    if pane not in places:
        raise ValueError(f"there is no pane {pane!r}: there are {', '.join(sorted(places))}.")
    return places[pane]


def _exported_pane(pane: str) -> str:
    path = _pane_file(pane)
    found = _PANE.findall(ROOT.joinpath(path).read_text(encoding="utf-8"))
    if len(found) != 1:
        raise ValueError(f"{path} must export one constant …Pane, found {len(found)}.")
    return str(found[0])


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def write_json(value: Any) -> str:
    """Return compact JSON without a ``<``: it ends no script, and opens no comment or tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.replace("<", "\\u003c")


def measure_json(value: Any) -> int:
    """Return how many bytes a value has in a page."""
    return len(write_json(value).encode())
