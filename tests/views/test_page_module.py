"""A module and its data in one script: nothing ends the script early, and nothing of it is lost."""

from __future__ import annotations

import json
import re

import pytest

from chatviz.evidence.shrinking.showing import SHRUNK_PANES
from chatviz.views.cache.cache import CACHE_PANES
from chatviz.views.compare.compare import COMPARE_PANES
from chatviz.views.inspector.inspect import INSPECTOR_PANES
from chatviz.views.overview.mounting import OVERVIEW_PANES, overview_module
from chatviz.views.pace.pace import PACE_PANES
from chatviz.views.page_module import (
    Module,
    Mount,
    measure_json,
    pane_module,
    pane_names,
    write_json,
)
from chatviz.widgets.modules import live_module, workbench_module

PARTS = {
    "calls": ("header", "player", "calls"),
    "pace": PACE_PANES,
    "cache": CACHE_PANES,
    "compare": COMPARE_PANES,
    "shrunk": SHRUNK_PANES,
    "transcript": ("header", "player", "transcript"),
    "timeline": ("timeline", "findings"),
    "usage": ("header", "usage"),
}
FORBIDDEN = re.compile(r"</|<!--|\bimport\b|^export", re.MULTILINE)


def size_of(module: Module) -> int:
    return len(module.body.encode())


def test_what_a_page_inlines_is_small() -> None:
    assert size_of(pane_module(*INSPECTOR_PANES)) <= 64_000
    assert all(size_of(pane_module(*panes)) <= 32_000 for panes in PARTS.values())
    assert size_of(pane_module(*OVERVIEW_PANES)) <= 32_000
    assert size_of(overview_module()) <= 64_000 + 16_000  # it holds the inspector, too


def test_a_page_holds_the_panes_that_it_lists_and_no_others() -> None:
    usage = pane_module("header", "usage")
    assert "usagePane" in usage.body and "headerPane" in usage.body
    assert "class Player" not in usage.body and "class Timeline" not in usage.body
    whole = pane_module(*INSPECTOR_PANES)
    assert "class Player" in whole.body and "growRuns" not in whole.body
    assert "canvas{" in whole.style and "canvas{" not in usage.style


def test_panes_are_found_by_listing_their_folder() -> None:
    listed = {*INSPECTOR_PANES, *COMPARE_PANES, *PACE_PANES, *CACHE_PANES, *SHRUNK_PANES}
    assert listed | {*OVERVIEW_PANES} == set(pane_names())
    with pytest.raises(
        ValueError,
        match="no pane 'nothing': there are cache, calls, charts, compare, conversations",
    ):
        pane_module("header", "nothing")


@pytest.mark.parametrize(
    "module",
    [
        pane_module(*INSPECTOR_PANES),
        pane_module(*COMPARE_PANES),
        live_module(),
        workbench_module(),
        overview_module(),
    ],
    ids=lambda module: module.name[:20],
)
def test_a_script_ends_nothing_early_and_imports_nothing(module: Module) -> None:
    assert FORBIDDEN.findall(module.body) == []
    assert FORBIDDEN.findall(module.style) == []
    assert module.code.endswith("\nexport default chatvizPage;\n")


def test_the_inspector_is_in_the_live_view_and_in_the_workbench() -> None:
    for module in (live_module(), workbench_module()):
        assert all(f"{name}Pane" in module.body for name in INSPECTOR_PANES)
    assert "growRuns" in live_module().body and "comparePane" not in live_module().body
    assert "comparePane" in workbench_module().body and "growRuns" not in workbench_module().body


def test_inlined_json_ends_no_script_and_opens_no_comment() -> None:
    value = {"</script>": ["<!--", "<\\/", "a\ud800b", "\u2028"]}
    text = write_json(value)
    assert "<" not in text
    assert json.loads(text) == value
    text.encode()


def test_a_size_is_counted_in_bytes() -> None:
    assert measure_json("é<") == len(b'"\xc3\xa9\\u003c"')


def test_the_mark_is_a_hash_of_what_is_shown() -> None:
    module = pane_module("compare")
    marks = [re.search(r'id="(cv-[0-9a-f]{16})"', Mount(module, n).html)[1] for n in (1, 1, 2)]
    assert marks[0] == marks[1] != marks[2]


def test_the_module_stands_between_its_name_with_its_hash_and_its_end() -> None:
    module = pane_module("header", "usage")
    html = Mount(module, {}).html
    inside = html.split(f"/* chatviz header+usage {module.hash} */")[1]
    assert inside.split("/* end of header+usage */")[0].strip() == module.body
    assert html.count("<script") == html.count("</script>") == 1
