"""ReplayApp: the ASGI application of a replay server; asks the player, and sends what it says.

This file opens no socket: it is handed requests.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import anyio
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.clock import Clock
from chatviz.errors import CassetteError
from chatviz.transports.playing.faults import UnfitFault
from chatviz.transports.playing.pace import Piece
from chatviz.transports.playing.planned_answer import PlannedAnswer
from chatviz.transports.playing.player import Player
from chatviz.transports.server.recorded_urls import keep_here, restore_place
from chatviz.transports.server.request_limits import RequestLimits, RequestRefused, read_body
from chatviz.transports.server.server_thread import TRANSPORT

__all__ = ["ReplayApp"]

_LOG = logging.getLogger("chatviz")


class ReplayApp:
    """Answers the requests of a server from a recording.

    Parameters
    ----------
    player : Player
        It responds to misses.
    clock : Clock
    limits : RequestLimits
    """

    def __init__(self, player: Player, clock: Clock, limits: RequestLimits) -> None:
        self._player = player
        self._clock = clock
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """PlannedAnswer one request."""
        start_ns = self._clock.now_ns()
        try:
            asked = _read_request(scope, await read_body(scope, receive, self._limits))
        except ClientDisconnect:
            return
        except RequestRefused as refused:
            await refused(scope, receive, send)
            return
        meant = restore_place(asked, self._player.cassette.interactions)
        if not meant and asked.method in ("GET", "HEAD") and scope["path"] == "/":
            await JSONResponse(self._list_answers())(scope, receive, send)
            return
        answer = self._answer(meant or [asked])
        kept = replace(answer, headers=tuple(self._kept_here(answer)))
        await _Delivery(kept, self._clock, start_ns)(scope, receive, send)

    def _answer(self, meant: list[RecordedRequest]) -> PlannedAnswer:
        """Return what the player says, or where it cannot play on, the error as an answer."""
        *others, last = meant
        try:
            found = (self._player.answer_if_recorded(request) for request in others)
            answer = next((answer for answer in found if answer is not None), None)
            return _check_status(answer or self._player.answer(last))
        except (UnfitFault, CassetteError) as error:  # they say all there is to say
            _LOG.error("the replay server cannot answer: %s", error)
            return _answer_error(error)
        except Exception as error:  # a matcher of the user's own
            _LOG.error("the replay server cannot answer", exc_info=error)
            return _answer_error(error)

    def _kept_here(self, answer: PlannedAnswer) -> Iterator[tuple[str, str]]:
        """Yield the headers of an answer; a redirect stays on this server where it can."""
        recorded = self._player.cassette.interactions
        for name, value in answer.headers:
            yield name, keep_here(value, recorded) if name.lower() == "location" else value

    def _list_answers(self) -> dict[str, Any]:
        """Say what can be asked for: no query, which may hold a key."""
        waiting = {id(interaction) for interaction in self._player.unused}
        return {
            "server": "chatviz replay server",
            "misses": self._player.missed,
            "interactions": [
                {
                    "method": interaction.request.method,
                    "path": interaction.request.head.path,
                    "played": id(interaction) not in waiting,
                }
                for interaction in self._player.cassette.interactions
            ],
        }


class _Delivery:
    """Sends one answer: the head when it is due, then the pieces, then the end that it has."""

    def __init__(self, answer: PlannedAnswer, clock: Clock, start_ns: int) -> None:
        self._answer = answer
        self._clock = clock
        self._start_ns = start_ns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, as long as the client is there."""
        async with anyio.create_task_group() as tasks:

            async def leave_with_client() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                tasks.cancel_scope.cancel()

            tasks.start_soon(leave_with_client)
            await self._send(send)
            if self._answer.breaks:
                scope["state"][TRANSPORT].close()
                await anyio.sleep_forever()  # until the connection is lost
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            tasks.cancel_scope.cancel()

    async def _send(self, send: Send) -> None:
        """Send all but the end, so that a client sees whether there is one."""
        answer = self._answer
        if answer.status in _WITHOUT_BODY and any(piece.data for piece in answer.pieces):
            _LOG.warning("the recorded body is left out: HTTP %d has none", answer.status)
            answer = replace(answer, pieces=())
        await self._wait_until(answer.headers_at_ns)
        head = {"status": answer.status, "headers": list(_raw_headers(answer))}
        await send({"type": "http.response.start", **head})
        for piece in answer.pieces:
            await self._wait_for(piece)
            if piece.data:
                await send({"type": "http.response.body", "body": piece.data, "more_body": True})

    async def _wait_for(self, piece: Piece) -> None:
        if piece.pause_ns:
            await self._clock.sleep_async(piece.pause_ns / 1e9)
            self._start_ns += piece.pause_ns
        await self._wait_until(piece.at_ns)

    async def _wait_until(self, due_ns: int) -> None:
        wait_ns = due_ns and self._start_ns + due_ns - self._clock.now_ns()
        if wait_ns > 0:
            await self._clock.sleep_async(wait_ns / 1e9)


def _read_request(scope: Scope, body: bytes) -> RecordedRequest:
    """Return a request as a recording keeps it."""
    headers: dict[str, tuple[str, ...]] = {}
    for raw_name, value in scope["headers"]:
        name = raw_name.decode("latin-1")
        headers[name] = (*headers.get(name, ()), value.decode("latin-1"))
    host, port = scope["server"]
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    path = "/" + scope["raw_path"].decode("latin-1").removeprefix("/")
    query = scope["query_string"].decode("latin-1")
    return RecordedRequest(
        method=scope["method"],
        url=f"http://{place}{path}{query and '?'}{query}",
        headers=headers,
        body=body,
        proto=f"HTTP/{scope['http_version']}",
        content_length=len(body),
        host=place,
    )


def _raw_headers(answer: PlannedAnswer) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers that may be sent: those of the connection itself are the server's own."""
    for name, value in answer.raw_headers():
        name, value = name.lower(), value.strip()
        if name not in _HOP_BY_HOP and _NAME.fullmatch(name) and not _CONTROL.search(value):
            yield name, value


def _check_status(answer: PlannedAnswer) -> PlannedAnswer:
    if not 200 <= answer.status <= 599:
        raise ValueError(
            f"the recorded status, {answer.status}, is none that a server can answer with."
        )
    return answer


def _answer_error(error: Exception) -> PlannedAnswer:
    told = {"message": f"{type(error).__name__}: {error}", "type": "replay_error"}
    body = json.dumps({"error": told}, ensure_ascii=False).encode()
    headers = (
        ("content-type", "application/json; charset=utf-8"),
        ("content-length", str(len(body))),
        ("x-should-retry", "false"),
    )
    return PlannedAnswer(500, headers=headers, pieces=(Piece(body),))


_HOP_BY_HOP: Final = frozenset(
    [
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    ]
)
_WITHOUT_BODY: Final = (204, 304)
_NAME: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
