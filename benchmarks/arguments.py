"""How fast the growth of arguments is read, against one parse of them and one per fragment.

Run it with `python benchmarks/arguments.py`. One reading is what a view of a call needs: the
fragments joined and scanned, whether they are valid, after which fragment the call could have
been run, and for every fragment whether the text was JSON so far and which path was being
written. Values are not built: `state_after(k).value` builds one when it is asked for.
jiter builds the partial value of every prefix, as the SDKs do; to do so for each of 98,000
prefixes takes minutes, so every 1,000th prefix is parsed and the time is multiplied.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import jiter
import orjson

from chatviz.chat.arguments.growth import ArgumentGrowth
from chatviz.chat.arguments.scanner import ArgumentScanner

ROUNDS = 7
FRAGMENT = 4  # characters
SAMPLED = 1_000  # of how many prefixes jiter parses one


class Row(NamedTuple):
    """One figure: a ratio of two times of the same run."""

    what: str
    wanted: str
    measured: float
    is_ok: bool


def main() -> int:
    shapes = {name: (make(0.1), make(1.0)) for name, make in SHAPES.items()}
    times = measure(shapes)
    print_times(shapes, times)
    rows = judge(times)
    print(f"\n{'':58}{'wanted':>14}{'measured':>12}  ok")
    for row in rows:
        print(f"{row.what:58}{row.wanted:>14}{row.measured:12.1f}  {'yes' if row.is_ok else 'NO'}")
    return 0 if all(row.is_ok for row in rows) else 1


def make_records(scale: float) -> str:
    tags = ["new", "sale"]
    records = [
        {"id": n, "name": f"Item {n}", "price": n * 1.25, "tags": tags, "in_stock": n % 3 == 0}
        for n in range(int(4_500 * scale))
    ]
    return json.dumps({"items": records})


SHAPES: dict[str, Callable[[float], str]] = {
    "records": make_records,
    "one long string": lambda scale: json.dumps({"text": "all plain  " * int(36_300 * scale)}),
    "escapes": lambda scale: json.dumps({"text": 'é\n"😀' * int(18_000 * scale)}),
    "130,000 small items": lambda scale: json.dumps([1] * int(130_000 * scale)),
    "100,000 nested brackets": lambda scale: (
        "[" * int(100_000 * scale) + "]" * int(100_000 * scale)
    ),
}


def measure(shapes: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Take the median of interleaved rounds: in each round everything is timed once."""
    records = shapes["records"][1]
    encoded, pieces = records.encode(), cut(records)
    tasks: dict[str, Callable[[], object]] = {
        "orjson.loads": lambda: orjson.loads(encoded),
        "jiter": lambda: parse_prefixes(encoded),
        "fed piece by piece": lambda: feed_pieces(pieces),
    }
    for name, texts in shapes.items():
        for size, text in zip(("40 kB", "400 kB"), texts, strict=True):
            fragments = cut(text)
            tasks[f"{name}, {size}"] = lambda fragments=fragments: read_growth(fragments)
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            gc.collect()
            start = time.perf_counter()
            task()
            taken[name].append(time.perf_counter() - start)
    return {name: median(times) for name, times in taken.items()}


def read_growth(fragments: list[str]) -> None:
    growth = ArgumentGrowth(fragments)
    written = sum(1 for _ in growth.written_paths())
    if written != len(fragments) or not growth.is_valid or growth.runnable_after is None:
        raise AssertionError("the text of a benchmark is valid JSON")


def feed_pieces(pieces: list[str]) -> None:
    scanner = ArgumentScanner()
    for piece in pieces:
        scanner.feed(piece)
    if not scanner.is_complete:
        raise AssertionError("the text of a benchmark is valid JSON")


def parse_prefixes(encoded: bytes) -> None:
    for end in range(FRAGMENT * SAMPLED // 2, len(encoded), FRAGMENT * SAMPLED):
        jiter.from_json(encoded[:end], partial_mode="trailing-strings")


def cut(text: str) -> list[str]:
    return [text[start : start + FRAGMENT] for start in range(0, len(text), FRAGMENT)]


def print_times(shapes: dict[str, tuple[str, str]], times: dict[str, float]) -> None:
    print(f"Medians of {ROUNDS} interleaved rounds, fragments of {FRAGMENT} characters")
    for name, texts in shapes.items():
        for size, text in zip(("40 kB", "400 kB"), texts, strict=True):
            told = f"{len(text):,} characters, {len(cut(text)):,} fragments"
            print(f"{f'{name}, {size}':42}{told:42}{times[f'{name}, {size}'] * 1e3:9.1f} ms")
    for name in ("orjson.loads", "fed piece by piece"):
        print(f"{f'records, 400 kB: {name}':84}{times[name] * 1e3:9.1f} ms")
    told = f"{len(range(0, len(shapes['records'][1]), FRAGMENT * SAMPLED))} prefixes"
    print(
        f"{'records, 400 kB: jiter, one prefix of 1,000':42}{told:42}{times['jiter'] * 1e3:9.1f} ms"
    )


def judge(times: dict[str, float]) -> list[Row]:
    records = times["records, 400 kB"]
    rows = []
    for name in SHAPES:
        growth = times[f"{name}, 400 kB"] / times[f"{name}, 40 kB"]
        rows.append(Row(f"{name}: 40 kB to 400 kB", "at most 12", growth, growth <= 12))
    for name in list(SHAPES)[1:]:
        ratio = times[f"{name}, 400 kB"] / records
        rows.append(Row(f"{name}: times the records", "at most 4", ratio, ratio <= 4))
    for what, taken in (("read", records), ("fed piece by piece", times["fed piece by piece"])):
        ratio = taken / times["orjson.loads"]
        rows.append(
            Row(f"records, {what}: times one orjson.loads", "at most 60", ratio, ratio <= 60)
        )
    ratio = times["jiter"] * SAMPLED / records
    rows.append(
        Row("records: faster than jiter on every prefix", "at least 500", ratio, ratio >= 500)
    )
    return rows


if __name__ == "__main__":
    sys.exit(main())
