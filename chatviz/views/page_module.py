"""How a module comes alive in a page: the module, its style and its data in one inline script."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

__all__ = [
    "Mount",
    "measure_json",
    "module_hash",
    "module_style",
    "squeeze_script",
    "static_text",
    "write_json",
]

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# What is left as it is (text in quotes, templates with templates inside, regular expressions), or
# a sign that needs no space around it.
_KEPT: Final = r""""(?:[^"\\]|\\.)*"
    | `(?:[^`$] | \$(?!\{) | \$\{(?:[^`{}] | `[^`]*` | \{[^{}]*\})*\})*`
    | /(?!\ )(?:[^/\\\n\[] | \\. | \[(?:[^\]\\] | \\.)*\])+/[a-z]*"""
_SIGN: Final = re.compile(rf"{_KEPT} | \s*([=(){{}}\[\],;:?<>!&|+*%-])\s*", re.VERBOSE)
_BOUNDARY: Final = re.compile(rf"{_KEPT} | [)\]}}] | [(\[{{;]\s*(const\ )?", re.VERBOSE)


@dataclass(frozen=True, slots=True)
class Mount:
    """What makes a view interactive where scripts run: a module, and what it shows.

    Attributes
    ----------
    module : str
        The name of a module in ``static/`` (and of its style sheet).
    data : object
        What ``model.get("data")`` returns there: JSON.
    """

    module: str
    data: Any

    @property
    def html(self) -> str:
        """The script that makes the element before it interactive.

        The module replaces the children of the element that stands before the mark, so that
        nothing is hidden where scripts do not run. The mark is found by a hash of what is shown.
        """
        module = self.module
        code = squeeze_script(static_text(f"{module}.js"), exports=False)
        style, shown = module_style(module), write_json(self.data)
        mark = "cv-" + sha256((code + style + shown).encode()).hexdigest()[:16]
        return (
            f'<div id="{mark}"></div><script type="module">\n'
            f"/* chatviz {module}.js {module_hash(module)} */\n{code}\n"
            f"/* end of {module}.js */\n"
            f"mountAt({write_json(mark)}, {shown}, {write_json(style)});\n</script>"
        )


@cache
def squeeze_script(code: str, *, exports: bool = True) -> str:
    """Return a module without its comments, and without the spaces that mean nothing.

    It is written as in ``static/``: a comment stands on lines of its own, text in double quotes, a
    semicolon behind each statement, and a division sign between spaces.

    Parameters
    ----------
    exports : bool
        Whether it is imported; a script in a page exports nothing.
    """
    left_out = ("//", "/*", "*") if exports else ("//", "/*", "*", "export default")
    lines = (line.strip() for line in code.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith(left_out))
    if not exports:
        kept = re.sub("^export ", "", kept, flags=re.MULTILINE)
    joined = _join_constants(kept)
    return _SIGN.sub(lambda match: match[1] or match[0], joined).replace(";}", "}")


def _join_constants(code: str) -> str:
    """Return a module with one ``const`` for declarations that follow one another."""
    are_constants, written, place = [code.startswith("const ")], [], 0
    for match in _BOUNDARY.finditer(code):
        sign, begins_constant = match[0], match[1] is not None
        written.append(code[place : match.start()])
        place = match.end()
        if sign[0] in "([{":
            are_constants.append(begins_constant)
        elif sign in (")", "]", "}"):
            are_constants.pop()
        elif sign[0] == ";":
            sign = ", " if begins_constant and are_constants[-1] else sign
            are_constants[-1] = begins_constant
        written.append(sign)
    return "".join([*written, code[place:]])


def module_style(module: str) -> str:
    """Return the style that all modules share, and a module's own, without line breaks."""
    return " ".join(f"{static_text('base.css')}{static_text(f'{module}.css')}".split())


@cache
def static_text(name: str) -> str:
    """Return a file of ``static/``."""
    return files("chatviz.views").joinpath("static", name).read_text(encoding="utf-8")


def module_hash(module: str) -> str:
    """Return a short hash of a module and its style sheet."""
    text = static_text(f"{module}.js") + module_style(module)
    return sha256(text.encode()).hexdigest()[:12]


def write_json(value: Any) -> str:
    """Return compact JSON without a ``<``: it ends no script, and opens no comment or tag."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text = _SURROGATES.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return text.replace("<", "\\u003c")


def measure_json(value: Any) -> int:
    """Return how many bytes a value has in a page."""
    return len(write_json(value).encode())
