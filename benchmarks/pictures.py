"""What a picture takes: time and bytes at 1,000, 10,000 and 100,000 chunks, for each view.

Run ``python benchmarks/pictures.py`` (``--quick`` without the largest size). Times are medians of
interleaved rounds; beside them is ``json.dumps`` of the same run's columns, in the same rounds.
What a run works out once and keeps (its findings, the growth of its arguments) is asked for before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

from chatviz.chat.deltas import TextDelta
from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun
from chatviz.views.timeline.timeline import timeline
from chatviz.views.tool_calls.tool_calls import tool_calls
from chatviz.views.transcript.transcript import transcript
from chatviz.views.usage.usage import usage

ROUNDS = 9
WANTED_MS = 10.0
WANTED_BYTES = 25_000
VIEWS = (timeline, tool_calls, transcript, usage)


def make_run(chunks: int, *, fragments: bool) -> StreamRun:
    """Return a run of text chunks, or of one call's fragments: records of eight characters."""

    def chunk(delta: dict[str, object], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        payload = {"id": "x", "model": "synthetic", "choices": [choice]}
        return b"data: " + json.dumps(payload).encode() + b"\n\n"

    def call(arguments: str, **named: str) -> dict[str, object]:
        function = {**named, "arguments": arguments}
        return {"tool_calls": [{"index": 0, "id": "call-1", "function": function}]}

    if fragments:
        rows = [chunk(call(f'"row{number % 10}", ')) for number in range(chunks - 3)]
        rows = [chunk(call('{"rows": [', name="save")), *rows, chunk(call("0]}"))]
    else:
        rows = [chunk({"content": f"word{number % 10} "}) for number in range(chunks - 1)]
    end = chunk({}, "tool_calls" if fragments else "stop")
    return read_stream(b"".join([*rows, end, b"data: [DONE]\n\n"]))


def dump_columns(run: StreamRun) -> str:
    """Write the columns that a picture is made of as JSON: the yardstick."""
    texts = [delta.text for delta in run.deltas.values if isinstance(delta, TextDelta)]
    texts += [text for call in run.message.tool_calls for text in call.fragments.texts]
    return json.dumps({"chunks": run.deltas.chunks.tolist(), "texts": texts})


def measure(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each piece of work in ms, over interleaved rounds."""
    times: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS):
        for name, do in work.items():
            begun = time.perf_counter()
            do()
            times[name].append((time.perf_counter() - begun) * 1e3)
    return {name: statistics.median(taken) for name, taken in times.items()}


def report(chunks: int, *, fragments: bool) -> None:
    """Print one line for each view of one run."""
    run = make_run(chunks, fragments=fragments)
    shape = "fragments" if fragments else "text chunks"
    work: dict[str, Callable[[], object]] = {"json": lambda: dump_columns(run)}
    for view in VIEWS:
        view(run)  # findings, growth
        work[view.__name__] = lambda view=view: view(run)  # type: ignore[misc]
    times = measure(work)
    for view in VIEWS:
        taken, size = times[view.__name__], len(view(run).svg.encode())
        missed = [f"over {WANTED_MS:g} ms"] * (taken > WANTED_MS)
        missed += [f"over {WANTED_BYTES:,} bytes"] * (size > WANTED_BYTES)
        print(
            f"{chunks:>8,} {shape:<12} {view.__name__:<11} {taken:7.1f} ms "
            f"{taken / times['json']:6.2f} x json.dumps  {size:>6,} bytes  {', '.join(missed)}"
        )


def main() -> None:
    """Measure every view at every size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only the smaller sizes")
    sizes = (1_000, 10_000) if parser.parse_args().quick else (1_000, 10_000, 100_000)
    for fragments in (False, True):
        for chunks in sizes:
            report(chunks, fragments=fragments)


if __name__ == "__main__":
    main()
