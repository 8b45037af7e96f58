"""What a tap adds: bytes that differ (none), and the delay of each piece against a direct call.

Run ``python benchmarks/tap.py``. A server on loopback sends events 5 ms apart and writes the moment
into each; a client in another process reads them, directly and through a tap by turns, so that the
load of the machine falls on both. A delay is from before the sending to after the receiving; what
the tap adds is the difference of the medians. The tap, too, has a process of its own, as in use.
Then every answer that this project ships, and of ``$CHATVIZ_SHARED`` where it is set, is asked for
directly and through a tap, and compared to the byte: body, headers and status.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest
from chatviz.errors import CassetteError

ROUNDS = 12  # direct and through the tap, by turns
EVENTS = 100  # in a round
PAUSE_S = 0.005
AT_ONCE = 20  # streams
WANTED_MS = 0.5
MOST_JOINED = ROUNDS * EVENTS // 100  # by what else the machine does
TAP = """
import sys, threading, chatviz as cv
sys.setswitchinterval(0.0002)  # as the command does: who writes a file lets the pieces pass
with cv.Tap(sys.argv[1], to=sys.argv[2]) as tap:
    print(tap.url, flush=True)
    threading.Event().wait()
"""
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
FORM = b'data: {"id":"%020d","choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'


class Delays(NamedTuple):
    """Milliseconds from sending to receiving, and how many pieces came joined to the one before."""

    ms: list[float]
    joined: int


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        is_quick = measure_delay(folder)
    return 0 if is_quick and compare_bodies() else 1


# ---- the delay of each piece


def measure_delay(folder: str) -> bool:
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    direct = f"http://127.0.0.1:{listener.getsockname()[1]}"
    command = [sys.executable, "-c", TAP, direct, str(Path(folder) / "kept")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            tapped = process.stdout.readline().strip()
            alone = compare(direct, tapped, streams=1)
            many = compare(direct, tapped, streams=AT_ONCE)
        finally:
            process.kill()
    listener.close()
    print(f"{'':34}{'direct':>22}{'by the tap':>22}{'added':>10}  joined")
    show("one stream", *alone)
    show(f"{AT_ONCE} streams at once", *many)
    added = statistics.median(alone[1].ms) - statistics.median(alone[0].ms)
    print(f"added to a piece, median: {added:.3f} ms, wanted < {WANTED_MS} ms")
    return added < WANTED_MS and alone[1].joined <= alone[0].joined + MOST_JOINED


def compare(direct: str, tapped: str, *, streams: int) -> tuple[Delays, Delays]:
    found: tuple[list[Delays], list[Delays]] = ([], [])
    for url in (direct, tapped):
        read(url)  # connections are made, code is loaded
    for _ in range(ROUNDS if streams == 1 else 3):
        for kind, url in zip(found, (direct, tapped), strict=True):
            kind.extend(read_many(url, streams))
    return tuple(  # type: ignore[return-value]
        Delays([ms for one in kind for ms in one.ms], sum(one.joined for one in kind))
        for kind in found
    )


def read_many(url: str, streams: int) -> list[Delays]:
    found: list[Delays] = []
    threads = [threading.Thread(target=lambda: found.append(read(url))) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def read(url: str) -> Delays:
    """Read a stream by a plain socket; a client's own work would be measured with it."""
    host, port = url.removeprefix("http://").split(":")
    delays, joined, rest = [], 0, b""
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n"
            b"connection: close\r\n\r\n{}"
        )
        while data := connection.recv(65_536):
            now_ns = time.monotonic_ns()
            *marks, rest = re.split(rb'"id":"([0-9]{20})"', rest + data)
            delays += [(now_ns - int(mark)) / 1e6 for mark in marks[1::2]]
            joined += max(0, len(marks) // 2 - 1)
    if len(delays) != EVENTS:
        raise AssertionError(f"{len(delays)} pieces of {EVENTS} were found")
    return Delays(delays, joined)


def accept(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def serve(connection: socket.socket) -> None:
    """Answer the requests of one connection, until the client goes."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        try:
            while received := connection.recv(65_536):
                if not received.endswith(b"{}"):
                    continue
                connection.sendall(HEAD)
                for _ in range(EVENTS):
                    time.sleep(PAUSE_S)
                    event = FORM % time.monotonic_ns()
                    connection.sendall(b"%x\r\n%s\r\n" % (len(event), event))
                connection.sendall(b"0\r\n\r\n")
                if b"connection: close" in received:
                    return
        except OSError:
            return


def show(what: str, direct: Delays, tapped: Delays) -> None:
    cells = [
        f"{statistics.median(one.ms):.3f} (99 %: {percentile(one.ms):.3f})"
        for one in (direct, tapped)
    ]
    added = statistics.median(tapped.ms) - statistics.median(direct.ms)
    print(f"{what:34}{cells[0]:>22}{cells[1]:>22}{added:>10.3f}  {direct.joined}, {tapped.joined}")


def percentile(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[98]


# ---- every body


def compare_bodies() -> bool:
    """Ask for every recorded answer, each at an address of its own, directly and through a tap."""
    answers = [*read_answers()]
    different = size = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        cv.ReplayServer(Cassette(tuple(answers))) as direct,
        cv.ReplayServer(Cassette(tuple(answers))) as origin,
        cv.Tap(origin.url, to=Path(folder) / "all.yaml") as tap,
        httpx.Client(trust_env=False, timeout=60) as client,
    ):
        for number, each in enumerate(answers):
            got = []
            for url in (direct.url, tap.url):
                with client.stream("POST", f"{url}/{number}", content=b"{}") as response:
                    raw = b"".join(response.iter_raw())
                got.append((response.status_code, response.headers.raw, raw))
            size += len(got[0][2])
            different += got[0] != got[1] or got[0][2] != each.response.body
    print(f"{len(answers):,} answers, {size / 1e6:.1f} MB: {different} differ from a direct call")
    return not different


def read_answers() -> Iterator[Interaction]:
    """Yield what is recorded: in the samples, and in ``$CHATVIZ_SHARED`` where it is set."""
    paths = [cv.sample(name) for name in cv.samples()]
    if shared := os.environ.get("CHATVIZ_SHARED"):
        paths += sorted(path for path in (Path(shared) / "cassettes").rglob("*") if path.is_file())
    number = 0
    for path in paths:
        try:
            interactions = cv.load_cassette(path).interactions
        except CassetteError:
            continue
        for each in interactions:
            if 200 <= each.response.status <= 599:
                asked = RecordedRequest("POST", f"https://model.test/{number}", body=b"{}")
                yield Interaction(asked, each.response)
                number += 1


if __name__ == "__main__":
    sys.exit(main())
