"""The page of a recording, behind a Jupyter server's own login.

What is read, Jupyter's contents manager reads: a path leads nowhere that Jupyter does not show.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from http.client import responses
from typing import Any, Final

from jupyter_core.utils import ensure_async
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web
from tornado.iostream import StreamClosedError

from chatviz.cassettes.content.encodings import MAX_DECODED_BYTES
from chatviz.cassettes.neighbours import plain_name, unread_neighbour
from chatviz.doors.recording_pages import (
    PAGE_HEADERS,
    MadePage,
    MakingStep,
    Unreadable,
    make_page,
    sentence_page,
    unreadable_page,
)
from chatviz.views.saving import POLICY

__all__ = ["ADDRESS", "LINES", "PageHandler"]

ADDRESS: Final = "/chatviz/page"
LINES: Final = "application/x-ndjson"  # asked for by who wants to hear how far it is

HTML: Final = "text/html; charset=utf-8"

# The page is an origin of its own: no script in it could read a cookie, or ask Jupyter.
SANDBOX: Final = f"{POLICY}; frame-ancestors 'none'; sandbox allow-scripts"


class PageHandler(APIHandler):
    """Answers ``GET /chatviz/page?path=…`` with the inspector's page of a recording.

    Who accepts ``application/x-ndjson`` is answered in lines of JSON: what is done next, and at
    last ``{"page": …}`` or ``{"unreadable": …}``.
    """

    auth_resource = "contents"

    def initialize(self, turn: asyncio.Lock) -> None:
        """Keep what lets pages be made one at a time: many tabs may open at once."""
        self._turn = turn
        self._is_gone = False

    def on_connection_close(self) -> None:
        """Stop before the next step: nobody waits for the page any more."""
        super().on_connection_close()
        self._is_gone = True

    @property
    def content_security_policy(self) -> str:
        """What the page may do, whatever Jupyter allows elsewhere."""
        return SANDBOX

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Answer with a page."""
        self.check_xsrf_cookie()
        path = self.get_query_argument("path")
        for header, value in PAGE_HEADERS.items():
            self.set_header(header, value)
        if self._is_in_lines:
            await self._tell_all(path)
            return
        async with aclosing(self._steps(path)) as steps:
            async for step in steps:
                match step:
                    case MadePage():
                        await self.finish(step.html, set_content_type=HTML)
                    case Unreadable():
                        page = unreadable_page(step.reason, _name_of(path))
                        await self.finish(page, set_content_type=HTML)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer with a sentence: as a page, or as JSON to who asked for lines."""
        if self._is_in_lines:
            super().write_error(status_code, **kwargs)
            return
        error = kwargs.get("exc_info", (None, None))[1]
        told = error.log_message if isinstance(error, web.HTTPError) else None
        page = sentence_page(told or responses.get(status_code, "Unknown error"), "chatviz")
        self.finish(page, set_content_type=HTML)

    @property
    def _is_in_lines(self) -> bool:
        return LINES in self.request.headers.get("Accept", "")

    async def _tell_all(self, path: str) -> None:
        """Answer in lines; what goes wrong behind the first is a line, too."""
        size = (await self._model(path, has_content=False)).get("size")
        self.set_header("content-type", f"{LINES}; charset=utf-8")
        await self._tell({"doing": "file", "size": size})
        try:
            async with aclosing(self._steps(path)) as steps:
                async for step in steps:
                    await self._tell(_line(step))
        except web.HTTPError as error:
            await self._tell({"unreadable": error.log_message})

    async def _steps(self, path: str) -> AsyncGenerator[MakingStep | MadePage | Unreadable, None]:
        """Yield the steps of a page, each made in a thread, as long as somebody waits for it."""
        async with self._turn:
            model = await self._model(path, has_content=True)
            data = await asyncio.to_thread(_bytes_of, model)
            steps = make_page(data, _name_of(path), self._neighbours_of(path))
            while not self._is_gone:
                step = await asyncio.to_thread(next, steps, None)
                if step is None:
                    return
                yield step

    def _neighbours_of(self, path: str) -> Callable[[str], bytes]:
        """Return what reads the files beside a recording, from the thread that reads it."""
        loop, folder = asyncio.get_running_loop(), path.rpartition("/")[0]

        def read(name: str) -> bytes:
            asked = self._neighbour(f"{folder}/{plain_name(name)}")
            return asyncio.run_coroutine_threadsafe(asked, loop).result()

        return read

    async def _neighbour(self, path: str) -> bytes:
        name = _name_of(path)
        try:
            size = (await self._model(path, has_content=False)).get("size") or 0
            if size > MAX_DECODED_BYTES:
                raise unread_neighbour(name, f"which is larger than {MAX_DECODED_BYTES:,} bytes.")
            return _bytes_of(await self._model(path, has_content=True))
        except web.HTTPError as error:
            raise unread_neighbour(name, f"and cannot be read: {error.log_message}") from error

    async def _model(self, path: str, *, has_content: bool) -> dict[str, Any]:
        """Return what the contents manager has at a path.

        Raises
        ------
        web.HTTPError
            Nothing that it shows, or no file.
        """
        manager: Any = self.contents_manager
        try:
            if not manager.allow_hidden and await ensure_async(manager.is_hidden(path)):
                raise web.HTTPError(404)
            model = await ensure_async(manager.get(path, type="file", content=has_content))
        except web.HTTPError as error:
            told = _REFUSALS.get(error.status_code, "Jupyter cannot read this file.")
            raise web.HTTPError(error.status_code, told) from error
        return dict(model)

    async def _tell(self, line: dict[str, Any]) -> None:
        try:
            self.write(json.dumps(line) + "\n")
            await self.flush()
        except StreamClosedError:
            self._is_gone = True


def _line(step: MakingStep | MadePage | Unreadable) -> dict[str, Any]:
    match step:
        case MakingStep():
            return {"doing": step.doing, "done": step.done, "total": step.total}
        case MadePage():
            return {"page": step.html}
        case Unreadable():
            return {"unreadable": step.reason}


def _name_of(path: str) -> str:
    return path.rpartition("/")[2]


def _bytes_of(model: dict[str, Any]) -> bytes:
    content = model["content"]
    return base64.b64decode(content) if model["format"] == "base64" else content.encode()


_REFUSALS: Final = {
    400: "This is no file that Jupyter reads.",
    403: "Jupyter may not read this file.",
    404: "Jupyter shows no such file.",
}
