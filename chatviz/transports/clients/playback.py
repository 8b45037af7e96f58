"""Plays an answer to a client: the head when it is due, then the pieces, then the end it had."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Any

from chatviz.clock import Clock
from chatviz.transports.clients.library import Library, Request, Response
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import PlannedAnswer

__all__ = ["RECORDED", "Playback"]

RECORDED = "chatviz_recorded"
"""The extension of a played response: its recording, whose times count, or None for another."""


class Playback:
    """An answer on its way to one request: the body of a response, sync or async.

    What takes longer than the client's read timeout raises its ``ReadTimeout``, as a socket would.
    """

    def __init__(
        self, answer: PlannedAnswer, request: Request, clock: Clock, *, start_ns: int
    ) -> None:
        self._answer = answer
        self._request = request
        self._library = Library(request)
        self._clock = clock
        self._start_ns = start_ns
        self._timeout_s = _read_timeout(request)
        self._left = iter(answer.pieces)
        self._is_closed = False

    def send(self) -> Response:
        """Wait until the head is due; return the response."""
        for wait_s in self._wait_for_head():
            self._clock.sleep(wait_s)
        return self._respond()

    async def send_async(self) -> Response:
        """Wait until the head is due; return the response."""
        for wait_s in self._wait_for_head():
            await self._clock.sleep_async(wait_s)
        return self._respond()

    def __iter__(self) -> Iterator[bytes]:
        if self._answer.waits:
            yield from self._send_when_due()
        else:
            yield from [piece.data for piece in self._answer.pieces]
        self._end()

    def __aiter__(self) -> Playback:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._left:
            if piece.at_ns or piece.pause_ns:
                for wait_s in self._waits(piece):
                    await self._clock.sleep_async(wait_s)
            if self._is_closed:
                raise StopAsyncIteration
            if piece.data:
                return piece.data
        self._end()
        raise StopAsyncIteration

    def close(self) -> None:
        """Send nothing more."""
        self._is_closed = True

    async def aclose(self) -> None:
        """Send nothing more."""
        self._is_closed = True

    def _respond(self) -> Response:
        answer = self._answer
        headers = list(answer.raw_headers())
        extensions: dict[str, Any] = {"http_version": b"HTTP/1.1", RECORDED: answer.recorded}
        if answer.reason:
            extensions["reason_phrase"] = answer.reason.encode("ascii", "replace")
        return self._library.respond(answer.status, headers, self, extensions)

    def _wait_for_head(self) -> Iterator[float]:
        return self._bounded(self._until(self._answer.headers_at_ns))

    def _waits(self, piece: Piece) -> Iterator[float]:
        """Return the seconds to wait before a piece."""
        wait_s = self._until(piece.at_ns) + piece.pause_ns / 1e9
        self._start_ns += piece.pause_ns
        return self._bounded(wait_s)

    def _send_when_due(self) -> Iterator[bytes]:
        for piece in self._left:
            for wait_s in self._waits(piece):
                self._clock.sleep(wait_s)
            if self._is_closed:
                return
            if piece.data:
                yield piece.data

    def _end(self) -> None:
        """Break the connection, where the answer says so."""
        if self._answer.breaks and not self._is_closed:
            raise self._library.error("RemoteProtocolError", self._answer.breaks, self._request)

    def _until(self, due_ns: int) -> float:
        return max(0.0, (self._start_ns + due_ns - self._clock.now_ns()) / 1e9)

    def _bounded(self, wait_s: float) -> Iterator[float]:
        """Yield the wait, if there is one; or the timeout, and then raise its error."""
        if wait_s > self._timeout_s:
            yield self._timeout_s
            message = f"nothing came for {self._timeout_s:g} s, the client's read timeout"
            raise self._library.error("ReadTimeout", message, self._request)
        if wait_s:
            yield wait_s


def _read_timeout(request: Request) -> float:
    timeout = request.extensions.get("timeout", {}).get("read")
    return inf if timeout is None else float(timeout)
