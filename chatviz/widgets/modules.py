"""What a widget's browser runs: its own files, joined with the panes that it shows."""

from __future__ import annotations

from functools import cache

from chatviz.views.compare.compare import COMPARE_PANES
from chatviz.views.inspector.inspect import INSPECTOR_PANES
from chatviz.views.overview.mounting import OVERVIEW_PANES
from chatviz.views.page_module import Module, make_module, pane_files, pane_list

__all__ = ["live_module", "workbench_module"]


@cache
def live_module() -> Module:
    """Return the module of a live conversation, whose inspector grows."""
    return _widget_module("live", "makeLive", INSPECTOR_PANES)


@cache
def workbench_module() -> Module:
    """Return the module of the workbench: the overview, the inspector and the comparison."""
    panes = (INSPECTOR_PANES, COMPARE_PANES, OVERVIEW_PANES)
    return _widget_module("workbench", "makeWorkbench", *panes)


def _widget_module(name: str, function: str, *panes: tuple[str, ...]) -> Module:
    files = [file for names in panes for file in pane_files(names)]
    given = ", ".join(map(pane_list, panes))
    return make_module(name, f"{function}({given})", [*files, f"widgets/js/{name}.js"])
