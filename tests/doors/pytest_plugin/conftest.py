"""What these tests share: tests inside a test, and a server that they record."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.pytest_plugin.inner import InnerTests
from tests.transports.conftest import server

__all__ = ["inner", "server"]


@pytest.fixture
def inner(pytester: pytest.Pytester, server: Any, monkeypatch: pytest.MonkeyPatch) -> InnerTests:
    """Tests that run inside this one, in a folder of their own."""
    for name in ("CI", "CHATVIZ_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return InnerTests(pytester, server)
