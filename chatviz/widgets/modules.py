"""What a widget's browser runs: its own module, and those of the views that it mounts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from chatviz.views.page_module import module_style, static_text

__all__ = ["mounted_modules", "widget_code", "widget_style"]


@cache
def widget_code(name: str) -> str:
    """Return a widget's module."""
    return _text(f"{name}.js")


@cache
def widget_style(name: str) -> str:
    """Return its style: what all modules share, and its own."""
    return static_text("base.css") + _text(f"{name}.css")


def mounted_modules(*names: str) -> dict[str, dict[str, str]]:
    """Return the code and the style of views' modules, for a widget that mounts them."""
    return {name: {"code": static_text(f"{name}.js"), "css": module_style(name)} for name in names}


def _text(name: str) -> str:
    return files("chatviz.widgets").joinpath("static", name).read_text(encoding="utf-8")
