"""How a matrix shows itself: a table of verdicts, the libraries, and both sides of what differs."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from statistics import median
from typing import Final

from chatviz.evidence.sdks.cell import SDKCell
from chatviz.evidence.sdks.matrix import SDKMatrix
from chatviz.evidence.sdks.reading import VERDICTS
from chatviz.evidence.sdks.sdk import SDK
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.html import Cell, Fold, Table
from chatviz.views.drawing.text import cut_text
from chatviz.views.view import View

__all__ = ["SIGNS", "name_run", "say_cell", "sdk_rows", "show_matrix"]

MOST_FOLDS: Final = 100
MOST_OPEN: Final = 40  # answers: a longer table is folded
MOST_SHOWN: Final = 1_000  # characters of each side
SIGNS: Final = {
    "same": "✓", "lossy": "◐", "wrong": "✗", "raises": "!", "hangs": "∞", "not read": "·",
    "absent": "·",
}  # fmt: skip
MEANINGS: Final = {
    "same": "All that was sent is there; or the error that the server sent was raised.",
    "lossy": "Something that was sent is missing: there is no place for it, or it is empty.",
    "wrong": "A value contradicts what was sent.",
    "raises": "It raised an error that the server did not send, or its process ended.",
    "hangs": "It took longer than the limit, and was ended.",
    "not read": "It does not speak this dialect, or the answer is no such stream.",
    "absent": "It is not installed, or something that it needs for this dialect.",
}
TIMES: Final = (
    "Times are the median, over the answers that were read, of the quickest reading, the making of "
    "a client included; chatviz is timed in the same way, on the same answers."
)
TIMED: Final = "µs a chunk"
OWN_TIMED: Final = "chatviz, µs a chunk"


def show_matrix(matrix: SDKMatrix) -> View:
    """Show a matrix; what it holds is text, and needs no script."""
    readers = [one for one in matrix.sdks if _reads_any(matrix, one)]
    names = [f"{one.name} {one.version}".strip() for one in readers]
    rows: list[tuple[Cell, ...]] = [
        (name_run(run, number), *_verdicts(matrix, number, readers), run.dialect, len(run.chunks))
        for number, run in enumerate(matrix.runs)
    ]
    told = sorted(filter(_is_told, matrix.cells), key=_gravity)
    folds = [_fold(matrix, cell) for cell in told[:MOST_FOLDS]]
    if len(told) > MOST_FOLDS:
        rest = f"… and {len(told) - MOST_FOLDS:,} more that differ: see matrix.table"
        folds.append(Fold(rest, ()))
    return View(
        matrix.sentence,
        tables=(
            Table(
                "What libraries make of each answer",
                ("answer", *names, "dialect", "chunks"),
                tuple(rows),
                is_open=len(rows) <= MOST_OPEN,
            ),
            Table("The libraries", SDK_COLUMNS[:-1], tuple(row[:-1] for row in sdk_rows(matrix))),
        ),
        folds=(*folds, *_about(matrix)),
    )


def _about(matrix: SDKMatrix) -> Iterator[Fold]:
    absent = [(one.name, one.advice) for one in matrix.sdks if one.is_absent]
    if absent:
        many = f"{len(absent)} {'library is' if len(absent) == 1 else 'libraries are'} absent"
        yield Fold(many, (Table("Absent", ("library", "how to install it"), tuple(absent)),))
    parts = [(one.name, *pair) for one in matrix.sdks for pair in one.versions.items()]
    if parts:
        columns = ("library", "package", "version")
        yield Fold("The packages", (Table("Packages", columns, tuple(parts)),))
    words = tuple((f"{SIGNS[verdict]} {verdict}", told) for verdict, told in MEANINGS.items())
    yield Fold("What the words mean", (Table("Words", ("verdict", "meaning"), words),), TIMES)


SDK_COLUMNS: Final = ("library", "version", *VERDICTS[:-1], TIMED, OWN_TIMED, "with")


def sdk_rows(matrix: SDKMatrix) -> Iterator[tuple[Cell, ...]]:
    """Yield for each library that is there what came of it, and the median of its time a chunk."""
    for sdk in matrix.sdks:
        if sdk.is_absent:
            continue
        cells = [cell for cell in matrix.cells if cell.sdk is sdk]
        counts = [
            sum(cell.verdict == verdict for cell in cells) or None for verdict in VERDICTS[:-1]
        ]
        times = [(_each(matrix, cell), _own(matrix, cell)) for cell in cells]
        known = [(one, own) for one, own in times if one is not None and own is not None]
        sides = list(zip(*known, strict=True)) or [(), ()]
        middle = [Decimal(f"{median(side):.1f}") if side else None for side in sides]
        yield (sdk.name, sdk.version or None, *counts, *middle, _parts(sdk) or None)


def say_cell(cell: SDKCell) -> str:
    """Return a cell's verdict with its sign, and what differs."""
    if cell.verdict in ("not read", "absent"):
        return SIGNS[cell.verdict]
    if cell.verdict not in ("wrong", "lossy"):
        return f"{SIGNS[cell.verdict]}\u00a0{' '.join((cell.verdict, *cell.differs))}"
    told: dict[str, dict[str, None]] = {}
    for one in cell.reading.differences:
        told.setdefault(one.verdict, {})[one.kind] = None
    said = "; ".join(f"{verdict}: {', '.join(kinds)}" for verdict, kinds in told.items())
    return f"{SIGNS[cell.verdict]}\u00a0{said}"


