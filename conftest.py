"""What holds for tests, docstrings' examples and notebooks alike."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import nbval.kernel
import pytest
from jupyter_client.manager import KernelManager

import chatviz


class KernelOfFiles(KernelManager):
    """A kernel that is reached by files.

    A port is chosen before the kernel takes it; a server of another test may be quicker.
    """

    def __init__(self, **options: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kernel-")
        address = str(Path(self._folder.name) / "at")
        super().__init__(transport="ipc", ip=address, **options)

    def cleanup_connection_file(self) -> None:
        """Take away what the kernel was reached by, when it has ended for good."""
        super().cleanup_connection_file()
        self._folder.cleanup()


def pytest_configure(config: pytest.Config) -> None:
    """Measure the processes that run tests, but not those that tests start (kernels, servers)."""
    if sys.platform != "win32":
        nbval.kernel.KernelManager = KernelOfFiles
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
