"""Damage recordings in every dialect and format, and read what is left of them.

Run ``python benchmarks/fuzz.py``; ``--streams 100000 --files 10000`` is the whole of it, ``--seed``
begins elsewhere. The recordings are the packaged ones and, where they are there, those of
``$CHATVIZ_SHARED`` (``cassettes`` and ``cases``). The damage is synthetic.

Of a stream nothing may be raised, whatever came; of a file only a ``CassetteError``, which names
the file and prints neither a key nor a body. Every tenth stream is read in pieces as well, and must
turn out the same; every fiftieth is shown in a table and a view. None may take more than LONGEST_S.
What fails is kept in ``--keep`` (a folder), so that it can be read again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from fuzz_damage import FILE_DAMAGE, STREAM_DAMAGE

import chatviz as cv
from chatviz.runs.reader import StreamReader
from chatviz.wire.exchange import RequestHead

ROOT = Path(__file__).parents[1]
LONGEST_S = 20
PIECES_EACH = 10
SHOWN_EACH = 50
PLANTED_KEY = "sk-or-v1-" + "5ec7e7" * 8
FORMATS = {".yaml", ".yml", ".har", ".sse", ".ndjson", ".txt", ".json", ".bin", ".dat"}


class Stream(NamedTuple):
    """One recorded answer: its dialect, the head of its request, its body."""

    dialect: str
    request: RequestHead
    body: bytes


class TooSlow(Exception):
    """One stream or file took longer than LONGEST_S."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    options.add_argument("--streams", type=int, default=2_000)
    options.add_argument("--files", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep", type=Path)
    given = options.parse_args()
    files = list(recordings())
    report = Report(given.keep)
    begin = time.perf_counter()
    fuzz_streams(given.streams, given.seed, streams_of(files), report)
    fuzz_files(given.files, given.seed, files, report)
    print(f"seed {given.seed}, {time.perf_counter() - begin:,.0f} s")
    return report.say()


# ---- what is damaged


def recordings() -> Iterator[Path]:
    """Yield the files of recordings that there are, small ones first come."""
    shared = Path(os.environ.get("CHATVIZ_SHARED", ROOT.parent / "shared"))
    folders = [ROOT / "data" / "cassettes", shared / "cassettes", shared / "cases"]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in FORMATS and path.stat().st_size < 400_000:
                yield path


def streams_of(files: Sequence[Path]) -> list[Stream]:
    streams = []
    for path in files:
        try:
            runs = cv.read_runs(path)
        except cv.CassetteError:  # some of the odd ones are no recordings, and say so
            continue
        streams += [
            Stream(run.dialect, run.head, run.body) for run in runs if 0 < len(run.body) < 100_000
        ]
    return streams


# ---- reading it


def fuzz_streams(count: int, seed: int, streams: Sequence[Stream], report: Report) -> None:
    for number in range(count):
        rng = random.Random(f"{seed} stream {number}")
        stream = rng.choice(streams)
        kinds = rng.choices(list(STREAM_DAMAGE), k=rng.choice((1, 1, 1, 2, 3)))
        body = stream.body
        for kind in kinds:
            body = STREAM_DAMAGE[kind](rng, body, rng.choice(streams).body)
        label = (stream.dialect, "+".join(kinds) if len(kinds) == 1 else "several")
        with report.watching("stream", label, body):
            read_stream(damaged_request(rng, stream.request), body, number, rng)


def damaged_request(rng: random.Random, request: RequestHead) -> RequestHead:
    """Damage every third request, which an answer is read with."""
    if rng.random() > 1 / 3:
        return request
    kind = rng.choice([name for name in STREAM_DAMAGE if "event" not in name])
    return replace(request, body=STREAM_DAMAGE[kind](rng, request.body, b"{}"))


def read_stream(request: RequestHead, body: bytes, number: int, rng: random.Random) -> None:
    run = read_in_pieces(request, [body])
    told = touch(run)
    assert run.body == body, "bytes were lost"
    if number % PIECES_EACH == 0:
        pieces, rest = [], body
        while rest:
            size = rng.randint(1, max(2, len(body) // 3))
            pieces.append(rest[:size])
            rest = rest[size:]
        assert touch(read_in_pieces(request, pieces)) == told, "in pieces it is another answer"
    if number % SHOWN_EACH == 0:
        cv.chunk_table(run), cv.delta_table(run), cv.tool_call_table(run), cv.timing_table(run)
        assert cv.inspect(run).html


def read_in_pieces(request: RequestHead, pieces: Sequence[bytes]) -> cv.StreamRun:
    reader = StreamReader(request)
    for piece in pieces:
        reader.feed(piece)
    return reader.close()


def touch(run: cv.StreamRun) -> tuple[object, ...]:
    """Return all that an answer turned out to be."""
    calls = [(call.id, call.name, call.arguments) for call in run.message.tool_calls]
    for call in run.message.tool_calls:
        assert call.growth.text == call.arguments
        call.check and call.check.wrong  # noqa: B018
    asked = [(message.role, message.text) for message in run.chat_request.messages]
    words = (run.message.text, run.message.reasoning, run.finish_reason_sent, run.finish_reason)
    return (*words, asked, calls, run.usage, run.cost, run.error, run.findings, len(run.chunks))


def fuzz_files(count: int, seed: int, files: Sequence[Path], report: Report) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            rng = random.Random(f"{seed} file {number}")
            path = rng.choice(files)
            kind = rng.choice(list(FILE_DAMAGE))
            data = FILE_DAMAGE[kind](rng, plant_key(path.read_bytes()), b"")
            damaged = Path(folder) / f"damaged_{number}{path.suffix}"
            damaged.write_bytes(data)
            with report.watching("file", (path.suffix, kind), data):
                read_file(damaged)
            damaged.unlink()


def plant_key(data: bytes) -> bytes:
    """Put a key where a careless recording has one; no error may print it."""
    lines = data.split(b"\n")
    spaces = next((line for line in lines if line.lstrip().startswith(b"Content-Type:")), None)
    if spaces is None:
        return data
    indent = spaces[: len(spaces) - len(spaces.lstrip())]
    at = lines.index(spaces)
    key = indent + b"Authorization: ['Bearer " + PLANTED_KEY.encode() + b"']"
    return b"\n".join([*lines[:at], key, *lines[at:]])


def read_file(path: Path) -> None:
    try:
        runs = cv.read_runs(path)
    except cv.CassetteError as error:
        assert str(path) in str(error), "the error does not name the file"
        assert PLANTED_KEY not in str(error), "the error prints a key"
        assert len(str(error)) < 1_200, "the error prints a body"
        return
    for run in runs:
        touch(run)


# ---- what came of it


class Report:
    """Counts what was read, and keeps what failed."""

    def __init__(self, keep: Path | None) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.failures: Counter[str] = Counter()
        self.slowest: dict[str, float] = {}
        self._keep = keep

    def watching(self, what: str, label: tuple[str, ...], data: bytes) -> Watch:
        """Return a context in which one thing is read."""
        return Watch(self, what, label, data)

    def fail(self, what: str, label: tuple[str, ...], data: bytes, error: BaseException) -> None:
        """Count what was raised, by where it was."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        name = f"{what} {' '.join(label)}: {type(error).__name__} at {where}: {str(error)[:120]}"
        self.failures[name] += 1
        if self._keep and self.failures[name] == 1:
            self._keep.mkdir(parents=True, exist_ok=True)
            kept = self._keep / f"{what}_{len(self.failures)}_{'_'.join(label).replace('/', '')}"
            kept.write_bytes(data)

    def say(self) -> int:
        """Print the figures; return 1 where anything failed."""
        for what in ("stream", "file"):
            kinds = {key[1:]: n for key, n in self.counts.items() if key[0] == what}
            firsts: Counter[str] = Counter()
            for (first, _), n in kinds.items():
                firsts[first] += n
            print(f"{sum(kinds.values()):,} {what}s; slowest {self.slowest.get(what, 0):.2f} s")
            print("  " + json.dumps(dict(firsts.most_common())))
        for name, count in self.failures.most_common(40):
            print(f"FAILED {count} × {name}")
        print(f"{sum(self.failures.values()):,} failures of {len(self.failures):,} kinds")
        return 1 if self.failures else 0


class Watch:
    """Reads one thing within its time; what it raises is counted, and goes no further."""

    def __init__(self, report: Report, what: str, label: tuple[str, ...], data: bytes) -> None:
        self._report, self._what, self._label, self._data = report, what, label, data

    def __enter__(self) -> None:
        self._begin = time.perf_counter()
        signal.signal(signal.SIGALRM, _ring)
        signal.alarm(LONGEST_S)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        signal.alarm(0)
        took = time.perf_counter() - self._begin
        report, what = self._report, self._what
        report.counts[(what, *self._label)] += 1
        report.slowest[what] = max(took, report.slowest.get(what, 0.0))
        if error is None or isinstance(error, KeyboardInterrupt):
            return False
        report.fail(what, self._label, self._data, error)
        return True


def _ring(number: int, frame: FrameType | None) -> None:
    raise TooSlow(f"longer than {LONGEST_S} s")


if __name__ == "__main__":
    sys.exit(main())
