"""TapApp: the ASGI application of a tap: passes a request on, and each piece of the answer back.

A piece is noted and handed on before anything else happens; all other work is left for the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import anyio
import httpx
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chatviz.cassettes.cassette import RecordedResponse
from chatviz.cassettes.metadata import CLOSED_BY_CALLER
from chatviz.transports.clients.library import read_head
from chatviz.transports.clients.recording import InteractionRecording, say_why_cut
from chatviz.transports.server.request_limits import RequestLimits, RequestRefused, read_body
from chatviz.transports.server.server_thread import TRANSPORT
from chatviz.transports.tap.forwarder import (
    Forwarder,
    answer_headers,
    recorded_request,
    request_headers,
    say_no_answer,
)
from chatviz.transports.tap.refusals import check_is_for_tap, check_may_pass, refuse_unknown_path
from chatviz.transports.tap.routes import Route, find_route
from chatviz.transports.tap.tapped_answers import TapLog, TappedAnswer

__all__ = ["NO_ANSWER_HEADER", "PAGE_PREFIX", "FrontApp", "TapApp"]

NO_ANSWER_HEADER: Final = "x-chatviz-tap"
"""Marks an answer that the tap gave itself, because upstream gave none."""

PAGE_PREFIX: Final = "/chatviz-"
"""What no path that is passed on begins with: a page of a tap, or of one that was here before."""

Keep = Callable[[InteractionRecording], None]


class FrontApp:
    """Asked first: is a request for this tap at all, and for its page, or to be passed on.

    Parameters
    ----------
    passage : ASGI application
        Passes requests on.
    page : ASGI application | None
        Serves what lies below its path.
    page_path : str
    log : TapLog
    limits : RequestLimits
    """

    def __init__(
        self,
        passage: ASGIApp,
        page: ASGIApp | None,
        page_path: str,
        log: TapLog,
        limits: RequestLimits,
    ) -> None:
        self._passage = passage
        self._page = page
        self._page_path = page_path.encode()
        self._log = log
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app: Any = self._passage
        try:
            check_is_for_tap(scope, self._limits)
        except RequestRefused as refused:
            self._log.refuse(scope["method"], refused.status, refused.message)
            app = refused
        else:
            if scope["raw_path"].startswith(PAGE_PREFIX.encode()):
                is_ours = scope["raw_path"].startswith(self._page_path)
                app = self._page if is_ours and self._page is not None else _OTHER_PAGE
        await app(scope, receive, send)


_OTHER_PAGE: Final = PlainTextResponse(
    "This is not the address of the tap's page. It is another one each time that a tap starts, and "
    "is printed then.",
    404,
)


class TapApp:
    """Passes requests on to their upstreams, and the answers back.

    Parameters
    ----------
    routes : sequence of Route
    forwarder : Forwarder
    log : TapLog
    keep : function
        Takes each recording that has ended.
    limits : RequestLimits
    allow_origins : sequence of str
        The pages whose scripts may use the tap.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        forwarder: Forwarder,
        log: TapLog,
        keep: Keep,
        limits: RequestLimits,
        allow_origins: Sequence[str],
    ) -> None:
        self._routes = routes
        self._forwarder = forwarder
        self._log = log
        self._keep = keep
        self._limits = limits
        self._allow_origins = allow_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            check_may_pass(scope, self._allow_origins)
            target = scope["raw_path"].decode("latin-1")
            route = find_route(self._routes, target)
            if route is None:
                raise refuse_unknown_path(self._routes)
            body = await read_body(scope, receive, self._limits)
        except ClientDisconnect:
            return
        except RequestRefused as refused:
            self._log.refuse(scope["method"], refused.status, refused.message)
            await refused(scope, receive, send)
            return
        if scope["query_string"]:
            target += "?" + scope["query_string"].decode("latin-1")
        asked = recorded_request(route, scope["method"], target, scope["headers"], body)
        answer = self._log.begin(route.name, asked)
        passing = _Passing(answer, self._forwarder, self._log, self._keep)
        await passing.run(route, scope, receive, send)


class _Passing:
    """One answer on its way, from the request sent on to the end, however it ends."""

    def __init__(self, answer: TappedAnswer, forwarder: Forwarder, log: TapLog, keep: Keep) -> None:
        assert answer.recording is not None
        self._answer = answer
        self._recording = answer.recording
        self._forwarder = forwarder
        self._log = log
        self._keep = keep

    async def run(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on, as long as the client is there."""
        async with anyio.create_task_group() as tasks:

            async def leave_with_client() -> None:
                while (await receive())["type"] != "http.disconnect":
                    pass
                self._end(CLOSED_BY_CALLER)
                tasks.cancel_scope.cancel()

            tasks.start_soon(leave_with_client)
            try:
                response = await self._ask(route, scope["headers"])
            except httpx.HTTPError as error:
                await self._stand_in(say_no_answer(error), send)
            else:
                try:
                    await self._pass_back(response, scope, send)
                finally:
                    await response.aclose()
            tasks.cancel_scope.cancel()

    async def _ask(self, route: Route, headers: Sequence[tuple[bytes, bytes]]) -> Any:
        assert self._answer.asked is not None
        return await self._forwarder.send(route, self._answer.asked, request_headers(headers))

    async def _pass_back(self, response: Any, scope: Scope, send: Send) -> None:
        """Pass on the head, and each piece the moment it comes; break off where upstream does."""
        add = self._recording.add
        self._begin(read_head(response))
        head = {"status": response.status_code, "headers": answer_headers(response.headers.raw)}
        await send({"type": "http.response.start", **head})
        try:
            async for data in response.stream:
                add(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
        except httpx.HTTPError as error:
            self._end(say_why_cut(error))
            scope["state"][TRANSPORT].close()
            return
        await self._finish(send, "ended")

    async def _stand_in(self, reason: str, send: Send) -> None:
        """Answer in place of an upstream that does not, and record what was answered."""
        told = {"message": f"upstream gave {reason}.", "type": "bad_gateway", "code": 502}
        body = json.dumps({"error": told, "message": told["message"]}).encode()
        headers: dict[str, tuple[str, ...]] = {
            "content-type": ("application/json",),
            NO_ANSWER_HEADER: (reason.encode("ascii", "replace").decode(),),
        }
        self._begin(
            RecordedResponse(
                502,
                status_line="502 Bad Gateway",
                headers=headers,
                proto="HTTP/1.1",
                proto_major=1,
                proto_minor=1,
                content_length=len(body),
            )
        )
        self._recording.add(body)
        length = (b"content-length", str(len(body)).encode())
        raw = [(name.encode(), value[0].encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": 502, "headers": [*raw, length]})
        await send({"type": "http.response.body", "body": body, "more_body": True})
        await self._finish(send, reason)

    def _begin(self, head: RecordedResponse) -> None:
        self._recording.begin(head)
        self._log.change(self._answer, "streaming", head.status)

    async def _finish(self, send: Send, state: str) -> None:
        """Say that it is whole, and only then hand it over to be written."""
        is_first = self._recording.end()
        try:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if is_first:
                self._log.change(self._answer, state)
                self._keep(self._recording)

    def _end(self, cut_short: str) -> None:
        """Keep what has come of an answer that breaks off; one that never began is not kept."""
        if self._recording.end(cut_short):
            has_begun = self._answer.status is not None
            self._log.change(self._answer, cut_short)
            if has_begun:
                self._keep(self._recording)
