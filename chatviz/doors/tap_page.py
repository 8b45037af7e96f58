"""TapPage: what passes through a tap, in a browser: the list, and one answer while it grows."""

from __future__ import annotations

import json
import struct
from collections.abc import AsyncIterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from chatviz.cassettes.reading import read_conversations
from chatviz.doors.recording_pages import PAGE_HEADERS, sentence_page, talks_page
from chatviz.transports.tap.following import AnswerFollower
from chatviz.views.inspector.inspect import INSPECTOR_PANES, inspect
from chatviz.views.page_module import Module, make_module, pane_files, pane_list, write_json
from chatviz.views.saving import page_html
from chatviz.widgets.live.following import FollowedFeed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatviz.transports.tap.tap import Tap
    from chatviz.transports.tap.tapped_answers import TappedAnswer

__all__ = ["TapPage", "tap_module"]

LOOK_S: Final = 0.1  # between two looks at what has passed
LONGEST_S: Final = 20.0  # until a question is answered, whether anything is new or not
ROWS: Final = 200  # answers that are listed
POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)


class TapPage:
    """The ASGI application of a tap's page; the tap hands it what lies below its address.

    ``""`` is the page; ``answers`` the list, as JSON, once it has changed; ``growth/3`` what comes
    of an answer, in packed batches until its end; ``answers/3`` and ``conversations/3`` pages of
    their own.

    Parameters
    ----------
    tap : Tap
    """

    def __init__(self, tap: Tap) -> None:
        self._tap = tap

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = Request(scope, receive)
        kind, _, number = scope["path"].removeprefix(self._tap.page_path).partition("/")
        answer = self._tap.log.find(int(number)) if number.isdecimal() else None
        await (await self._respond(kind, number, answer, request))(scope, receive, send)

    async def _respond(
        self, kind: str, number: str, answer: TappedAnswer | None, request: Request
    ) -> Response:
        if request.method == "GET":
            match kind, number, answer:
                case "", "", _:
                    return HTMLResponse(tap_html(), headers=PAGE_HEADERS)
                case "answers", "", _:
                    return await self._list(request)
                case "growth", _, answer if answer is not None:
                    grown = self._grow(answer)
                    return StreamingResponse(grown, 200, PAGE_HEADERS, "application/octet-stream")
                case "answers" | "conversations", _, answer if answer is not None:
                    shown = await run_in_threadpool(_page_of, kind, answer)
                    return HTMLResponse(shown, headers=PAGE_HEADERS)
        return PlainTextResponse("There is nothing here.", 404, PAGE_HEADERS)

    async def _list(self, request: Request) -> Response:
        """Answer once something is new: always where an answer is going on."""
        have = request.query_params.get("have", "")
        for _ in range(round(LONGEST_S / LOOK_S)):
            rows = list(self._tap.log)[-ROWS:]
            is_new = have != str(self._tap.log.version)
            if is_new or any(row.is_going_on for row in rows) or await request.is_disconnected():
                break
            await anyio.sleep(LOOK_S)
        return Response(
            await run_in_threadpool(self._write_list, rows), 200, PAGE_HEADERS, "application/json"
        )

    def _write_list(self, rows: Sequence[TappedAnswer]) -> str:
        log = self._tap.log
        told = {
            "version": str(log.version),
            "count": len(log),
            "rows": [_row(answer) for answer in rows],
            "refused": log.refused,
            "refusal": log.refusals[-1].message if log.refusals else "",
        }
        return json.dumps(told)

    async def _grow(self, answer: TappedAnswer) -> AsyncIterator[bytes]:
        """Yield what is new of an answer: how many buffers, how long each is, and they."""
        follower = AnswerFollower(answer, self._tap.rules)
        feed = FollowedFeed(follower, f"answer {answer.number}")
        while not feed.is_over:
            buffers = await run_in_threadpool(feed.take)
            if buffers is not None:
                sizes = (len(buffers), *map(len, buffers))
                yield b"".join([struct.pack(f"<{len(sizes)}I", *sizes), *buffers])
            if not feed.is_over:
                await anyio.sleep(LOOK_S)


@cache
def tap_module() -> Module:
    """Return the module of the page, whose inspector grows."""
    made = f"makeTapPage({pane_list(INSPECTOR_PANES)})"
    return make_module("tap", made, [*pane_files(INSPECTOR_PANES), "doors/js/tap.js"])


def tap_html() -> str:
    """Return the page, without anything that has passed."""
    module = tap_module()
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<title>chatviz tap</title>\n<link rel="icon" href="data:,">\n'
        "<style>:root{color-scheme:light dark}body{margin:1em auto;max-width:1600px;"
        'padding:0 1em}</style>\n</head>\n<body>\n<main id="tap"></main>\n'
        f'<script type="module">\n{module.body}\n'
        f'chatvizPage.show(document.getElementById("tap"), {write_json(module.style)});\n'
        "</script>\n</body>\n</html>\n"
    )


def _row(answer: TappedAnswer) -> dict[str, Any]:
    run, recording = answer.run, answer.recording
    pieces = [] if recording is None else recording.pieces_from(0)
    usage = None if run is None else run.usage
    worst = {finding.severity for finding in run.findings} if run is not None else set()
    return {
        "number": answer.number,
        "at": answer.started_unix_s,
        "server": answer.server,
        "method": answer.method,
        "url": answer.url,
        "status": answer.status,
        "state": answer.state,
        "is_going_on": answer.is_going_on,
        "size": len(run.body) if run is not None else sum(len(data) for data, _ in pieces),
        "model": "" if run is None else run.model or "",
        "tokens": None if usage is None else usage.total_tokens,
        "worst": next((one for one in ("error", "warning") if one in worst), ""),
        "file": "" if answer.path is None else answer.path.name,
        "can_be_shown": run is not None or recording is not None,
    }


def _page_of(kind: str, answer: TappedAnswer) -> str:
    """Return the inspector's page of an answer, or of the conversation that it belongs to."""
    run = answer.run
    if kind == "conversations" and answer.path is not None:
        talks = read_conversations(answer.path)
        asked = None if run is None else run.request
        own = [talk for talk in talks if any(one.request == asked for one in talk.runs)] or talks
        return talks_page(own, answer.path.name)
    if run is None:  # it is no chat, has not ended, or has passed long ago
        where = "is not kept yet" if answer.path is None else f"is in {answer.path.name}"
        told = f"This answer is no chat, or not held any more; it {where}."
        return sentence_page(told, f"Answer {answer.number}")
    return page_html(inspect(run), f"Answer {answer.number}, {answer.server}")
