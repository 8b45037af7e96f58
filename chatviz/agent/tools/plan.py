"""CallPlan: whether a call can be run, with which arguments, and if not, what the model is told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Final, TypeAlias

import msgspec

from chatviz.agent.error_text import say_error
from chatviz.agent.results import Outcome, ToolRun
from chatviz.agent.tools.tool import Tool
from chatviz.chat.arguments.schema import check_arguments
from chatviz.chat.findings.log import shorten
from chatviz.chat.messages import Fragments, ToolCall
from chatviz.given_values import shown
from chatviz.wire.json_text import dump_json

__all__ = ["Approval", "Approve", "CallPlan", "apply_verdict", "plan_call", "write_result"]

Approval: TypeAlias = bool | str | Mapping[str, Any]
Approve: TypeAlias = Callable[[ToolCall], Approval | Awaitable[Approval]]

MAX_FAULTS: Final = 4  # reported to the model in one result


@dataclass(frozen=True, slots=True)
class CallPlan:
    """What shall become of one call.

    Attributes
    ----------
    call : ToolCall
    tool : Tool | None
        What to run; None where the call is not to be run.
    arguments : mapping
        The arguments as JSON values.
    keywords : mapping
        The same in the function's own types.
    outcome, text
        Why the call is not run, and what the model is told then.
    """

    call: ToolCall
    tool: Tool | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    keywords: Mapping[str, Any] = field(default_factory=dict)
    outcome: Outcome = "stopped"
    text: str = ""

    def record(self, outcome: Outcome, text: str) -> ToolRun:
        """Return what became of the call, as far as that is known without running it."""
        call = self.call
        return ToolRun(call.name, call.id, call.id, call.position, outcome, text)

    def stop(self, *, is_abandoned: bool = False) -> ToolRun:
        """Return the record of a call that was stopped, before it was run or in the midst of it."""
        if self.tool is None and self.text:
            return self.record(self.outcome, self.text)
        if is_abandoned:
            text = f"Error: {self.call.name!r} was stopped and abandoned: it may still be running."
            return replace(self.record("stopped", text), is_abandoned=True)
        return self.record("stopped", "Error: stopped before the tool was run.")


def plan_call(call: ToolCall, tools: Mapping[str, Tool]) -> CallPlan:
    """Read a call's arguments strictly and check them; only a call that is right has a tool."""
    name, tool = shorten(call.name), tools.get(call.name)
    if tool is None:
        known = f"the tools are {', '.join(tools)}" if tools else "there are no tools"
        return CallPlan(call, outcome="unknown", text=f"Error: there is no tool {name}; {known}.")
    arguments = call.parsed
    fault = _find_fault(call, tool, arguments)
    keywords: Mapping[str, Any] = {}
    if not fault and arguments is not None:
        try:
            keywords = tool.convert(arguments)
        except msgspec.ValidationError as error:
            fault = f"are not what it takes: {error}"
        except Exception as error:  # of a type of the user's own
            fault = f"are not what it takes: {say_error(error)}"
    if fault or arguments is None:
        text = f"Error: {name} was not run, for its arguments {fault}. Call it again with others."
        return CallPlan(call, outcome="invalid", text=text)
    return CallPlan(call, tool, arguments, keywords)


def apply_verdict(plan: CallPlan, verdict: Approval, tools: Mapping[str, Tool]) -> CallPlan:
    """Return the plan as ``approve`` wants it: as it is, refused, or with other arguments.

    Raises
    ------
    TypeError
        It is no verdict; None least of all, for a function that forgot to decide decides nothing.
    """
    match verdict:
        case True:
            return plan
        case False | str():
            why = f": {verdict}" if isinstance(verdict, str) else "."
            text = f"Error: the user did not allow this call{why}"
            return CallPlan(plan.call, outcome="refused", text=text)
        case Mapping():
            text = dump_json(dict(verdict))
            call = msgspec.structs.replace(plan.call, arguments=text, fragments=Fragments())
            return plan_call(call, tools)
    raise TypeError(
        f"approve() returned {shown(verdict)}: wanted True, False, a reason for no (str), or the "
        "arguments to run the call with (dict)."
    )


def write_result(value: object) -> str:
    """Return a tool's result as the text that the model gets.

    Text stays as it is; what JSON can carry (dataclasses, enums and dates too) is JSON; all else
    is ``str(value)``.
    """
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, str):
        return str(value)
    try:
        return json.dumps(msgspec.to_builtins(value, str_keys=True), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)


def _find_fault(call: ToolCall, tool: Tool, arguments: dict[str, Any] | None) -> str:
    """Return what is wrong with a call's arguments by JSON and by its schema; '' for nothing."""
    growth = call.growth
    if call.is_free_text:
        return f"are a free text, and it takes a JSON object: {shorten(call.arguments)}"
    if growth.error is not None:
        ends = "break off" if growth.error.is_early_end else "are no JSON"
        return f"{ends} at character {growth.error.offset}: {growth.error.reason}"
    if arguments is None:
        return f"are no JSON object: {shorten(call.arguments)}"
    check = check_arguments(growth, tool.schema)
    if check.fault is not None:
        return f"could not be checked: {check.fault}"
    told = [f"{row.path}: {row.verdict} ({row.message})" for row in check.wrong[:MAX_FAULTS]]
    if len(check.wrong) > len(told):
        told.append(f"and {len(check.wrong) - len(told)} more")
    return f"do not fit its schema: {'; '.join(told)}" if told else ""
