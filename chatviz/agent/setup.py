"""Job: what a user asked for, checked and put together for the drivers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, TypeAlias

from chatviz.agent.ask_endpoint import ModelExchange
from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.loop import AgentLoop, AskModel, CallTools, agent_loop, send_back
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.agent.retrying import Patience
from chatviz.agent.stopping import StopCondition, collect_conditions
from chatviz.agent.tools.plan import Approve
from chatviz.agent.tools.run import RunRules
from chatviz.agent.tools.tool import Tool, collect_tools
from chatviz.chat.messages import ChatRequest, Message, Text
from chatviz.clock import Clock
from chatviz.dialects import find_writable_dialect
from chatviz.dialects.base import ReasoningSentBack, WritableDialect
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = ["Job", "News", "Watch", "make_job"]

News: TypeAlias = AskModel | StreamReader | StreamRun | CallTools | ToolRun | AgentResult
Watch: TypeAlias = Callable[[News], None]

CHAT: Final = find_writable_dialect("openai-chat", "")
GRACE_S: Final = 1.0  # for what is told to end, before it is abandoned


@dataclass(frozen=True, slots=True)
class Job:
    """A loop that is ready to begin, and how its questions are to be answered."""

    endpoint: ModelEndpoint
    loop: AgentLoop
    tools: Mapping[str, Tool]
    patience: Patience
    rules: RunRules
    approve: Approve | None
    watch: Watch

    def exchange(self, question: AskModel) -> ModelExchange:
        """Begin the exchange that answers a question."""
        rules = self.rules
        return ModelExchange(
            question,
            patience=self.patience,
            clock=rules.clock,
            began_at_ns=rules.began_at_ns,
            watch=self.watch,
        )


def make_job(
    prompt: str,
    *,
    endpoint: ModelEndpoint,
    system: str | None,
    after: AgentResult | Conversation | None,
    tools: Iterable[Tool | Callable[..., Any]],
    max_tokens: int | None,
    extra_body: Mapping[str, Any] | None,
    reasoning_back: ReasoningSentBack,
    tool_call_ids: Callable[[], str] | None,
    stop: StopCondition | Iterable[StopCondition],
    retries: int | Patience,
    tool_timeout: float | None,
    on_tool_error: Literal["return", "raise"],
    approve: Approve | None,
    watch: Watch | None,
    clock: Clock,
) -> Job:
    """Check what a user asked for and put it together.

    Raises
    ------
    TypeError, ValueError
        Something is not as it must be; nothing has been asked then.
    """
    named = collect_tools(tools)
    dialect: WritableDialect = getattr(endpoint, "dialect", None) or CHAT
    earlier, asked = _begin(prompt, system, after, dialect.history_keys)
    asked = replace(
        asked,
        model=endpoint.model,
        tools=tuple(tool.definition for tool in named.values()),
        body={**asked.body, **endpoint.extra_body, **_check_extra(extra_body or {}, dialect)},
    )
    write = partial(dialect.write_request, max_tokens=max_tokens, reasoning=reasoning_back)
    conditions = collect_conditions(stop)
    loop = agent_loop(
        asked, write=write, stop=conditions, tool_call_ids=tool_call_ids, earlier=earlier
    )
    patience = retries if isinstance(retries, Patience) else Patience(retries)
    watch = watch or _watch_nothing
    rules = RunRules(tool_timeout, on_tool_error, GRACE_S, clock, clock.now_ns(), watch)
    return Job(endpoint, loop, named, patience, rules, approve, watch)


def _begin(
    prompt: str,
    system: str | None,
    after: AgentResult | Conversation | None,
    history_keys: Sequence[str],
) -> tuple[tuple[Step, ...], ChatRequest]:
    """Return the steps that were, and the request that begins or goes on with the conversation."""
    if not isinstance(prompt, str):
        found = type(prompt).__name__
        raise TypeError(f"the prompt is text, found {found!r}; after=result goes on from a result.")
    said = Message("user", (Text(prompt),))
    talk = after.conversation if isinstance(after, AgentResult) else after
    if talk is None or not talk.steps:
        asked = (said,) if system is None else (Message("system", (Text(system),)), said)
        return (), ChatRequest(messages=asked)
    if system is not None:
        raise ValueError("system is said where a conversation begins: leave it out with after=….")
    *before, last = talk.steps
    request = last.run.chat_request
    # What was sent is sent again as it was, keys that are not modelled included.
    sent = {key: _keep_objects(request.body[key]) for key in history_keys if key in request.body}
    messages = (*request.messages, *send_back(last), said)
    last = replace(last, followed_by=(*last.followed_by, said))
    return (*before, last), ChatRequest(messages=messages, body=sent)


def _keep_objects(history: Any) -> Any:
    """Return what a body holds of a history without the entries that no message was read from."""
    return (
        [one for one in history if isinstance(one, dict)] if isinstance(history, list) else history
    )


def _check_extra(extra: Mapping[str, Any], dialect: WritableDialect) -> Mapping[str, Any]:
    for key in dialect.history_keys:
        if key in extra:
            raise ValueError(f"extra_body holds {key!r}: the loop writes it. See system and after.")
    return extra


def _watch_nothing(news: News) -> None:
    """Stand for the watch of a user who has none."""
