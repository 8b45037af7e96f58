"""The JavaScript: its suites run in node, on the sources and on all of them joined and squeezed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from chatviz.views.joining import join_modules, squeeze_script
from chatviz.views.page_module import ROOT as PACKAGE

ROOT = Path(__file__).parents[1]
SUITES = sorted((ROOT / "tests" / "javascript").glob("*.test.js"))
MODULES = sorted(
    path.relative_to(ROOT / "chatviz").as_posix() for path in (ROOT / "chatviz").rglob("js/**/*.js")
)
LAB = ROOT / "chatviz" / "doors" / "jupyter_extension" / "lab"  # a bundle of its own
LAB_MODULES = sorted(path.relative_to(ROOT / "chatviz").as_posix() for path in LAB.glob("src/*.js"))
STYLES = [*sorted((ROOT / "chatviz").rglob("js/**/*.css")), LAB / "style" / "index.css"]
# A page that a tap serves asks the tap; no other asks anybody. The extension of Lab puts a style
# into a page that the server has made, and has an icon.
SPARED = {
    "doors/js/tap_asking.js": {"fetch"},
    "doors/jupyter_extension/lab/src/icon.js": {"</"},
    "doors/jupyter_extension/lab/src/theme.js": {"</"},
}
FORBIDDEN = re.compile(
    r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|\bFunction\b|import\("
    r"|https?:|</|<!--|fetch|XMLHttp|WebSocket"
)


@pytest.fixture(scope="module")
def node(without_program: Callable[[str], NoReturn]) -> str:
    return shutil.which("node") or without_program("node is not installed")


@pytest.fixture(scope="module")
def squeezed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All modules of the package as one script, which exports what each of them did."""
    joined = join_modules(PACKAGE, MODULES)
    code = squeeze_script(f"{joined.code}\nexport {{ {', '.join(joined.exports)} }};")
    path = tmp_path_factory.mktemp("squeezed") / "all.mjs"
    path.write_text(code, encoding="utf-8")
    return path


def run_node(*arguments: object, **environment: str) -> None:
    command = list(map(str, arguments))
    whole = {**os.environ, **environment}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=whole)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_node_runs_the_suite_on_the_sources(suite: Path, node: str) -> None:
    run_node(node, "--test", suite)


def test_node_runs_all_suites_on_what_is_squeezed(node: str, squeezed: Path) -> None:
    run_node(node, "--test", *SUITES, CHATVIZ_MODULE=squeezed.as_uri())


def test_no_two_modules_of_the_package_declare_the_same_name(node: str, squeezed: Path) -> None:
    """The joiner sees one name in each declaration; node sees whatever else would clash."""
    run_node(node, "--check", squeezed)


def test_every_module_is_loaded_by_a_suite(node: str) -> None:
    """By itself or by those that import it."""
    loaded = re.findall(r'load\("([^"]+)"\)', "".join(map(Path.read_text, SUITES)))
    # What only a browser can show.
    entries = {"doors/js/tap.js", "widgets/js/live.js", "widgets/js/workbench.js"}
    reached = set(join_modules(PACKAGE, [*loaded, *sorted(entries)]).files)
    assert set(MODULES) == reached


def test_a_folder_holds_at_most_twelve_modules() -> None:
    folders = Counter(module.rpartition("/")[0] for module in MODULES)
    assert {folder: count for folder, count in folders.items() if count > 12} == {}


@pytest.mark.parametrize("module", [*MODULES, *LAB_MODULES])
def test_a_module_is_short_and_writes_no_markup(module: str) -> None:
    text = (ROOT / "chatviz" / module).read_text(encoding="utf-8")
    lines = text.splitlines()
    assert lines[0].startswith("// ")  # its idea
    assert len(lines) <= 300
    assert [line for line in lines if len(line) > 100] == []
    found = FORBIDDEN.findall(text.replace("http://www.w3.org/2000/svg", ""))
    assert set(found) == SPARED.get(module, set())
    assert [name for name, size in function_sizes(lines) if size > 40] == []


def test_the_suites_are_narrow_too() -> None:
    for path in sorted((ROOT / "tests").rglob("*.*js")):
        wide = [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 100]
        assert wide == [], path


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_a_style_is_narrow_and_asks_for_nothing(style: Path) -> None:
    text = style.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 100] == []
    assert re.findall(r"url\(|@import|https?:|</|<!--", text) == []
    assert style.with_suffix(".js").is_file() or style.is_relative_to(LAB)


def function_sizes(lines: list[str]) -> list[tuple[str, int]]:
    """The functions at the beginning of a line and the methods of classes, with their lines."""
    begins = re.compile(
        r"(?:export )?(?:async )?function\*? (\w+)|(?:export )?const (\w+) = "
        r"|  (?:get |static |async )*(\w+)\(.*\) \{$"
    )
    sizes, open_one = [], None
    for number, line in enumerate(lines):
        if found := begins.match(line):
            open_one = next(filter(None, found.groups())), number, line.startswith("  ")
        if open_one and re.match(r"  \}$" if open_one[2] else r"[})\]]", line):
            sizes.append((open_one[0], number - open_one[1] + 1))
            open_one = None
    return sizes


def test_the_size_of_a_function_is_found() -> None:
    lines = ["export function f() {", "  a();", "}", "class A {", "  b(c) {", "  }", "}"]
    assert function_sizes(lines) == [("f", 3), ("b", 2)]
