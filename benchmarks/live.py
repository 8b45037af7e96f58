"""What watching costs: 20,000 chunks at full speed into a live view, against reading alone.

Run ``python benchmarks/live.py`` (``--quick`` for one round). Messages are packed as Jupyter packs
them, and go nowhere: what a browser does with them is not in these figures. CPU is that of the
whole process, the median of rounds in turn; times are of this machine.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import statistics
import sys
import threading
import time
from collections.abc import Mapping
from itertools import cycle
from typing import Any

from reading import make_body

from chatviz.agent.drivers import run_agent_async
from chatviz.agent.stopping import max_steps
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.widgets.live.feed import LiveFeed, Turn
from chatviz.wire.exchange import RequestHead, ResponseHead

CHUNKS = 20_000
LIMIT = 20  # messages a second
WANTED_BYTES = 2.0  # of the stream's
WANTED_CPU = 1.10  # of reading alone
WANTED_STOP_MS = 300


class Stream:
    """Gives one chunk a piece: at once, or so many a second; without an end if so asked."""

    model = "m"
    extra_body: Mapping[str, Any] = {}

    def __init__(self, body: bytes, *, per_s: float = 0.0, is_endless: bool = False) -> None:
        self.pieces = [event + b"\n\n" for event in body.split(b"\n\n") if event]
        self.per_s, self.is_endless = per_s, is_endless

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        """Stand for what nobody asks here."""
        raise NotImplementedError

    async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        """Feed a reader."""
        head = RequestHead("POST", "https://x.test/chat/completions", {}, json.dumps(body).encode())
        reader = StreamReader(head, response=ResponseHead(200))
        began = time.monotonic()
        pieces = cycle(self.pieces[:1]) if self.is_endless else self.pieces
        for number, piece in enumerate(pieces):
            reader.feed(piece, time.monotonic() - began)
            if watch is not None:
                watch(reader)
            if self.per_s:
                wait_s = number / self.per_s - (time.monotonic() - began)
                if wait_s > 0.002:
                    await asyncio.sleep(wait_s)
        return reader.close()


class Browser:
    """Takes messages as a kernel sends them, and counts."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.size = 0
        self.stopped = threading.Event()

    def send(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        """Pack a message."""
        packed = json.dumps({"method": "custom", "content": message}, ensure_ascii=False).encode()
        self.size += len(packed) + sum(map(len, buffers))
        self.times.append(time.monotonic())
        if b'"stopped"' in buffers[0]:
            self.stopped.set()

    @property
    def most_in_a_second(self) -> int:
        """How many messages the busiest second had."""
        return max(sum(at <= other < at + 1 for other in self.times) for at in self.times)


def read_alone(stream: Stream) -> None:
    asyncio.run(run_agent_async("Hi", endpoint=stream, stop=max_steps(1)))


def read_watched(stream: Stream) -> Browser:
    browser = Browser()
    feed = LiveFeed(browser.send)
    turn = Turn(
        feed, lambda watch: run_agent_async("Hi", endpoint=stream, stop=max_steps(1), watch=watch)
    )
    feed.begin("Hi")
    asyncio.run(turn.run())
    return browser


def measure_cpu(work: Any) -> float:
    gc.collect()
    began = time.process_time()
    work()
    return time.process_time() - began


def measure_stop(stream: Stream) -> float:
    """Return the seconds from Stop, told by another thread, to the state "stopped"."""
    browser = Browser()
    feed = LiveFeed(browser.send)
    turn = Turn(
        feed, lambda watch: run_agent_async("Hi", endpoint=stream, stop=max_steps(1), watch=watch)
    )
    thread = threading.Thread(target=lambda: asyncio.run(turn.run()))
    feed.begin("Hi")
    thread.start()
    while feed.log.state != "streaming" or len(browser.times) < 3:
        time.sleep(0.001)
    began = time.monotonic()
    turn.stop()
    if not browser.stopped.wait(10):
        raise SystemExit("Stop was not heard within 10 s")
    took = time.monotonic() - began
    thread.join()
    return took


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    rounds = 1 if parser.parse_args().quick else 9
    body = make_body(CHUNKS)
    body = body.replace(b'"finish_reason":"tool_calls"', b'"finish_reason":"stop"')
    failed = 0

    def report(name: str, value: float, wanted: float, unit: str = "") -> None:
        nonlocal failed
        is_kept = value <= wanted
        failed += not is_kept
        print(f"{name:58} {value:8.2f}{unit} (at most {wanted:g}{unit}) {'' if is_kept else 'NO'}")

    print(f"{CHUNKS:,} chunks, {len(body):,} bytes, one chunk a piece")
    stream = Stream(body)
    read_watched(stream)
    ratios, browsers = [], []
    for _ in range(rounds):
        alone = measure_cpu(lambda: read_alone(stream))
        watched = measure_cpu(lambda: browsers.append(read_watched(stream)))
        ratios.append(watched / alone)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    report(
        f"CPU against reading alone, full speed ({spread})", statistics.median(ratios), WANTED_CPU
    )
    report("bytes to the browser against the stream's", browsers[-1].size / len(body), WANTED_BYTES)
    report("messages in any one second, full speed", browsers[-1].most_in_a_second, LIMIT)
    slow = Stream(body, per_s=5_000)
    alone = measure_cpu(lambda: read_alone(slow))
    watched = measure_cpu(lambda: browsers.append(read_watched(slow)))
    # No limit is set for this one: the reading itself leaves most of the CPU idle.
    print(f"{'CPU against reading alone, 5,000 chunks a second':58} {watched / alone:8.2f}")
    report(
        "messages in any one second, 5,000 chunks a second", browsers[-1].most_in_a_second, LIMIT
    )
    report(
        "bytes against the stream's, 5,000 chunks a second",
        browsers[-1].size / len(body),
        WANTED_BYTES,
    )
    endless = Stream(body, is_endless=True)
    for name, kind in (("never waiting", endless), ("waiting", Stream(body, per_s=500))):
        took = [measure_stop(kind) * 1000 for _ in range(rounds)]
        report(f"Stop to stopped, stream {name}, slowest", max(took), WANTED_STOP_MS, " ms")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
