"""Tap: a reverse proxy on this machine that keeps what passes, with the time of every piece."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from chatviz.cassettes.redaction.rules import DEFAULT_RULES, RedactionRules, check_rules
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.registry import PAGES
from chatviz.transports.clients.cassette_writer import CassetteWriter
from chatviz.transports.clients.library import AnyTransport, check_async_transport
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.transports.server.installed import check_installed
from chatviz.transports.tap.answer_files import AnswerFiles, make_addition
from chatviz.transports.tap.child_variables import child_variables
from chatviz.transports.tap.routes import Route, Upstreams, make_routes
from chatviz.transports.tap.tapped_answers import RefusedRequest, TapLog, TappedAnswer

if TYPE_CHECKING:
    from chatviz.transports.server.server_thread import ServerThread

__all__ = ["Tap"]

_HOST: Final = "127.0.0.1"


class Tap:
    """Pass on what any client asks, in any language, and keep the answers as they came.

        with cv.Tap("https://api.openai.com") as tap:
            client = openai.OpenAI(base_url=tap.base_url)

    Every piece of an answer reaches the client, unchanged, the moment it arrives, and is kept with
    its time; what is written has no secrets in it. The files can be read at every moment; a process
    that is killed loses what it was receiving, and what ended in the last 0.1 s. It runs in a
    thread of its own, so it works in a notebook, too; there, `start` and `close` reach over several
    cells. ``page_url`` shows the answers in a browser while they come.

    Parameters
    ----------
    upstream : str, mapping of str to str, iterable of str, or None
        Where to: a URL, or a known name (``"openai"``, ``"anthropic"``, ``"gemini"``,
        ``"ollama"``, ``"openrouter"`` …). Of several, each has the paths that begin with its name:
        ``["openai", "anthropic"]``, ``{"mine": "http://127.0.0.1:8000", "groq": "groq"}``. All
        known ones, if left out.
    to : str or path-like
        A folder, which gets a file for each conversation (and is made, if it is not there); or a
        ``.yaml`` file, which every answer is added to.
    port : int
        On 127.0.0.1, and nowhere else; 0 for any that is free.
    allow_origins : sequence of str
        The pages in a browser whose scripts may use the tap: ``["http://localhost:3000"]``; none by
        default.
    redact : RedactionRules
        Which secrets are removed from what is written; what passes is untouched.
    inner : transport of httpx | None
        An async one, to send the requests; by default a plain client, which honours the proxy
        variables and verifies certificates (``SSL_CERT_FILE`` names further ones).
    max_body_bytes : int
        Longer requests are answered with status 413.
    request_timeout_s : float
        Requests that take longer to be sent are answered with status 408.
    clock : Clock | None
        The machine's, unless given.

    Raises
    ------
    ImportError
        Starlette or uvicorn is not installed.
    CassetteError
        The folder cannot be made, or the file cannot be added to.
    TypeError, ValueError
        An upstream, an origin, a limit or a transport is none.

    Notes
    -----
    Refused, with the reason: a ``Host`` that is not this machine, whatever a browser sends from a
    page that is not allowed (421, 403); requests to upgrade the connection (501); what AWS has
    signed, as the signature covers the host (400). An upstream that gives no answer is answered
    for with status 502 and the header ``x-chatviz-tap``, and that is recorded, too.
    """

    def __init__(
        self,
        upstream: Upstreams = None,
        *,
        to: str | os.PathLike[str] = "recordings",
        port: int = 0,
        allow_origins: Sequence[str] = (),
        redact: RedactionRules = DEFAULT_RULES,
        inner: AnyTransport | None = None,
        max_body_bytes: int = 64 * 2**20,
        request_timeout_s: float = 60.0,
        clock: Clock | None = None,
    ) -> None:
        check_installed("Tap")
        from chatviz.transports.server.request_limits import RequestLimits
        from chatviz.transports.tap.tap_app import PAGE_PREFIX

        self.routes: tuple[Route, ...] = make_routes(upstream)
        self._allow_origins = _check_origins(allow_origins)
        self._limits = RequestLimits(
            _HOST, max_body_bytes=max_body_bytes, timeout_s=request_timeout_s, owner="Tap"
        )
        self._clock = clock or SYSTEM_CLOCK
        check_rules(redact, "redact")
        self.rules = redact
        check_async_transport(inner, "inner")
        self._inner = inner
        self._port = port
        self.log = TapLog(self._clock, redact)
        self._files = AnswerFiles(to, self.log)
        self._writer = CassetteWriter(self._files)
        self._thread: ServerThread | None = None
        self._url = ""
        self.page_path = f"{PAGE_PREFIX}{secrets.token_urlsafe(16)}/"

    @property
    def url(self) -> str:
        """The tap's own address, without a slash at the end: ``http://127.0.0.1:49152``.

        Raises
        ------
        RuntimeError
            It is not running.
        """
        if self._thread is None:
            raise RuntimeError(
                "the tap has no address, as it is not running. Use it in a with statement, or call "
                "start()."
            )
        return self._url

    @property
    def base_urls(self) -> dict[str, str]:
        """Of each upstream, by its name, the base URL that its clients take."""
        return {route.name: self.url + route.base_path() for route in self.routes}

    @property
    def base_url(self) -> str:
        """The base URL that clients take, where there is one upstream.

        Raises
        ------
        ValueError
            There are several: ``base_urls`` has one of each.
        """
        urls = self.base_urls
        if len(urls) != 1:
            raise ValueError(
                f"this tap has {len(urls)} upstreams, and each its own base URL: "
                f"tap.base_urls[{next(iter(urls))!r}]."
            )
        return next(iter(urls.values()))

    @property
    def page_url(self) -> str:
        """Where a browser shows what passes; whoever has this address may read it."""
        return self.url + self.page_path

    @property
    def answers(self) -> list[TappedAnswer]:
        """What has passed, and what is passing; of many, the last 1,000."""
        self._let_pass()
        return list(self.log)

    @property
    def refusals(self) -> list[RefusedRequest]:
        """The requests that were not passed on; of many, the last 1,000."""
        return list(self.log.refusals)

    @property
    def paths(self) -> list[Path]:
        """The files that were written; what has just ended is waited for."""
        self._let_pass()
        self._writer.settle()
        return list(self._files.paths)

    def variables(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment variables that lead a child process's clients through the tap.

        Parameters
        ----------
        environ : mapping of str to str | None
            What the child would inherit: this process's environment, unless given.
        """
        return child_variables(self.routes, self.url, os.environ if environ is None else environ)

    def start(self) -> Self:
        """Listen, and return the tap itself.

        Raises
        ------
        RuntimeError
            It is running.
        OSError
            The port is taken.
        """
        from chatviz.transports.server.server_thread import ServerThread
        from chatviz.transports.tap.forwarder import Forwarder

        if self._thread is not None:
            raise RuntimeError(f"the tap is running already, at {self._url}.")
        forwarder = Forwarder(self._inner)
        listener = socket.create_server((_HOST, self._port))
        self._url = f"http://{_HOST}:{listener.getsockname()[1]}"
        self._thread = ServerThread(
            self._make_app(forwarder),
            listener,
            head_timeout_s=self._limits.timeout_s,
            name="chatviz-tap",
            last=forwarder.close,
        )
        return self

    def close(self) -> None:
        """Stop: break what is still streaming, keep what came of it, and free the port.

        Raises
        ------
        CassetteError
            Something cannot be written; closing again tries again.
        """
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.stop()
        self._writer.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self.start()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        import anyio

        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(self.close)

    def __repr__(self) -> str:
        place = self._url if self._thread else "not running"
        names = ", ".join(route.name for route in self.routes)
        return f"<Tap: {place}, {len(self.log)} answers of {names}>"

    def _let_pass(self) -> None:
        """Let what a client has read whole come to its end here, too."""
        if self._thread is not None:
            self._thread.let_pass()

    def _make_app(self, forwarder: Any) -> Any:
        from starlette.middleware.cors import CORSMiddleware

        from chatviz.transports.tap.tap_app import FrontApp, TapApp

        app: Any = TapApp(
            self.routes, forwarder, self.log, self._keep, self._limits, self._allow_origins
        )
        if self._allow_origins:
            app = CORSMiddleware(
                app,
                allow_origins=self._allow_origins,
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["*"],
            )
        page = PAGES.load("tap")(self) if "tap" in PAGES else None
        return FrontApp(app, page, self.page_path, self.log, self._limits)

    def _keep(self, recording: InteractionRecording) -> None:
        self._writer.add(partial(make_addition, recording, self.rules))


def _check_origins(origins: Sequence[str]) -> tuple[str, ...]:
    if isinstance(origins, str) or any("://" not in each or "*" in each for each in origins):
        raise ValueError(
            "allow_origins should be a list of pages by scheme, host and port, as in "
            "['http://localhost:3000']: each is allowed by its name, and not all at once."
        )
    return tuple(each.rstrip("/").lower() for each in origins)
