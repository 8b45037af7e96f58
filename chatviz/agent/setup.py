"""Job: what a user asked for, checked and put together for the drivers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from chatviz.agent.ask_endpoint import ModelExchange
from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.history.going_on import go_on
from chatviz.agent.loop import AgentLoop, AskModel, agent_loop
from chatviz.agent.news import News, Watch
from chatviz.agent.options import AgentOptions
from chatviz.agent.results import AgentResult
from chatviz.agent.retrying import Patience
from chatviz.agent.stopping import collect_conditions
from chatviz.agent.tools.early import EarlyCalls
from chatviz.agent.tools.plan import Approve
from chatviz.agent.tools.run import RunRules
from chatviz.agent.tools.tool import Tool, collect_tools
from chatviz.chat.messages import ChatRequest, Message, Text
from chatviz.dialects import find_writable_dialect
from chatviz.dialects.base import WritableDialect
from chatviz.given_values import check_json, shown
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = ["Job", "make_job"]

CHAT: Final = find_writable_dialect("openai-chat", "")
GRACE_S: Final = 1.0  # for what is asked to end, before it is abandoned


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
    starts_early: bool

    def begin_early(self, in_loop: Callable[[Callable[[], None]], None]) -> EarlyCalls:
        """Return what starts the calls of one answer; ``in_loop`` calls where tools run."""
        tools = self.tools if self.starts_early else {}
        return EarlyCalls(tools, self.approve, self.rules, in_loop)

    def exchange(self, question: AskModel, early: EarlyCalls) -> ModelExchange:
        """Begin the exchange that answers a question."""
        rules = self.rules

        def watch(news: AskModel | StreamReader | StreamRun) -> None:
            self.watch(news)
            if isinstance(news, StreamReader):
                early.see(news)

        return ModelExchange(
            question,
            patience=self.patience,
            clock=rules.clock,
            began_at_ns=rules.began_at_ns,
            watch=watch if self.starts_early else self.watch,
        )


def make_job(prompt: str, options: AgentOptions) -> Job:
    """Check what a user asked for and put it together.

    Raises
    ------
    TypeError, ValueError
        Something is not as it must be; nothing has been asked then.
    """
    endpoint, clock = options.endpoint, options.clock
    if options.start_tools not in ("at_end", "early"):
        raise ValueError(f"start_tools is 'at_end' or 'early', found {shown(options.start_tools)}.")
    named = collect_tools(options.tools)
    dialect: WritableDialect = getattr(endpoint, "dialect", None) or CHAT
    earlier, asked = _begin(prompt, options.system, options.after, dialect)
    extra = _check_extra(options.extra_body or {}, dialect)
    check_json(dict(endpoint.extra_body), "endpoint.extra_body")
    asked = replace(
        asked,
        model=endpoint.model,
        tools=tuple(tool.definition for tool in named.values()),
        body={**asked.body, **endpoint.extra_body, **extra},
    )
    loop = agent_loop(
        asked,
        write=partial(
            dialect.write_request,
            max_tokens=options.max_tokens,
            reasoning=options.reasoning_back,
        ),
        stop=collect_conditions(options.stop),
        tool_call_ids=options.tool_call_ids,
        earlier=earlier,
    )
    watch = options.watch or _watch_nothing
    rules = RunRules(
        options.tool_timeout, options.on_tool_error, GRACE_S, clock, clock.now_ns(), watch
    )
    starts_early = options.start_tools == "early"
    return Job(endpoint, loop, named, options.patience, rules, options.approve, watch, starts_early)


def _begin(
    prompt: str,
    system: str | None,
    after: AgentResult | Conversation | None,
    dialect: WritableDialect,
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
        raise ValueError("system is given where a conversation begins: leave it out with after=….")
    *before, last = talk.steps
    begun = go_on(talk.steps, dialect)
    last = replace(last, followed_by=(*last.followed_by, said))
    return (*before, last), replace(begun, messages=(*begun.messages, said))


def _check_extra(extra: Mapping[str, Any], dialect: WritableDialect) -> Mapping[str, Any]:
    for key in dialect.history_keys:
        if key in extra:
            raise ValueError(f"extra_body holds {key!r}: the loop writes it. See system and after.")
    return extra


def _watch_nothing(news: News) -> None:
    """Stand for the watch of a user who has none."""
