"""How the cost of a thing grows with its size: an exponent for each, and the times it comes from.

Run ``python benchmarks/growth.py``, or with a name to measure one. The exponent is the slope of the
line through the logarithms of size and processor time (1 is linear, 2 is quadratic); processor
time, since other processes share the machine. A measure is a function from a size to seconds; it
is added to ``MEASURES``. The size of a long conversation is that of its requests, since the n-th
repeats all before it.
"""

from __future__ import annotations

import gc
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import httpx

import chatviz as cv
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead

SIZES = (500, 1_000, 2_000, 4_000, 8_000)
WANTED = 1.15
ROUNDS = 3
BODY = b"".join(
    b'data: {"choices":[{"index":0,"delta":{"content":"word %d"}}]}\n\n' % number
    for number in range(60)
)  # 4 kB


class Growth(NamedTuple):
    """The seconds at each size, and the exponent."""

    seconds: tuple[float, ...]
    exponent: float


def main() -> int:
    chosen = sys.argv[1:] or list(MEASURES)
    print(f"{'':26}" + "".join(f"{size:>10,}" for size in SIZES) + "  exponent")
    is_ok = True
    for name in chosen:
        growth = measure(MEASURES[name])
        times = "".join(f"{seconds:>9.2f}s" for seconds in growth.seconds)
        print(f"{name:26}{times}{growth.exponent:>10.2f}", flush=True)
        is_ok = is_ok and growth.exponent <= WANTED
    return 0 if is_ok else 1


def measure(task: Callable[[int], float]) -> Growth:
    task(SIZES[0])  # what is loaded when first used is not part of it
    seconds = tuple(statistics.median(task(size) for _ in range(ROUNDS)) for size in SIZES)
    return Growth(seconds, slope(SIZES, seconds))


def slope(sizes: tuple[int, ...], seconds: tuple[float, ...]) -> float:
    """Return the slope of the least-squares line through the logarithms."""
    pairs = [(math.log(size), math.log(each)) for size, each in zip(sizes, seconds, strict=True)]
    return statistics.linear_regression(*zip(*pairs, strict=True)).slope


# ---- recording


def record(size: int) -> float:
    """Record so many answers through one client, and close it."""
    return _recorded(size, "once", existing=0)


def record_anew(size: int) -> float:
    """Record so many answers again in mode 'all': each replaces the one that was there."""
    return _recorded(size, "all", existing=size)


def _recorded(size: int, mode: str, *, existing: int) -> float:
    inner = httpx.MockTransport(lambda request: httpx.Response(200, content=BODY))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recorded.yaml"
        if existing:
            _recorded_to(path, existing, "once", inner)
        begin = time.process_time()
        _recorded_to(path, size, mode, inner)
        return time.process_time() - begin


def _recorded_to(path: Path, size: int, mode: str, inner: httpx.BaseTransport) -> None:
    transport = cv.RecordTransport(path, mode=mode, inner=inner)  # type: ignore[arg-type]
    with httpx.Client(transport=transport) as client:
        for number in range(size):
            client.post("http://a.test/v1/chat/completions", json={"number": number})


# ---- linking


def link_unrelated(size: int) -> float:
    """Link so many runs of which none continues another."""
    return _linked(_run([_user(number)], number) for number in range(size))


def link_pairs(size: int) -> float:
    """Link so many runs, half of which continue one of the other half."""
    first = [_run([_user(number)], number) for number in range(size // 2)]
    second = [
        _run([_user(number), {"role": "assistant", "content": f"answer {number}"}, _user(0)], -1)
        for number in range(size // 2)
    ]
    return _linked([*first, *second])


def link_long(size: int) -> float:
    """Link one conversation whose requests are so many times 20 kB long in all."""
    messages, runs, left = list[dict[str, str]](), list[StreamRun](), size * 20_000
    while left > 0:
        messages = [*messages, _user(len(runs))]
        runs.append(_run(messages, len(runs)))
        left -= len(runs[-1].head.body)
        messages.append({"role": "assistant", "content": f"answer {len(runs) - 1}"})
    seconds = _linked(runs)
    assert len(link_runs(runs)) == 1
    return seconds


def _user(number: int) -> dict[str, str]:
    return {"role": "user", "content": f"question {number}"}


def _run(messages: list[dict[str, str]], number: int) -> StreamRun:
    body = json.dumps({"model": "m", "messages": messages}).encode()
    message = {"role": "assistant", "content": f"answer {number}"}
    answer = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    reader = StreamReader(RequestHead("POST", "http://a.test/v1/chat/completions", body=body))
    reader.feed(json.dumps(answer).encode())
    return reader.close()


def _linked(runs: Iterable[StreamRun]) -> float:
    made = list(runs)
    gc.collect()  # what making them left behind is not linking
    begin = time.process_time()
    link_runs(made)
    return time.process_time() - begin


# ---- misses


def miss_often(size: int) -> float:
    """Ask a replay of two answers so many times for what it does not hold."""
    return _missed(2, size)


def miss_among_many(size: int) -> float:
    """Ask a replay of so many answers twenty times for what it does not hold."""
    return _missed(size, 20)


def _missed(recorded: int, asked: int) -> float:
    cassette = _cassette(recorded)
    with httpx.Client(transport=cv.ReplayTransport(cassette, on_miss="respond")) as client:
        begin = time.process_time()
        for number in range(asked):
            body = {"model": "m", "messages": [_user(-number - 1)]}
            assert client.post("http://a.test/v1/chat/completions", json=body).status_code >= 400
        return time.process_time() - begin


def _cassette(size: int) -> cv.Cassette:
    """Record so many answers, each to another question."""
    inner = httpx.MockTransport(lambda request: httpx.Response(200, content=BODY))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "recorded.yaml"
        transport = cv.RecordTransport(path, inner=inner)
        with httpx.Client(transport=transport) as client:
            for number in range(size):
                body = {"model": "m", "messages": [_user(number)]}
                client.post("http://a.test/v1/chat/completions", json=body)
        return cv.load_cassette(path)


MEASURES: dict[str, Callable[[int], float]] = {
    "recording": record,
    "recording in mode 'all'": record_anew,
    "linking unrelated runs": link_unrelated,
    "linking pairs of runs": link_pairs,
    "linking one conversation": link_long,
    "misses": miss_often,
    "misses among many": miss_among_many,
}

if __name__ == "__main__":
    sys.exit(main())
