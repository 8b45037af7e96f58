"""What is planted in time is found again: a plain server's pauses, as recorded and as read.

Run ``python benchmarks/planted.py``. A server of sockets alone, in a thread of this process, sends
answers with a stall, through a buffer of 4 kB, with a character split over two writes, and with a
slow start; ``RecordTransport`` records them over the loopback, and the tables and findings are
asked. The server notes by the same clock when it sent each piece; what is printed is how far a
recorded time is from the nearest sent one at most, both counted from the first; 2 ms are wanted.
(``ReplayServer`` would not do: its delays are simulated, and enter no table.)
"""

from __future__ import annotations

import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import httpx

import chatviz as cv

WANTED_S = 0.002
ROUNDS = 5
HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"connection: close\r\n\r\n"
)
END = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


class Planted(NamedTuple):
    """An answer: pieces with the seconds before each, and the finding that it should have."""

    name: str
    pieces: Sequence[tuple[float, bytes]]
    finding: str


def event(text: str) -> bytes:
    return b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n' % text.encode()


def answers() -> Iterator[Planted]:
    """Yield the answers, each with its own oddity of time."""
    words = [(0.02, event(f"word{n} ")) for n in range(8)]
    yield Planted("stall", [*words, (1.4, event("late")), (0.02, END)], "stall")
    body = b"".join(event(f"word{n} ") for n in range(320))
    buffered = [(0.15, body[at : at + 4_096]) for at in range(0, len(body), 4_096)]
    yield Planted("buffer of 4 kB", [*buffered, (0.02, END)], "burst")
    split = event("é")
    cut = split.index("é".encode()) + 1
    yield Planted("split", [*words, (0.05, split[:cut]), (0.3, split[cut:]), (0.02, END)], "")
    yield Planted("slow start", [(10.5, event("at last ")), *words, (0.02, END)], "silent_start")


class Server:
    """Sends one answer, and notes when each piece went."""

    def __init__(self, answer: Planted) -> None:
        self.answer = answer
        self.sent: list[float] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1/chat/completions"
        self.thread = Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        """Answer the only request."""
        connection, _ = self.listener.accept()
        with connection, self.listener:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while b"\r\n\r\n" not in connection.recv(65_536):
                pass
            connection.sendall(HEAD)
            begin = time.perf_counter()
            for pause, piece in self.answer.pieces:
                begin += pause
                time.sleep(max(begin - time.perf_counter(), 0))
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.sent.append(time.perf_counter())
            connection.sendall(b"0\r\n\r\n")


def measure(answer: Planted, folder: Path) -> tuple[float, bool]:
    """Record an answer; return how far its gaps are off at most, and whether it was found."""
    server = Server(answer)
    path = folder / "planted.yaml"
    path.unlink(missing_ok=True)
    with httpx.Client(transport=cv.RecordTransport(path), timeout=60) as client:
        client.post(server.url, json={"model": "planted", "messages": []})
    server.thread.join()
    (run,) = cv.read_runs(path)
    reads, sent = since_first(run.wire.times), since_first(server.sent)
    off = [min(abs(at - other) for other in sent) for at in reads]
    codes = {finding.code for finding in run.findings}
    is_found = not answer.finding or answer.finding in codes
    is_whole = "character_split" not in codes and "\ufffd" not in run.message.text
    return max(off), is_found and is_whole


def since_first(times: Iterable[float]) -> list[float]:
    """Return times as seconds since the first of them: the clocks begin at other moments."""
    first, *later = sorted(set(times))
    return [0.0, *(at - first for at in later)]


def main() -> int:
    is_ok = True
    with tempfile.TemporaryDirectory() as folder:
        for answer in answers():
            rounds = [
                measure(answer, Path(folder)) for _ in range(1 if "slow" in answer.name else ROUNDS)
            ]
            worst = max(off for off, _ in rounds)
            found = all(found for _, found in rounds)
            told = f"found as {answer.finding or 'whole text'}" if found else "NOT FOUND"
            print(f"{answer.name:16} off by {worst * 1e3:5.2f} ms at most; {told}", flush=True)
            is_ok = is_ok and worst <= WANTED_S and found
    return 0 if is_ok else 1


if __name__ == "__main__":
    sys.exit(main())
