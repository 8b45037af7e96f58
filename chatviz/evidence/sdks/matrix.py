"""sdk_matrix: what each library makes of each answer, in a process of its own with a limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from chatviz.clock import SYSTEM_CLOCK
from chatviz.evidence.progress import HowFar, ProgressLine
from chatviz.evidence.sdks.cell import SDKCell
from chatviz.evidence.sdks.raises import SDKFails
from chatviz.evidence.sdks.reader import SDKReader, read_own
from chatviz.evidence.sdks.reading import VERDICTS, Reading
from chatviz.evidence.sdks.sdk import SDK, ReadsBody, find_sdks, sdk_of
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

    from chatviz.evidence.shrinking.shrunk import Shrunk

__all__ = ["OWN", "SDKMatrix", "sdk_matrix"]

OWN = SDK("chatviz", ())  # what the time of the others is compared with


@dataclass(frozen=True, slots=True, kw_only=True)
class SDKMatrix(Shown):
    """What libraries made of answers: a cell for each pair. It shows itself as a table.

    Attributes
    ----------
    runs : tuple of StreamRun
    sdks : tuple of SDK
        In the order of the columns; those that are absent, too.
    cells : tuple of SDKCell
        For each answer, a cell for each library.
    own_seconds : tuple of float or None
        How long chatviz took for each answer, measured in the same way.
    limit_s : float
    """

    runs: tuple[StreamRun, ...] = field(repr=False)
    sdks: tuple[SDK, ...] = field(repr=False)
    cells: tuple[SDKCell, ...] = field(repr=False)
    own_seconds: tuple[float | None, ...] = field(repr=False, compare=False)
    limit_s: float = field(repr=False)

    def __repr__(self) -> str:
        return f"<SDKMatrix: {self.sentence}>"

    @property
    def sentence(self) -> str:
        """How many readings came to what, in one sentence."""
        counts = Counter(cell.verdict for cell in self.cells)
        told = [
            f"{counts[verdict]:,} {verdict}"
            for verdict in VERDICTS
            if counts[verdict] and verdict != "absent"
        ]
        readers = sum(not one.is_absent for one in self.sdks)
        absent = len(self.sdks) - readers
        rest = f" ({absent} more {'is' if absent == 1 else 'are'} absent)" if absent else ""
        return (
            f"{len(self.runs):,} {'answer' if len(self.runs) == 1 else 'answers'}, {readers} "
            f"{'library' if readers == 1 else 'libraries'}{rest}: {', '.join(told) or 'none'}."
        )

    def cell(self, run: int | StreamRun, sdk: str) -> SDKCell:
        """Return the cell of an answer (or its number) and a library.

        Raises
        ------
        LookupError
            There is no such answer or library in the matrix; the message says what there is.
        """
        number = self._number(run)
        names = [one.name for one in self.sdks]
        if sdk not in names:
            raise LookupError(f"wanted one of {', '.join(names)}, found {sdk!r}.")
        return self.cells[number * len(names) + names.index(sdk)]

    def shrink(
        self, run: int | StreamRun, sdk: str, *, max_tries: int = 20_000, max_s: float = 120.0
    ) -> Shrunk:
        """Find the smallest stream that a library reads wrong in the same way, as ``cv.shrink``.

        Parameters
        ----------
        run : int or StreamRun
            The answer, or its number.
        sdk : str
            The library, by its name.
        max_tries, max_s
            As for ``cv.shrink``.

        Returns
        -------
        Shrunk
            With ``.cassette``, ``.as_test()``, ``.as_issue()``.

        Raises
        ------
        LookupError
            There is no such cell.
        NotFailingError
            The library reads what was sent.
        """
        from chatviz.evidence.shrinking.shrink import shrink

        cell = self.cell(run, sdk)
        fails = SDKFails(SDKReader(cell.sdk, self.limit_s), cell.reading.how)
        return shrink(self.runs[cell.run], fails, max_tries=max_tries, max_s=max_s)

    @property
    def table(self) -> pd.DataFrame:
        """A row for each cell, answer by answer.

        Columns ``source``, ``interaction``, ``run`` (its number in the matrix), ``dialect`` and
        ``chunks`` of the answer; ``sdk`` and ``version`` of the library; ``verdict`` (a category);
        ``differs`` (what does, the gravest first, with commas; or the error), ``place``, ``sent``
        and ``read`` of the first difference (of an error its place and its text); ``s_per_chunk``,
        and ``own_s_per_chunk``, which chatviz took. What is not known is missing.
        """
        from chatviz.evidence.sdks.matrix_table import matrix_table

        return matrix_table(self.runs, self.cells, self.own_seconds)

    def _number(self, run: int | StreamRun) -> int:
        if isinstance(run, StreamRun):
            found = [number for number, one in enumerate(self.runs) if one is run]
            run = found[0] if found else len(self.runs)
        if not 0 <= run < len(self.runs):
            raise LookupError(
                f"wanted one of the {len(self.runs):,} answers of this matrix, by itself or by its "
                f"number from 0 to {len(self.runs) - 1:,}."
            )
        return run


def sdk_matrix(
    runs: Runs,
    sdks: Iterable[str | ReadsBody] | str | ReadsBody | None = None,
    *,
    limit_s: float = 10.0,
) -> SDKMatrix:
    """Say what other libraries make of recorded streams, each with its own code.

    Each library is fed the recorded bytes, through its own client where it has one, in a process
    of its own; what takes longer than the limit hangs, and is ended with all that it started. Its
    result is compared with what chatviz reads:

    - **same**: all that was sent is there, or the error that the server sent was raised;
    - **lossy**: something that was sent is missing, and nothing contradicted: the library's model
      has no place for it, or leaves it empty;
    - **wrong**: a value that contradicts what was sent; missing text or calls, too;
    - **raises** an error that the server did not send; **hangs**; **not read**: it does not speak
      this dialect, or it is no stream; **absent**: it is not installed.

    Compared are text, reasoning, calls (their names and order), arguments (as JSON values), finish
    reason (the provider's word, or another for the same), usage, cost and ids: only what was sent.
    Of several choices (``n=2``) each is compared; a library that reads the first alone is lossy.

    Parameters
    ----------
    runs : StreamRun, Conversation, Cassette, path, or an iterable of runs
    sdks : names, functions, or None
        By default all that there are adapters for: openai, anthropic, groq, google-genai, ollama,
        litellm, langchain-openai, langchain-anthropic, pydantic-ai, Vercel's ai-sdk (through node,
        from the ``node_modules`` of the working directory, or of the folder that the environment
        variable ``CHATVIZ_NODE_PROJECT`` names), and what other packages bring.

        A function ``read(body: bytes, request: dict) -> dict`` is a parser of your own. It gets
        the answer's body and of the request ``dialect``, ``url``, ``json``, ``tools``, and is
        called a few times to be timed. It returns what it read, or None if it does not read such
        streams; every key may be left out: ``text``, ``reasoning``, ``finish``, ``id`` (str),
        ``calls`` (a list of dicts with ``id``, ``name``, ``arguments``: JSON text or its value),
        ``usage`` (a dict with ``input_tokens``, ``output_tokens``, ``total_tokens``,
        ``cache_read_tokens``, ``cache_creation_tokens``, ``reasoning_tokens``; input with what was
        cached, output with reasoning), ``cost`` (USD), ``seconds`` (where it takes its own time),
        ``choices`` (of an answer with several those behind the first, each a dict with ``text``,
        ``reasoning``, ``calls``, ``finish``).
    limit_s : float
        Seconds for one reading of one answer.

    Returns
    -------
    SDKMatrix
        It shows itself; with ``.table``, ``.cell(run, sdk)`` and ``.shrink(run, sdk)``.

    Raises
    ------
    ValueError
        A name is not known, or two have the same; the message says which.
    TypeError
        Something is neither, or a function that cannot be sent to another process.

    Examples
    --------
    >>> def my_parser(body, request):
    ...     import json
    ...     lines = [line[6:] for line in body.decode().splitlines() if line.startswith("data: {")]
    ...     deltas = [json.loads(line)["choices"][0]["delta"] for line in lines]
    ...     return {"text": "".join(delta.get("content") or "" for delta in deltas), "id": None}
    >>> run = cv.read_runs(cv.sample("openrouter_kimi-k2_novita"))[1]
    >>> matrix = cv.sdk_matrix(run, sdks=[my_parser])
    >>> matrix.cell(0, "my_parser").verdict, matrix.cell(0, "my_parser").differs
    ('lossy', ('finish', 'usage', 'cost', 'ids'))
    """
    given = tuple(runs_of(runs))
    readers = _sdks(sdks)
    columns = _read_all(readers, given, limit_s)
    cells = [
        SDKCell(number, sdk, column[number])
        for number in range(len(given))
        for sdk, column in zip(readers, columns, strict=True)
    ]
    return SDKMatrix(
        runs=given,
        sdks=readers,
        cells=tuple(cells),
        own_seconds=_own_seconds(given, limit_s),
        limit_s=limit_s,
    )


def _sdks(given: Iterable[str | ReadsBody] | str | ReadsBody | None) -> tuple[SDK, ...]:
    if given is None:
        return tuple(find_sdks().values())
    several = [given] if isinstance(given, str) or callable(given) else list(given)
    found = tuple(map(sdk_of, several))
    twice = [name for name, count in Counter(one.name for one in found).items() if count > 1]
    if twice:
        raise ValueError(
            f"wanted libraries and functions with a name each, found {twice[0]!r} twice."
        )
    return found


def _read_all(
    sdks: tuple[SDK, ...], runs: tuple[StreamRun, ...], limit_s: float
) -> list[list[Reading]]:
    """Read every answer with every library, one library after another; say how far it is."""
    line, most = ProgressLine(SYSTEM_CLOCK), len(sdks) * len(runs)
    columns: list[list[Reading]] = []
    try:
        for sdk in sdks:
            columns.append([])
            with SDKReader(sdk, limit_s) as reader:
                for run in runs:
                    columns[-1].append(reader.read_and_time(run))
                    done = sum(map(len, columns))
                    line.say(partial(_how_far, sdk.name, done, most))
    finally:
        line.end()
    return columns


def _how_far(name: str, done: int, most: int) -> HowFar:
    return HowFar("asking libraries", done / most, f"{done:,} of {most:,} readings, now {name}")


def _own_seconds(runs: tuple[StreamRun, ...], limit_s: float) -> tuple[float | None, ...]:
    with SDKReader(OWN, limit_s) as reader:
        ended = [reader.time(read_own, run) for run in runs]
    return tuple(one.value["seconds"] if one.ending == "returned" else None for one in ended)
