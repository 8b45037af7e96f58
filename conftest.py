"""What holds for tests, docstrings' examples and notebooks alike."""

from __future__ import annotations

import os
from typing import Any

import pytest

import chatviz


def pytest_configure(config: pytest.Config) -> None:
    """Measure the processes that run tests, but not those that tests start (kernels, servers)."""
    if not config.getoption("numprocesses", None):
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


@pytest.fixture(autouse=True, scope="session")
def front_door(doctest_namespace: dict[str, Any]) -> None:
    """Let an example begin with ``cv.`` without importing it, as the documents do."""
    doctest_namespace["cv"] = chatviz