def name_run(run: StreamRun, number: int) -> str:
    """Return what an answer is called: its file and its place there, or its number."""
    name = run.source.replace("\\", "/").rpartition("/")[2]
    place = "" if run.interaction is None else f" #{run.interaction}"
    return f"{name}{place}" if name else f"answer {number}"


def _reads_any(matrix: SDKMatrix, sdk: SDK) -> bool:
    silent = ("not read", "absent")
    return any(cell.sdk is sdk and cell.verdict not in silent for cell in matrix.cells)


def _verdicts(matrix: SDKMatrix, number: int, sdks: list[SDK]) -> list[str]:
    return [say_cell(matrix.cell(number, sdk.name)) for sdk in sdks]


def _is_told(cell: SDKCell) -> bool:
    return cell.verdict in ("lossy", "wrong", "raises", "hangs") or bool(cell.reading.error)


def _gravity(cell: SDKCell) -> int:
    """Return how far behind a cell is told: the gravest first, what was right to raise last."""
    return ("hangs", "raises", "wrong", "lossy", "absent", "same").index(cell.verdict)


def _fold(matrix: SDKMatrix, cell: SDKCell) -> Fold:
    run, reading = matrix.runs[cell.run], cell.reading
    right = f", raises {reading.error}" if cell.verdict == "same" else ""
    title = f"{cell.sdk.name}, {name_run(run, cell.run)}: {say_cell(cell)}{right}"
    rows: list[tuple[Cell, ...]] = [
        (one.place, one.verdict, *(cut_text(side, MOST_SHOWN) for side in (one.sent, one.read)))
        for one in reading.differences
    ]
    if reading.error:
        place = f" (in {reading.place[1]})" if reading.place else ""
        rows.append(
            ("raised", "", "", cut_text(f"{reading.error}: {reading.message}{place}", MOST_SHOWN))
        )
    if cell.verdict == "same":
        note = "The server sent an error in this stream: to raise one is right."
    elif cell.verdict == "absent":
        note = "Something that it needs for such streams is not installed."
    else:
        call = f"matrix.shrink({cell.run}, {cell.sdk.name!r})"
        note = f"The least that shows it: {call}, with .as_test() and .as_issue()."
    head = ("where", "verdict", "sent (as chatviz reads it)", f"read by {cell.sdk.name}")
    return Fold(title, (Table("Both sides", head, tuple(rows)),) if rows else (), note)


def _parts(sdk: SDK) -> str:
    return ", ".join(f"{name} {version}" for name, version in list(sdk.versions.items())[1:])


def _each(matrix: SDKMatrix, cell: SDKCell) -> float | None:
    seconds, chunks = cell.reading.seconds, len(matrix.runs[cell.run].chunks)
    return None if seconds is None or not chunks else seconds / chunks * 1e6


def _own(matrix: SDKMatrix, cell: SDKCell) -> float | None:
    seconds, chunks = matrix.own_seconds[cell.run], len(matrix.runs[cell.run].chunks)
    return None if seconds is None or not chunks else seconds / chunks * 1e6
