"""AgentOptions: what an agent can be asked for besides the prompt, and the keywords that say it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, Final, Literal, Required, TypedDict, TypeVar, get_args

from chatviz.agent.endpoint import ModelEndpoint
from chatviz.agent.news import Watch
from chatviz.agent.results import AgentResult
from chatviz.agent.retrying import Patience
from chatviz.agent.stopping import StopCondition, max_steps
from chatviz.agent.tools.plan import Approve
from chatviz.agent.tools.tool import Tool
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.dialects.base import ReasoningSentBack
from chatviz.given_values import (
    check_count,
    check_fits,
    check_json,
    check_number,
    check_text,
    wrong_value,
)
from chatviz.runs.conversation import Conversation

__all__ = [
    "AgentKeywords",
    "AgentOptions",
    "LiveKeywords",
    "TurnKeywords",
    "check_keywords",
    "takes",
]

DEFAULT_STOP: Final = max_steps(20)
TakesOptions = TypeVar("TakesOptions", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentOptions:
    """What an agent is asked for besides the prompt; only the endpoint must be given.

    Attributes
    ----------
    endpoint : ModelEndpoint
        Where to ask, live or replayed: ``cv.Endpoint(…)``, ``cv.Endpoint.replay(cassette)``.
    system : str | None
        What the model is told before.
    after : AgentResult | Conversation | None
        What to go on from: the prompt is then the user's next words. At an endpoint that speaks
        another dialect, texts, calls and results are told anew; reasoning, signatures and what
        the provider's own tools did stay behind, and a conversation with images is refused.
    tools : iterable of Tool or typed functions
        What the model may call. Calls of one answer run at the same time: ``async`` functions in
        a loop of their own thread, others in a thread each. An ``async`` tool must not block.
    max_tokens : int | None
        The request's own field: the longest answer. ``cv.max_tokens(n)`` is a stop condition.
    extra_body : mapping | None
        More keys of each request's body (``provider``, ``usage``, reasoning options, another
        ``tool_choice``); they go before ``endpoint.extra_body`` and before every default. A key
        with None is left out. Where it asks for several choices (``n``), the first is gone on with:
        its tools are run, and it is sent back.
    reasoning_back : {"details", "all", "none"}
        What of the model's reasoning is sent back with its tool calls: ``reasoning_details``
        untouched, the plain text too (some servers want it, others refuse it), or nothing.
    tool_call_ids : callable | None
        Called without argument, once per call in their order, for ids that are unique; by default
        calls keep the ids that they came with.
    stop : StopCondition or iterable of them
        Where to stop though the model would go on: ``max_steps(n)``, ``max_cost(usd)``,
        ``max_tokens(n)`` or any function of the new steps; any of them that holds. What you give
        replaces the default, 20 steps. The tools of the last answer are run.
    retries : int or Patience
        How often a request is sent again after 429, 5xx or a network failure, if the answer had
        not said anything; the failed ones are the step's ``attempts``. ``Retry-After`` is heeded;
        a server that wants a wait of more than a minute is not asked again.
    start_tools : {"at_end", "early"}
        When tools start: when the answer has ended; or those that say so (``cv.tool(early=True)``)
        as soon as their call is whole and valid, and the next part has begun or the call was
        closed. Nothing else changes: results go back in the order of the calls. But if the answer
        then breaks, or the run is stopped, such a tool has been run for nothing: what became of it
        is in ``result.tool_runs``, and it is not run again. A model that changes a call after its
        start is told so. ``approve`` is asked before the start, with the id that the model sent.
    tool_timeout : float | None
        In seconds: a tool that takes longer is given up, and the model told so. An ``async`` one
        is cancelled; a thread is abandoned, for it cannot be ended (``is_abandoned``).
    on_tool_error : {"return", "raise"}
        Whether what a tool raises is a result for the model, or leaves this function.
    approve : callable | None
        Sees each valid call before any of them is run, in their order; returns True, False, a
        reason for no, or other arguments (a dict) to run it with. May be ``async``.
    watch : callable | None
        Is told what happens: AskModel (a request is sent), StreamReader (headers have come, a
        piece has come), StreamRun (an answer, or an attempt that failed), CallTools, ToolRun (a
        tool has ended; told from the tools' thread), AgentResult (the end).
    clock : Clock
        The time and the waiting.
    """

    endpoint: ModelEndpoint
    system: str | None = None
    after: AgentResult | Conversation | None = None
    tools: Iterable[Tool | Callable[..., Any]] = ()
    max_tokens: int | None = None
    extra_body: Mapping[str, Any] | None = None
    reasoning_back: ReasoningSentBack = "details"
    tool_call_ids: Callable[[], str] | None = None
    stop: StopCondition | Iterable[StopCondition] = DEFAULT_STOP
    retries: int | Patience = 2
    start_tools: Literal["at_end", "early"] = "at_end"
    tool_timeout: float | None = 120.0
    on_tool_error: Literal["return", "raise"] = "return"
    approve: Approve | None = None
    watch: Watch | None = None
    clock: Clock = SYSTEM_CLOCK

    def __post_init__(self) -> None:
        wanted = "an endpoint, cv.Endpoint(…) or cv.Endpoint.replay(cassette)"
        check_fits(hasattr(self.endpoint, "model"), wanted, self.endpoint)
        if self.system is not None:
            check_text(self.system, "system", "it is what the model is told before")
        is_talk = isinstance(self.after, AgentResult | Conversation | None)
        check_fits(is_talk, "a result or a Conversation as after", self.after, "after=result")
        self._check_request()
        for name in ("tool_call_ids", "approve", "watch"):
            function = getattr(self, name)
            is_fit = function is None or callable(function)
            check_fits(is_fit, f"a function or None as {name}", function)
        if self.tool_timeout is not None:
            advice = "in seconds; None waits for however long a tool takes"
            check_number(self.tool_timeout, "tool_timeout", advice)
        check_fits(hasattr(self.clock, "now_ns"), "a clock", self.clock, "leave clock= out")
        if not isinstance(self.retries, Patience):
            Patience(self.retries)  # refuses what is no number of retries

    @property
    def patience(self) -> Patience:
        """How often, and how long, a busy server is waited for."""
        return self.retries if isinstance(self.retries, Patience) else Patience(self.retries)

    def _check_request(self) -> None:
        """Check what goes into each request."""
        if self.max_tokens is not None:
            check_count(self.max_tokens, "max_tokens", "None leaves it to the server")
        extra = {} if self.extra_body is None else self.extra_body
        advice = "more keys of the request's body, extra_body={'temperature': 0}"
        check_fits(isinstance(extra, Mapping), "a dict as extra_body", extra, advice)
        for key in extra:
            check_fits(isinstance(key, str), "texts as the keys of extra_body", key, advice)
        check_json(dict(extra), "extra_body")
        ways: tuple[str, ...] = get_args(ReasoningSentBack)
        if self.reasoning_back not in ways:
            raise wrong_value(f"reasoning_back, one of {', '.join(ways)}", self.reasoning_back)


class TurnKeywords(TypedDict, total=False):
    """What stays the same from turn to turn of a conversation."""

    tools: Iterable[Tool | Callable[..., Any]]
    max_tokens: int | None
    extra_body: Mapping[str, Any] | None
    reasoning_back: ReasoningSentBack
    tool_call_ids: Callable[[], str] | None
    stop: StopCondition | Iterable[StopCondition]
    retries: int | Patience
    start_tools: Literal["at_end", "early"]
    tool_timeout: float | None
    on_tool_error: Literal["return", "raise"]
    approve: Approve | None


class LiveKeywords(TurnKeywords, total=False):
    """What an agent takes that is watched already."""

    endpoint: Required[ModelEndpoint]
    system: str | None
    after: AgentResult | Conversation | None


class AgentKeywords(LiveKeywords, total=False):
    """Every field of ``AgentOptions``."""

    watch: Watch | None
    clock: Clock


def check_keywords(given: Iterable[str], keywords: type) -> None:
    """Check the names of options that were given as keywords.

    Raises
    ------
    TypeError
        One is not known.
    """
    known = keywords.__annotations__
    for name in given:
        if name not in known:
            raise TypeError(f"wanted options among {', '.join(known)}, found {name!r}.")


def takes(keywords: type) -> Callable[[TakesOptions], TakesOptions]:
    """Let ``help`` and completion in a notebook see each option that a function takes.

    Its ``**options`` becomes their names and defaults in its signature, and what ``AgentOptions``
    says of them in its docstring. (Type checkers see them by ``Unpack``.)
    """
    names = keywords.__annotations__

    def decorate(function: TakesOptions) -> TakesOptions:
        own = signature(function)
        kept = [one for one in own.parameters.values() if one.kind is not Parameter.VAR_KEYWORD]
        options = [one for one in signature(AgentOptions).parameters.values() if one.name in names]
        documented = "".join(_DOCUMENTED.get(one.name, "") for one in options)
        if function.__doc__:
            function.__doc__ = _PLACE.sub(lambda _: documented, function.__doc__)
        shown = own.replace(parameters=[*kept, *options])
        function.__signature__ = shown  # type: ignore[attr-defined]
        return function

    return decorate


_ENTRY: Final = re.compile(r"^    (\w+) : .*\n(?:        .*\n)*", re.MULTILINE)
_PLACE: Final = re.compile(r"^    \*\*options.*\n(?:        .*\n)*", re.MULTILINE)
_DOCUMENTED: Final[Mapping[str, str]] = {
    entry[1]: entry[0] for entry in _ENTRY.finditer(AgentOptions.__doc__ or "")
}
