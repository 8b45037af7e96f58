"""AgentResult: the conversation that was had, why it ended, and how the tools ran."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from chatviz.runs.conversation import Conversation, Step
from chatviz.shown import Shown

__all__ = ["AgentResult", "Outcome", "ToolRun", "attach_result"]

Outcome: TypeAlias = Literal[
    "returned", "raised", "timed out", "stopped", "changed", "invalid", "unknown", "refused"
]


@dataclass(frozen=True, slots=True)
class ToolRun:
    """What became of one tool call.

    Attributes
    ----------
    name : str
    id : str
        The call's id as it was sent back.
    wire_id : str
        The call's id as the model sent it.
    position : int
        The call's place among the calls of its step, from 0.
    outcome : str
        ``"returned"``, ``"raised"``, ``"timed out"``, ``"stopped"`` (by Ctrl-C or a cancel),
        ``"changed"`` (it was started early, and then the model changed the call); or never run:
        ``"invalid"`` (its arguments), ``"unknown"`` (the tool), ``"refused"``.
    text : str
        The result that the model is told.
    arguments : mapping | None
        What the function was run with, as JSON values; None where it was not run.
    started_at_s, duration_s : float | None
        Seconds since the loop began, and seconds that it took; None where it was not run.
    ready_at_s : float | None
        Of a tool that was started while the answer still came: when its call was whole. None for
        any other: see ``is_early``.
    is_abandoned : bool
        Whether it may still be running: it did not end when it was told to, or is a thread,
        which cannot be told.
    error : BaseException | None
        What the function raised.
    step : int
        The step's number, from 0, among those of its result.
    """

    name: str
    id: str
    wire_id: str
    position: int
    outcome: Outcome
    text: str
    arguments: Mapping[str, Any] | None = None
    started_at_s: float | None = None
    duration_s: float | None = None
    ready_at_s: float | None = None
    is_abandoned: bool = False
    error: BaseException | None = field(default=None, repr=False, compare=False)
    step: int = 0

    @property
    def is_early(self) -> bool:
        """Whether the tool was started while the answer still came."""
        return self.ready_at_s is not None


@dataclass(frozen=True)
class AgentResult(Shown):
    """What ``run_agent`` returns; every view and table takes it.

    Attributes
    ----------
    conversation : Conversation
        All of it, with what it went on from.
    stop_reason : str
        ``"no_tool_calls"``: the model has answered. ``"max_steps"``, ``"max_cost"``,
        ``"max_tokens"``, ``"cost_unknown"``, ``"tokens_unknown"`` or the name of your own
        function: a stop condition. ``"error"``: see ``error``. ``"interrupted"`` (Ctrl-C),
        ``"cancelled"``.
    error : str
        What went wrong, in a sentence; ``""`` where nothing did.
    tool_runs : tuple of ToolRun
        The tool calls of the new steps, in their order. Of an answer that came to nothing (it
        broke off, or was stopped), those that were started early: they were run all the same.
    asked_at_s : tuple of float
        When each of the new steps was asked for: seconds since the loop began.
    answered_at_s : tuple of float
        When its answer had ended, or was given up.
    """

    conversation: Conversation
    stop_reason: str
    error: str = ""
    tool_runs: tuple[ToolRun, ...] = field(default=(), repr=False)
    asked_at_s: tuple[float, ...] = field(default=(), repr=False)
    answered_at_s: tuple[float, ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """The text of the last answer; of several choices, the first's."""
        steps = self.steps
        return steps[-1].run.message.text if steps else ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the conversation."""
        return self.conversation.steps


def attach_result(error: BaseException, result: AgentResult) -> None:
    """Hang the conversation so far on an exception that leaves the loop, as ``error.result``."""
    with suppress(Exception):  # of a class that takes no attribute, in whatever way it says so
        error.result = result  # type: ignore[attr-defined]
