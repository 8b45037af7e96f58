"""What the examples in docstrings may use without importing it: ``cv``, as the documents do."""

from __future__ import annotations

from typing import Any

import pytest

import chatviz


@pytest.fixture(autouse=True, scope="session")
def front_door(doctest_namespace: dict[str, Any]) -> None:
    """Let an example begin with ``cv.``."""
    doctest_namespace["cv"] = chatviz
