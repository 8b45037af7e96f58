"""What replaying and recording cost: bytes a second, time added to a piece, and whether times hold.

Run ``python benchmarks/transports.py``. Speeds are ratios within one run, in processor time (other
processes share the machine): medians of interleaved rounds. Times are compared with the log of a
server on loopback; of each round the worst piece counts, and of the rounds the median.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import httpx

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.storage import load_cassette
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport

SEED = Path(__file__).parents[1] / "data/cassettes/openai_chat/stream_unique_tool_call_ids.yaml"
ROUNDS = 15
REQUESTS = 40  # a round
PIECE = 200  # bytes, the size of the seeds' events
LONG = 20_000  # pieces
WANTED_SPEED = 0.60  # of MockTransport
WANTED_ADDED_US = 3.0  # to a piece, by recording it
WANTED_ARRIVAL_MS = 5.0  # from the server's log
WANTED_PACE_MS = 20.0  # from the recorded arrival
TIMED_ROUNDS = 5


class Row(NamedTuple):
    """One figure."""

    what: str
    wanted: str
    measured: str
    is_ok: bool


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A stream of ready pieces, as a test would mock one."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def main() -> int:
    rows = [*compare_replay(), *measure_tee(), *measure_times()]
    print(f"{'':58}{'wanted':>14}{'measured':>12}  ok")
    for row in rows:
        print(f"{row.what:58}{row.wanted:>14}{row.measured:>12}  {'yes' if row.is_ok else 'NO'}")
    return 0 if all(row.is_ok for row in rows) else 1


# ---- replaying at once


def compare_replay() -> Iterator[Row]:
    """Replay the seed's answer, and a long one, against httpx's own mock of the same pieces."""
    interaction = load_cassette(SEED).interactions[0]
    long_one = replace(interaction.response, body=interaction.response.body * 60)
    for name, each in (
        ("the seed's 17 kB", interaction),
        ("1 MB", replace(interaction, response=long_one)),
    ):
        body = each.response.body
        pieces = [body[start : start + PIECE] for start in range(0, len(body), PIECE)]
        times = processor_times(
            {
                "mock, one": asker(mock(content=body), each),
                "ours, one": asker(ReplayTransport(Cassette((each,)), repeat=True), each),
                "mock, many": asker(mock(stream=Pieces(pieces)), each),
                "ours, many": asker(
                    ReplayTransport(Cassette((with_pieces(each, pieces),)), repeat=True), each
                ),
            },
            rounds=ROUNDS,
        )
        for kind, label in (("one", "one piece"), ("many", f"{len(pieces):,} pieces")):
            ratio = times[f"mock, {kind}"] / times[f"ours, {kind}"]
            yield Row(
                f"replay of {name} in {label}, of the mock's speed",
                f">= {WANTED_SPEED:.2f}",
                f"{ratio:.2f}",
                ratio >= WANTED_SPEED,
            )


def mock(**answer: object) -> httpx.MockTransport:
    headers = {"content-type": "text/event-stream"}
    return httpx.MockTransport(
        lambda request: httpx.Response(200, headers=headers, **answer)  # type: ignore[arg-type]
    )


def asker(transport: httpx.BaseTransport, interaction: Interaction) -> Callable[[], None]:
    client = httpx.Client(transport=transport)
    asked, expected = interaction.request, len(interaction.response.body)

    def ask() -> None:
        for _ in range(max(1, REQUESTS * 20_000 // expected)):
            content = client.post(asked.url, content=asked.body).content
            assert len(content) == expected

    return ask


def with_pieces(interaction: Interaction, pieces: list[bytes]) -> Interaction:
    spans = tuple((len(piece), number) for number, piece in enumerate(pieces))
    metadata = RecordingMetadata(clock="measured", pieces=spans)
    return replace(interaction, response=replace(interaction.response, metadata=metadata))


# ---- the time that recording adds to a piece


def measure_tee() -> Iterator[Row]:
    """Read a long stream with and without a recorder; saving comes after and is not counted."""
    pieces = [b"x" * PIECE] * LONG
    with tempfile.TemporaryDirectory() as folder:

        def recorded() -> httpx.BaseTransport:
            path = Path(folder) / f"{time.monotonic_ns()}.yaml"
            return RecordTransport(path, inner=mock(stream=Pieces(pieces)))

        plain = processor_times_of_reading(lambda: mock(stream=Pieces(pieces)), recorded)
    for colour, (without, with_tee) in plain.items():
        added_us = (with_tee - without) / LONG * 1e6
        yield Row(
            f"recording adds to each of {LONG:,} pieces ({colour})",
            f"<= {WANTED_ADDED_US:.1f} µs",
            f"{added_us:.2f} µs",
            added_us <= WANTED_ADDED_US,
        )


def processor_times_of_reading(
    *transports: Callable[[], httpx.BaseTransport],
) -> dict[str, tuple[float, ...]]:
    times: dict[str, list[list[float]]] = {
        colour: [[] for _ in transports] for colour in ("sync", "async")
    }
    for _ in range(7):
        for number, make in enumerate(transports):
            gc.collect()
            times["sync"][number].append(read(make()))
            gc.collect()
            times["async"][number].append(asyncio.run(read_async(make())))
    return {colour: tuple(map(statistics.median, columns)) for colour, columns in times.items()}


def read(transport: httpx.BaseTransport) -> float:
    with (
        httpx.Client(transport=transport) as client,
        client.stream("POST", "http://a.test", content=b"{}") as response,
    ):
        begin, left = time.process_time(), LONG
        for _ in response.iter_raw():
            left -= 1
            if not left:
                return time.process_time() - begin
    raise AssertionError("pieces are missing")


async def read_async(transport: httpx.AsyncBaseTransport) -> float:
    async with (
        httpx.AsyncClient(transport=transport) as client,
        client.stream("POST", "http://a.test", content=b"{}") as response,
    ):
        begin, left = time.process_time(), LONG
        async for _ in response.aiter_raw():
            left -= 1
            if not left:
                return time.process_time() - begin
    raise AssertionError("pieces are missing")


# ---- whether times hold


class Metronome(threading.Thread):
    """A server that answers each request with ten events, 50 ms apart, and logs when."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1/chat/completions"
        self.log_ns: list[list[int]] = []  # of each request: when it came, and when each was sent

    def run(self) -> None:
        """Serve until the client goes."""
        connection, _ = self.listener.accept()
        with self.listener, connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while received := connection.recv(65_536):
                if not received.endswith(b"}"):
                    continue  # the body comes apart from its head
                self.log_ns.append([time.monotonic_ns()])
                connection.sendall(HEAD)
                for _ in range(10):
                    due_ns = self.log_ns[-1][0] + len(self.log_ns[-1]) * 50_000_000
                    time.sleep(max(0, due_ns - time.monotonic_ns()) / 1e9)
                    self.log_ns[-1].append(time.monotonic_ns())
                    connection.sendall(b"%x\r\n%s\r\n" % (len(EVENT), EVENT))
                connection.sendall(b"0\r\n\r\n")


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
EVENT = b'data: {"choices": []}\n\n'


