"""What holds for tests, docstrings' examples and notebooks alike."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

import chatviz


def pytest_configure(config: pytest.Config) -> None:
    """Measure the processes that run tests, but not those that tests start (kernels, servers)."""
    if not config.getoption("numprocesses", None):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path,
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Look for docstrings' examples in the package only.

    A file of tests that cannot be imported would be skipped as one without examples, its error
    unseen.
    """
    collectors = yield
    if Path(chatviz.__file__).parent in file_path.parents:
        return collectors
    return [one for one in collectors if type(one).__name__ != "DoctestModule"]


@pytest.fixture(autouse=True, scope="session")
def front_door(doctest_namespace: dict[str, Any]) -> None:
    """Let an example begin with ``cv.`` without importing it, as the documents do."""
    doctest_namespace["cv"] = chatviz
