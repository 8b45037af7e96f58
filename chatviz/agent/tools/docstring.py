"""What a function's docstring tells a model: its first paragraph, and a sentence per parameter."""

from __future__ import annotations

import inspect
import re
from typing import Final

__all__ = ["read_description", "read_parameters"]

_SECTION: Final = re.compile(r"(Parameters\n-{3,}|Args:|Arguments:|Parameters:) *\n")
_ENTRY: Final = re.compile(r"\*{0,2}(\w+(?:, *\w+)*) *(?:\([^)]*\))? *(?::(?: +(.*))?)?")


def read_description(docstring: str | None) -> str:
    """Return the first paragraph in one line."""
    first, _, _ = inspect.cleandoc(docstring or "").partition("\n\n")
    return " ".join(first.split())


def read_parameters(docstring: str | None) -> dict[str, str]:
    """Return the description of each parameter, as numpy's and Google's styles write them."""
    text = inspect.cleandoc(docstring or "") + "\n"
    section = _SECTION.search(text)
    if section is None:
        return {}
    is_numpy = section[1].endswith("-")
    found: dict[str, list[str]] = {}
    names: list[str] = []
    for indent, line in _lines_of_section(text[section.end() :], is_numpy=is_numpy):
        if indent > 0:
            for name in names:
                found[name].append(line)
        elif entry := _ENTRY.fullmatch(line):
            names = entry[1].replace(" ", "").split(",")
            # In numpy's style the type comes after the colon, in Google's the description.
            found |= {name: [] if is_numpy else [entry[2] or ""] for name in names}
    return {name: " ".join(filter(None, lines)) for name, lines in found.items() if any(lines)}


def _lines_of_section(text: str, *, is_numpy: bool) -> list[tuple[int, str]]:
    """Return the lines up to the next section, each with its indent inside the section."""
    lines = [line for line in text.split("\n") if line.strip()]
    indents = [len(line) - len(line.lstrip()) for line in lines]
    outer = indents[0] if lines and not is_numpy else 0
    found = []
    for number, (indent, line) in enumerate(zip(indents, lines, strict=True)):
        underlined = number + 1 < len(lines) and set(lines[number + 1].strip()) == {"-"}
        if indent < outer or (is_numpy and underlined and indent == 0):
            break
        found.append((indent - outer, line.strip()))
    return found
