"""LiveChat: a conversation by a prompt box, in a thread of its own: the kernel stays free."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from threading import RLock, Thread
from typing import Any, Final, Unpack

from chatviz.agent.drivers import run_agent_async
from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.news import Watch
from chatviz.agent.options import DEFAULT_STOP, AgentOptions, TurnKeywords, check_keywords, takes
from chatviz.agent.results import AgentResult
from chatviz.agent.setup import CHAT
from chatviz.agent.stopping import check_conditions
from chatviz.agent.tools.tool import collect_tools
from chatviz.cassettes.pending import wait_for_writers
from chatviz.cassettes.storage import save_cassette
from chatviz.runs.conversation import Conversation
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.inspect import inspect
from chatviz.views.view import View
from chatviz.widgets.cell_placeholders import still_bundle
from chatviz.widgets.live.cells import close_earlier
from chatviz.widgets.live.feed import LiveFeed, Turn
from chatviz.widgets.live.saving import make_cassette
from chatviz.widgets.live.widget import BrowserRequest, LiveWidget, Ready, Run, Save, Stop

__all__ = ["LiveChat"]

STILL: Final = "Live chat"
ENDED: Final = ("idle", "stopped", "failed")
AT_ONCE_S: Final = 2.0


class LiveChat:
    """Talk to a model in the notebook: a prompt box, Run, Stop, and all that comes as it comes.

        chat = cv.LiveChat(endpoint, tools=[add])
        chat

    It asks in a thread of its own: the kernel is free meanwhile, and Stop is always heard there
    (ipykernel 6 hears nothing while a cell runs, and the view says so). What a saved notebook
    shows is the finished view of the last turn. Running the cell again closes the chat before.

    Parameters
    ----------
    endpoint : ModelEndpoint
        ``cv.Endpoint(…)``; its key stays there.
    system : str
        What the model is told before; it can be changed in the widget until the first turn.
    **options
        As for ``run_agent``, from ``tools`` to ``approve``, but ``after``; what is called is called
        in the chat's thread.

    Raises
    ------
    TypeError, ValueError
        An option is not known, or a tool cannot be one.

    Attributes
    ----------
    result : AgentResult | None
        What the last turn came to; a follow-up goes on from it.
    error : Exception | None
        What the last turn raised.
    """

    @takes(TurnKeywords)
    def __init__(
        self, endpoint: ModelEndpoint, *, system: str = "", **options: Unpack[TurnKeywords]
    ) -> None:
        self.result: AgentResult | None = None
        self.error: Exception | None = None
        self._endpoint = endpoint
        self._system = system
        check_keywords(options, TurnKeywords)
        tools = collect_tools(options.get("tools", ()))
        self._options: TurnKeywords = {**options, "tools": tools.values()}
        self._options["stop"] = check_conditions(options.get("stop", DEFAULT_STOP))
        AgentOptions(endpoint=endpoint, system=system or None, **self._options)  # checks them
        self._lock, self._drawing = RLock(), RLock()
        self._thread: Thread | None = None
        self._turn: Turn | None = None
        self._stills: list[Any] = []
        controls = {
            "asks": True,
            "tools": list(tools),
            "system": system,
            "model": endpoint.model,
            "max_tokens": options.get("max_tokens"),
        }
        self.widget = LiveWidget(controls, self._act)
        self._feed = LiveFeed(self.widget.send)
        close_earlier(self)

    @property
    def state(self) -> str:
        """The state that the view shows.

        ``"idle"``, ``"waiting for headers"``, ``"streaming"``, ``"running tools"``,
        ``"stopping"``, ``"stopped"`` or ``"failed"``.
        """
        return self._feed.log.state

    @property
    def conversation(self) -> Conversation:
        """All that was sent so far."""
        return Conversation(()) if self.result is None else self.result.conversation

    @property
    def is_running(self) -> bool:
        """Whether a turn is going on."""
        return self._turn is not None and not self._turn.over.is_set()

    def ask(
        self,
        prompt: str,
        *,
        system: str | None = None,
        model: str = "",
        max_tokens: int | None = None,
    ) -> None:
        """Begin a turn, as Run does, and return at once; ``wait`` waits for its end.

        Raises
        ------
        RuntimeError
            A turn is going on, or the chat was closed.
        """
        with self._lock:
            self._check_free()
            said = self._system if system is None else system
            said = "" if self.conversation.steps else said
            endpoint = _with_model(self._endpoint, model) if model else self._endpoint
            options = self._options | {"max_tokens": max_tokens or self._options.get("max_tokens")}

            def begin(watch: Watch) -> Coroutine[Any, Any, AgentResult]:
                return run_agent_async(
                    prompt,
                    endpoint=endpoint,
                    system=said or None,
                    after=self.result,
                    watch=watch,
                    **options,
                )

            self.error = None
            self._feed.begin(prompt, said)
            self._turn = Turn(self._feed, begin)
            self._thread = Thread(target=self._work, args=(self._turn,), daemon=True)
            self._thread.name = "chatviz live"
            self._thread.start()

    def _check_free(self) -> None:
        """Raise unless a turn can begin."""
        if self._turn is not None and self.state in ENDED:
            self._turn.over.wait(AT_ONCE_S)  # its end was told; its result is about to come
        if self.is_running:
            raise RuntimeError("a turn is going on: wait for it, or stop it first.")
        if self.widget.comm is None:
            raise RuntimeError("this chat was closed: make a new one, cv.LiveChat(…).")

    def wait(self, timeout: float | None = None) -> AgentResult | None:
        """Wait for the turn that is going on, but not for longer; return ``result``."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self.result

    def stop(self) -> None:
        """Stop the turn that is going on; what has come of it is kept."""
        if self._turn is not None:
            self._turn.stop()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save what was asked and answered as a cassette, without secrets.

        Raises
        ------
        ValueError
            Nothing was answered yet.
        FileExistsError
            There is such a file.
        CassetteError
            It cannot be written.
        """
        if not self.conversation.steps:
            raise ValueError("there is nothing to save yet: run a turn first.")
        wait_for_writers(path)
        if Path(path).exists():
            raise FileExistsError(f"{os.fspath(path)!r} exists: give the name of a new file.")
        save_cassette(make_cassette(self.conversation), path)

    def close(self) -> None:
        """Stop, and leave the browser; the notebook then shows the finished view."""
        self.stop()
        self.widget.close()

    def __repr__(self) -> str:
        steps = len(self.conversation.steps)
        return f"<LiveChat: {self._endpoint.model!r}, {steps} steps, {self.state}>"

    def _ipython_display_(self) -> None:
        """Show it: a place for the widget, and the finished view that a saved notebook shows."""
        self.widget.show(self.widget.bundle(repr(self)))
        self._stills.append(self.widget.show(self._still()))

    def _still(self) -> dict[str, str]:
        view: View | None = inspect(self.conversation) if self.conversation.steps else None
        return still_bundle(self.widget.key, STILL, view)

    def _work(self, turn: Turn) -> None:
        try:
            self.result = asyncio.run(turn.run())
        except (Exception, asyncio.CancelledError) as error:
            self.error = error if isinstance(error, Exception) else None
            self.result = self._feed.log.result or self.result
        finally:
            turn.over.set()
        self._draw_stills(turn)

    def _draw_stills(self, turn: Turn) -> None:
        """Let cells hold the finished view of a turn."""
        with self._drawing:  # a long one takes a while; the next turn may have begun, and ended
            if turn is self._turn:
                still = self._still()
                for place in filter(None, self._stills):
                    place.update(still, raw=True)

    def _act(self, request: BrowserRequest) -> str:
        """Do what a view asks for; return what there is to say of it."""
        match request:
            case Ready():
                self._feed.catch_up(request.have)
            case Run():
                self.ask(
                    request.prompt,
                    system=request.system,
                    model=request.model,
                    max_tokens=request.max_tokens,
                )
            case Stop():
                self.stop()
            case Save():
                self.save(request.path)
                return f"Saved as {request.path}."
        return ""


def _with_model(endpoint: ModelEndpoint, model: str) -> ModelEndpoint:
    """Return an endpoint that asks another model, by its own way where it has one."""
    switch = getattr(endpoint, "with_model", None)
    return _OtherModel(endpoint, model) if switch is None else switch(model)


class _OtherModel:
    """An endpoint with another model."""

    def __init__(self, endpoint: ModelEndpoint, model: str) -> None:
        self._endpoint = endpoint
        self.model = model
        self.extra_body = endpoint.extra_body
        self.dialect = getattr(endpoint, "dialect", None) or CHAT

    def ask(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        return self._endpoint.ask(body, watch=watch)

    async def ask_async(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        return await self._endpoint.ask_async(body, watch=watch)
