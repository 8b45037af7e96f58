"""What is left, as a test and as an issue; nothing in them controls a reader or a terminal."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Final

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.formats.go_vcr import write
from chatviz.evidence.shrinking.failing import Failing
from chatviz.runs.run import StreamRun

__all__ = ["bytes_literal", "shown_bytes", "write_issue", "write_test"]

LINE: Final = 88  # characters of a bytes literal
_HIDDEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def write_test(cassette: Cassette, failing: Failing, run: StreamRun) -> str:
    """Return a pytest file; the errors are those of ``failing.test_lines``."""
    lines = failing.test_lines(run)
    if failing.needs == "recording":
        name, data = "RECORDING", write(cassette)
    else:
        name, data = "BODY", run.body
    told = "\n".join(f"{name} {number}" for name, number in _versions(failing))
    head = f'"""{_one_line(failing.name)}.\n\nFound with:\n{told}\n"""\n\n'
    imports, _, rest = lines.partition("\n\n\n")
    above = f"{imports}\n\n" if imports else ""
    return f"{head}{above}{name} = {bytes_literal(data)}\n\n\n{rest}"


def write_issue(
    cassette: Cassette, failing: Failing, run: StreamRun, expected: str, got: str
) -> str:
    """Return the text of an issue in Markdown."""
    versions = "\n".join(f"- {name} {number}" for name, number in _versions(failing))
    try:
        test = _fenced(write_test(cassette, failing, run), "python")
    except ValueError as error:
        test = f"(No test: {error})"
    body, noun = shown_bytes(run.body), "chunk" if len(run.chunks) == 1 else "chunks"
    return (
        f"# {_one_line(failing.name)}\n\n"
        f"The stream below is the least that shows it: {len(run.chunks)} {noun}, "
        f"{len(run.body):,} bytes ({run.dialect}). It was cut down from a recording by chatviz, "
        f"each step checked.\n\n"
        f"## Versions\n\n{versions}\n\n"
        f"## The bytes\n\n{_fenced(body)}\n\n"
        f"## Expected\n\n{_fenced(_shown(expected))}\n\n"
        f"## Got\n\n{_fenced(_shown(got))}\n\n"
        f"## Test\n\n{test}\n"
    )


def shown_bytes(body: bytes) -> str:
    """Return a body as text that controls nothing; one that is no text in Python's notation."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return bytes_literal(body)
    if "\x00" in text:
        return bytes_literal(body)
    return _shown(text).rstrip()


def _shown(text: str) -> str:
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\r\n", "\n"))


def bytes_literal(data: bytes) -> str:
    """Return the source of some bytes, a line of it for each line of them."""
    pieces = [
        line[start : start + LINE]
        for line in data.splitlines(keepends=True)
        for start in range(0, len(line), LINE)
    ]
    if len(pieces) < 2:
        return repr(data)
    return "(\n" + "".join(f"    {piece!r}\n" for piece in pieces) + ")"


def _versions(failing: Failing) -> Iterator[tuple[str, str]]:
    yield from failing.versions().items()
    if failing.needs == "recording":
        yield "chatviz-inspector", version("chatviz-inspector")
    yield "Python", platform.python_version()
    yield platform.system(), platform.machine()


def _fenced(text: str, language: str = "") -> str:
    """Return text between fences that are longer than any in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _one_line(text: str) -> str:
    return " ".join(_HIDDEN.sub("", text).replace('"', "'").replace("\\", "/").split())
