"""How ``lint`` reports: for people, as JSON, as GitHub's annotations, and as SARIF."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import click

from chatviz.doors.cli.sources import shown_name
from chatviz.doors.cli.terminal import (
    SEVERITY_COLOURS,
    cell_width,
    paint,
    safe_text,
    width_of,
    wrap_cells,
)

__all__ = ["REPORTS", "Reported"]

_GITHUB: Final = {"error": "error", "warning": "warning", "info": "notice"}
_SARIF: Final = {"error": "error", "warning": "warning", "info": "note"}
_SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding with its place: the file, the interaction in it, and the bytes of its body."""

    file: str
    interaction: int | None
    code: str
    severity: str
    message: str
    part: str = ""
    chunk: int | None = None
    last_chunk: int | None = None
    byte_offset: int | None = None  # of the first chunk, in the decoded body
    count: int = 1


def _text(reported: Sequence[Reported], files: int, hidden: int) -> str:
    """Return a line for each finding, and the sum."""
    lines = []
    for one in reported:
        severity = paint(one.severity, SEVERITY_COLOURS[one.severity])
        place = safe_text(": ".join(filter(None, (shown_name(one.file), _where(one)))))
        head = f"{place}: {severity} {paint(one.code, bold=True)}:"
        lines += _beside(head, one.message)
    counts = {name: sum(one.severity == name for one in reported) for name in SEVERITY_COLOURS}
    told = ", ".join(f"{count:,} {name}{'s' * (count != 1)}" for name, count in counts.items()
                     if count or name != "info")  # fmt: skip
    notes = f" ({hidden:,} note{'s' * (hidden != 1)} not shown: --notes)" if hidden else ""
    return "\n".join([*lines, f"{files:,} file{'s' * (files != 1)}: {told}{notes}"])


def _beside(head: str, message: str) -> list[str]:
    """Return a finding in one line, which other programs can take apart; a terminal breaks it."""
    line = f"{head} {safe_text(message)}"
    if not sys.stdout.isatty() or cell_width(click.unstyle(line)) <= width_of(None):
        return [line]
    return [head, *(f"    {part}" for part in wrap_cells(message, width_of(None) - 4))]


def _where(one: Reported) -> str:
    """Return the place in a file, as far as there is one."""
    parts = [f"interaction {one.interaction}"] if one.interaction is not None else []
    parts += [f"chunk {one.chunk}"] if one.chunk is not None else []
    place = ", ".join(parts)
    return place if one.byte_offset is None else f"{place} (byte {one.byte_offset:,})"


def _json(reported: Sequence[Reported], files: int, hidden: int) -> str:
    """Return all of it as one document."""
    return json.dumps({"files": files, "findings": [asdict(one) for one in reported]}, indent=2)


def _github(reported: Sequence[Reported], files: int, hidden: int) -> str:
    """Return the workflow commands that become annotations of a file."""
    lines = []
    for one in reported:
        command, where = _GITHUB[one.severity], _where(one)
        file, title = _property(one.file), _property(f"{one.code}{where and f' ({where})'}")
        lines.append(f"::{command} file={file},title={title}::{_data(one.message)}")
    return "\n".join(lines)


def _data(text: str) -> str:
    """Return text as a command's message: a line break in it would begin another command."""
    return (
        safe_text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    )  # fmt: skip


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(reported: Sequence[Reported], files: int, hidden: int) -> str:
    """Return SARIF 2.1.0 (OASIS); places in a body are properties, since a file holds many."""
    from importlib.metadata import version

    from chatviz.explanations import explain_all

    codes = list(dict.fromkeys(one.code for one in reported))
    texts = explain_all(codes)
    rules = [
        {"id": code, "help": {"text": texts[code], "markdown": texts[code]}}
        if code in texts
        else {"id": code}
        for code in codes
    ]
    driver = {"name": "chatviz", "version": version("chatviz-inspector"), "rules": rules}
    results = [_sarif_result(one, codes.index(one.code)) for one in reported]
    run = {"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _sarif_result(one: Reported, rule: int) -> dict[str, Any]:
    from urllib.parse import quote

    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(one.file.replace("\\", "/"))}}
    }
    if one.interaction is not None:
        name = f"interaction {one.interaction}"
        name += "" if one.chunk is None else f", chunk {one.chunk}"
        location["logicalLocations"] = [{"fullyQualifiedName": name}]
    shown = {name: value for name, value in asdict(one).items()
             if name in ("interaction", "part", "chunk", "last_chunk", "byte_offset", "count")
             and value not in (None, "")}  # fmt: skip
    return {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": _SARIF[one.severity],
        "message": {"text": safe_text(one.message)},
        "locations": [location],
        "properties": shown,
    }


REPORTS: Final[Mapping[str, Callable[[Sequence[Reported], int, int], str]]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}