def measure_times() -> Iterator[Row]:
    """Record ten events sent 50 ms apart, and replay them at speed 1.0, several times."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metronome.yaml"
        server = Metronome()
        server.start()
        passed = [since_first(times) for times in arrivals(RecordTransport(path), server.url)]
        server.join()
        sent = [since_first(times) for times in server.log_ns]
        metadata = [
            interaction.response.metadata for interaction in load_cassette(path).interactions
        ]
        kept = [[at for _, at in each.pieces] for each in metadata if each is not None]
        played = arrivals(ReplayTransport(path, speed=1.0), server.url)
    yield arrival_row("ten events 50 ms apart reach the caller", sent, passed)
    yield arrival_row("ten events 50 ms apart, as recorded", sent, kept)
    yield pace_row(kept, [since_first(times) for times in played])


def arrivals(transport: httpx.BaseTransport, url: str) -> list[list[int]]:
    """Return of each request when it was sent, and when each piece arrived at the caller."""
    rounds = []
    with httpx.Client(transport=transport, trust_env=False) as client:
        for _ in range(TIMED_ROUNDS + 1):  # the first connects
            request = client.build_request("POST", url, json={"stream": True})
            times = [time.monotonic_ns()]
            response = client.send(request, stream=True)
            times += [time.monotonic_ns() for _ in response.iter_raw()]
            rounds.append(times)
    return rounds


def since_first(times: list[int]) -> list[int]:
    return [at - times[0] for at in times[1:]]


def arrival_row(what: str, sent: list[list[int]], got: list[list[int]]) -> Row:
    worst = median_of_worst(sent, got)
    limit = f"<= {WANTED_ARRIVAL_MS:.1f} ms"
    return Row(
        f"{what}, off the server's log", limit, f"{worst:.2f} ms", worst <= WANTED_ARRIVAL_MS
    )


def pace_row(recorded: list[list[int]], replayed: list[list[int]]) -> Row:
    worst = median_of_worst(recorded, replayed)
    return Row(
        "replay at speed 1.0, off the recorded arrival",
        f"<= {WANTED_PACE_MS:.1f} ms",
        f"{worst:.2f} ms",
        worst <= WANTED_PACE_MS,
    )


def median_of_worst(wanted: list[list[int]], got: list[list[int]]) -> float:
    """Return the milliseconds by which the worst piece of a round is off: the median round's."""
    return statistics.median(
        max(abs(here - there) for here, there in zip(*pair, strict=True)) / 1e6
        for pair in list(zip(wanted, got, strict=True))[1:]
    )


def processor_times(tasks: dict[str, Callable[[], None]], *, rounds: int) -> dict[str, float]:
    """Return the median processor time of each task, all of them timed once in every round."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(rounds):
        for name, task in tasks.items():
            gc.collect()
            begin = time.process_time()
            task()
            times[name].append(time.process_time() - begin)
    return {name: statistics.median(column) for name, column in times.items()}


if __name__ == "__main__":
    sys.exit(main())
