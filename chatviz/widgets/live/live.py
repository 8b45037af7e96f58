"""live and LiveChat: have a conversation in a notebook, and watch it while it comes."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Unpack

from chatviz.agent.drivers import run_agent_async
from chatviz.agent.options import AgentOptions, LiveKeywords, check_keywords, takes
from chatviz.agent.results import AgentResult
from chatviz.agent.tools.tool import collect_tools
from chatviz.runs.conversation import Conversation
from chatviz.views.inspector.inspect import inspect
from chatviz.views.view import View
from chatviz.widgets.live.feed import LiveFeed, Turn
from chatviz.widgets.live.widget import BrowserRequest, LiveWidget, Ready, Stop

__all__ = ["live"]


@takes(LiveKeywords)
async def live(prompt: str, **options: Unpack[LiveKeywords]) -> AgentResult:
    """Do what ``run_agent_async`` does, and show it while it goes on, with a Stop button.

        result = await cv.live("Add 2 and 3", endpoint=endpoint, tools=[add])

    When it has ended, however it has, the cell shows the finished view, as ``inspect`` draws it,
    and nothing of it needs a kernel. How long the tools ran is in the result, not in that view: a
    replayed cassette leaves the same. Stop is heard while the cell runs where Jupyter allows it
    (ipykernel 7 or later); where it is not heard the view says so: interrupt the kernel then.

    Parameters
    ----------
    prompt : str
        What the user says.
    **options
        Those of ``AgentOptions`` but ``watch`` and ``clock``.

    Returns
    -------
    AgentResult
        Also after Stop: its ``stop_reason`` is ``"cancelled"``.

    Raises
    ------
    TypeError, ValueError
        Something was asked for that cannot be.
    Exception
        What ``run_agent_async`` raises. The conversation so far is its ``result``.
    """
    check_keywords(options, LiveKeywords)
    named = collect_tools(options.get("tools", ()))
    options["tools"] = named.values()
    AgentOptions(**options)  # checks them before anything is shown
    after, system = options.get("after"), options.get("system") or ""
    earlier = after.conversation if isinstance(after, AgentResult) else after
    begin = partial(run_agent_async, prompt, **options)
    return await _show_turn(begin, list(named), prompt, system, earlier)


async def _show_turn(
    begin: Callable[..., Coroutine[Any, Any, AgentResult]],
    tools: list[str],
    prompt: str,
    system: str,
    earlier: Conversation | None,
) -> AgentResult:
    """Run one turn in the cell's own loop, with a widget while it goes on and a view after it."""
    ear = _Ear()
    widget = LiveWidget({"asks": False, "tools": tools}, ear.hear)
    feed = LiveFeed(widget.send)
    turn = Turn(feed, lambda watch: begin(watch=watch))
    ear.feed, ear.turn = feed, turn
    place = _CellOutput(widget)
    try:
        feed.begin(prompt, system, earlier=earlier)
        return await turn.run()
    finally:
        place.finish(feed.log.result)


class _Ear:
    """Hears what the view asks for."""

    feed: LiveFeed
    turn: Turn

    def hear(self, request: BrowserRequest) -> str:
        """Do it; this view only watches, and stops."""
        match request:
            case Ready():
                self.feed.catch_up(request.have)
            case Stop():
                self.turn.stop()
            case _:
                raise ValueError("this view only watches: cv.LiveChat(…) takes a prompt.")
        return ""


class _CellOutput:
    """The output of a cell: the widget while it is alive, then the finished view."""

    def __init__(self, widget: LiveWidget) -> None:
        self._widget = widget
        self._handle = widget.show(widget.bundle("a live conversation"))

    def finish(self, result: AgentResult | None) -> None:
        """Put the finished view where the widget was."""
        if self._handle is not None:
            self._handle.update(_finished(result), raw=True)
        self._widget.close()


def _finished(result: AgentResult | None) -> dict[str, str]:
    """Return what a notebook keeps of a conversation that has ended."""
    view = View("Nothing was answered.") if result is None else inspect(result.conversation)
    return {"text/html": view.html, "text/plain": view.sentence}
