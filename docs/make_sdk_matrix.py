"""Write docs/sdk-matrix.md: what each library makes of the packaged samples and of bent streams.

``python docs/make_sdk_matrix.py`` asks every library that is installed (the extra ``sdks``, and the
AI SDK where node finds it); a test holds the page to what those that are installed there say now.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from bent_streams import BENT_STREAMS
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import sample, samples
from chatviz.evidence.sdks.cell import SDKCell
from chatviz.evidence.sdks.matrix import SDKMatrix, sdk_matrix
from chatviz.evidence.sdks.sdk import SDK
from chatviz.evidence.sdks.showing import say_cell, sdk_rows
from chatviz.runs.run import StreamRun

__all__ = ["PAGE", "make_matrix", "named_runs", "page", "tables"]

PAGE: Final = Path(__file__).with_name("sdk-matrix.md")
INTRO: Final = """\
# What SDKs make of streams

Every row is a stream, recorded or made by hand, every column a library, which was fed the very
same bytes and read them with its own code, in a process of its own. A cell says whether what was
sent is there (✓ same), partly missing (◐ lossy), contradicted (✗ wrong), or whether the library
raised an error that the server did not send:
[the rules](how_to/what_do_sdks_make_of_it.md#3-read-a-cell), and how recordings of your own are
asked about in the same way. What was sent is what chatviz reads; each of its rules has an example
in the [findings](findings.md).

The streams that are called *synthetic* are made by hand, each with one habit that some provider
has or had. A library is not to blame for a stream that breaks its provider's documents, and to
raise an error at a stream that is cut may be right; its users meet such streams all the same.
"""


def named_runs() -> list[tuple[str, StreamRun]]:
    """Return the streams with their names: the packaged samples, then those made by hand."""
    recorded = [
        (f"`{name}` #{run.interaction}", run)
        for name in samples()
        for run in read_runs(sample(name))
        if run.framing in ("sse", "json_lines")
    ]
    return recorded + [(f"synthetic: {one.name}", one.run) for one in BENT_STREAMS]


def make_matrix(names: list[str] | None = None) -> SDKMatrix:
    """Ask the libraries that are installed, or those that are named."""
    return sdk_matrix([run for _, run in named_runs()], names)


def page(matrix: SDKMatrix, made_on: date) -> str:
    """Return the page in Markdown."""
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return "\n".join(
        [
            INTRO,
            f"Made on {made_on.isoformat()} by `python docs/make_sdk_matrix.py` ({system}).",
            "",
            *tables(matrix),
            *_details(matrix),
            *_libraries(matrix),
        ]
    )


def tables(matrix: SDKMatrix) -> list[str]:
    """Return a table for each dialect: a row for each stream, a column for each library."""
    lines, names = [], [name for name, _ in named_runs()]
    for dialect in dict.fromkeys(run.dialect for run in matrix.runs):
        numbers = [n for n, run in enumerate(matrix.runs) if run.dialect == dialect]
        readers = [sdk for sdk in matrix.sdks if _reads(matrix, sdk, numbers)]
        if not readers:
            continue
        head = ["stream", *(f"{one.name} {one.version}" for one in readers)]
        rows = [
            [names[n], *(say_cell(matrix.cell(n, one.name)) for one in readers)] for n in numbers
        ]
        lines += [f"## `{dialect}`", "", *_table(head, rows), ""]
    return lines


def _reads(matrix: SDKMatrix, sdk: SDK, numbers: list[int]) -> bool:
    return any(matrix.cell(n, sdk.name).verdict not in ("not read", "absent") for n in numbers)


def _details(matrix: SDKMatrix) -> Iterator[str]:
    yield from ("## What differs", "")
    for number, (name, run) in enumerate(named_runs()):
        told = [_say(matrix.cell(number, sdk.name)) for sdk in matrix.sdks]
        known = [one for one in told if one]
        if known:
            yield from (f"**{name}** (`{run.dialect}`)", "", *known, "")


def _say(cell: SDKCell) -> str:
    reading = cell.reading
    if cell.verdict in ("same", "not read", "absent"):
        return ""
    told = [
        f"{one.verdict} {one.place}: sent {_code(one.sent)}, read {_code(one.read)}"
        for one in reading.differences
    ]
    if reading.error:
        told.append(f"raises {_code(f'{reading.error}: {reading.message}')}")
    if cell.verdict == "hangs":
        told.append("hangs")
    return f"- {cell.sdk.name}: {'; '.join(told)}"


def _code(text: str) -> str:
    """Return a text as code on one line; what a library numbers itself is not told."""
    whole = " ".join(text.split())
    short = whole if len(whole) <= 120 else f"{whole[:117]}…"
    own = ("lc_run-", "chatcmpl-", "pyd_ai_")
    if short.startswith(own):
        return "an id of its own"
    return f"``{short.replace('``', '` `')}``" if short else "nothing"


def _libraries(matrix: SDKMatrix) -> Iterator[str]:
    yield from ("## The libraries", "")
    yield (
        "The time is the median over the streams above, in microseconds a chunk, of the quickest "
        "of up to three readings, the making of a client included; the AI SDK takes its own. The "
        "streams are short, so the making of a client weighs: this is no benchmark."
    )
    rows = [
        [name, f"{version or ''}{f' ({parts})' if parts else ''}", str(time), str(own)]
        for name, version, *_, time, own, parts in sdk_rows(matrix)
    ]
    yield from ("", *_table(["library", "version", "µs a chunk", "chatviz, µs a chunk"], rows), "")
    absent = [one.name for one in matrix.sdks if one.is_absent]
    if absent:
        yield f"Not installed where this page was made: {', '.join(absent)}."


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(one.replace('|', '/') for one in row)} |" for row in cells]


if __name__ == "__main__":
    PAGE.write_text(page(make_matrix(), date.today()).rstrip() + "\n", encoding="utf-8")
