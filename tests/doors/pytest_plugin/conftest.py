"""What these tests share: tests inside a test, and a server that they record."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from tests.doors.pytest_plugin.inner import InnerTests
from tests.transports.conftest import server

__all__ = ["inner", "server"]


@pytest.fixture
def modules_kept() -> Iterator[dict[str, ModuleType]]:
    """Keep what a test imports: pytester forgets it, and imported again it is something else."""
    kept: dict[str, ModuleType] = {}
    yield kept  # torn down after pytester, since it was made before
    sys.modules.update(kept)


@pytest.fixture
def inner(
    modules_kept: dict[str, ModuleType],
    pytester: pytest.Pytester,
    server: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[InnerTests]:
    """Tests that run inside this one, in a folder of their own."""
    for name in ("CI", "CHATVIZ_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    yield InnerTests(pytester, server)
    modules_kept.update(sys.modules)
