"""Every JavaScript module has its tests in tests/javascript, and node runs them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

ROOT = Path(__file__).parents[1]
SUITES = sorted((ROOT / "tests" / "javascript").glob("*.test.js"))
NONE_YET = pytest.param(None, marks=pytest.mark.skip(reason="no JavaScript modules yet"))


@pytest.mark.parametrize(
    "suite", SUITES or [NONE_YET], ids=lambda suite: getattr(suite, "name", "")
)
def test_node_runs_the_suite(suite: Path, without_program: Callable[[str], NoReturn]) -> None:
    node = shutil.which("node") or without_program("node is not installed")
    done = subprocess.run([node, "--test", suite], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_javascript_module_has_its_suite() -> None:
    modules = {path.stem for path in (ROOT / "chatviz").rglob("static/*.js")}
    assert modules <= {suite.name.removesuffix(".test.js") for suite in SUITES}
