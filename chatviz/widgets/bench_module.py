"""What a workbench's browser runs: its own module, and those of the views that it mounts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from chatviz.views.mounting import module_style, static_text

__all__ = ["bench_code", "bench_modules", "bench_style"]

MOUNTED = ("inspector", "compare")


@cache
def bench_code() -> str:
    """Return the workbench's module."""
    return _text("workbench.js")


def bench_style() -> str:
    """Return its style: what all modules share, and its own."""
    return static_text("base.css") + _text("workbench.css")


def bench_modules() -> dict[str, dict[str, str]]:
    """Return the code and the style of each module that it mounts."""
    return {
        name: {"code": static_text(f"{name}.js"), "css": module_style(name)} for name in MOUNTED
    }


@cache
def _text(name: str) -> str:
    return files("chatviz.widgets").joinpath("static", name).read_text(encoding="utf-8")
