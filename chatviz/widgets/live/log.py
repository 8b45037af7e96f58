"""LiveLog: what a browser is told of a run that is going on: short entries, in batches.

It holds no task, no thread and no widget; the clock is handed in. What has come of an answer is
told once: each entry says by what the answer has grown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.news import News
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.chat.findings.log import Finding
from chatviz.chat.messages import Message
from chatviz.chat.usage import total_cost, total_usage
from chatviz.explanations import explain_all
from chatviz.runs.conversation import Conversation
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.drawing.text import cut_text
from chatviz.views.inspector.data import MAX_ASKED, MAX_BYTES, inspector_data, message_rows
from chatviz.views.inspector.growth import RunGrowth
from chatviz.views.inspector.runs import finding_rows, run_columns, usage_row
from chatviz.views.run_headings import say_seconds
from chatviz.widgets.live.entries import Entry

__all__ = ["LiveLog"]

INTERVAL_S: Final = 0.07  # between two batches: 14 a second, so that 20 hold what is sent at once
SHARE: Final = 40  # making a batch takes at most this part of the time: a 40th


@dataclass
class _LoggedAnswer:
    """The answer that is coming, or came last: its number, and what follows it."""

    number: int
    growth: RunGrowth | None = None  # None where it is not coming any more
    tools: dict[int, list[Any]] = field(default_factory=dict)  # by the position of their calls
    results: dict[int, list[str]] = field(default_factory=dict)
    said: list[list[str]] = field(default_factory=list)

    @property
    def followed(self) -> list[list[str]]:
        """What followed it: the results of its calls, in the calls' order, and the user's words."""
        return [*(self.results[position] for position in sorted(self.results)), *self.said]


class LiveLog:
    """Takes what ``run_agent`` tells its ``watch``, and gives entries in batches.

    Parameters
    ----------
    clock : callable
        Seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.entries: list[Entry] = []
        self.state = "idle"
        self.result: AgentResult | None = None
        self.reader: StreamReader | None = None
        self.has_grown = False  # whether it has read more since the last batch
        self.next_s = clock()
        self._clock = clock
        self._told = 0  # entries that were given in batches
        self._answer: _LoggedAnswer | None = None
        self._answers = self._steps = self._attempts = 0  # attempts of this step
        self._asked: list[list[str]] = []  # what was asked before the first answer
        self._question: AskModel | None = None
        self._charged: list[StreamRun] = []
        self._raw_bytes = MAX_BYTES  # how many more may be told
        self._explained: set[str] = set()  # codes of findings
        self._place = ""  # what an answer is called that is no step of ours

    def begin(self, prompt: str, system: str = "", *, earlier: Conversation | None = None) -> None:
        """Begin a turn: what the user says, and the conversation that it goes on with."""
        self.result = None
        if earlier is not None and earlier.steps:
            self._show_earlier(earlier)
        said = [_row("system", system)] if system else []
        said.append(_row("user", prompt))
        if self._answer is None:
            self._asked = said
        else:
            self._answer.said += said
            self._tell_run(self._answer.number, followed=self._answer.followed)
        self.tell_state("waiting for headers")

    def follow(self, asked: Iterable[Message], place: str) -> None:
        """Begin with an answer that somebody else has asked for, and what it is called."""
        self._asked = [row for message in asked for row in message_rows(message)]
        self._place = place
        self.tell_state("waiting for headers")

    def take(self, news: News) -> None:
        """Take what has happened; what a reader has read is told by the next batch."""
        match news:
            case StreamReader():
                if news is not self.reader:
                    self._begin_answer(news)
                self.has_grown = True
                self.tell_state("streaming")
            case AskModel():
                self._end_reader()
                if news is not self._question:
                    self._question, self._attempts = news, 0
                    self._steps += 1
                self._add("ask")
                self.tell_state("waiting for headers")
            case StreamRun():
                self._take_run(news)
            case CallTools():
                if self._answer is not None:
                    calls = enumerate(news.calls)
                    self._answer.tools = {n: [n, c.name, "running", 0, None] for n, c in calls}
                    self._tell_tools(self._answer)
                self.tell_state("running tools")
            case ToolRun():
                self._take_tool(news)
            case AgentResult():
                self._take_end(news)

    def tell_state(self, state: str, words: str = "") -> None:
        """Say in which state the conversation is, and what there is to say of it."""
        if state != self.state or words:
            self.state = state
            self._add("state", state, words)

    @property
    def due_in_s(self) -> float:
        """How long the next batch must wait; not above 0 where it may be made now."""
        return self.next_s - self._clock()

    def make_batch(self) -> tuple[int, list[Entry]]:
        """Read what the reader has read; return what was not told, as ``take_rest`` does.

        To be called where the reader is fed, for it must not be fed meanwhile.
        """
        began_s = self._clock()
        if self.has_grown:
            self.has_grown = False
            self._read()
        took_s = self._clock() - began_s
        self.next_s = began_s + max(INTERVAL_S, SHARE * took_s)
        return self.take_rest()

    def take_rest(self) -> tuple[int, list[Entry]]:
        """Return the number of the first entry that was not told, and all from there."""
        first, self._told = self._told, len(self.entries)
        return first, self.entries[first:]

    # ---- answers

    def _show_earlier(self, earlier: Conversation) -> None:
        """Tell the answers of a conversation that is gone on with."""
        for columns in inspector_data([earlier])["runs"]:
            self._answer = _LoggedAnswer(self._answers, said=columns["followed"])
            self._answers += 1
            self._tell_run(self._answer.number, **columns)
        self._explain(earlier.findings)
        self._steps = len(earlier.steps)
        self._charged = [run for run in earlier.runs if run.response.status < 400]

    def _begin_answer(self, reader: StreamReader | None) -> _LoggedAnswer:
        """Begin an answer, which the reader is reading; one that came whole has none."""
        self.reader = reader
        step = self._place or f"step {self._steps}"
        self._attempts += 1
        if self._attempts == 2:  # only now the first is one of several
            self._tell_run(self._answers - 1, place=f"{step}, attempt 1")
        place = step if self._attempts == 1 else f"{step}, attempt {self._attempts}"
        growth = None if reader is None else RunGrowth(reader, max_bytes=self._raw_bytes)
        self._answer = _LoggedAnswer(self._answers, growth)
        self._tell_run(self._answers, place=place, asked=self._asked)
        self._answers += 1
        self._asked = []
        return self._answer

    def _read(self) -> None:
        """Tell by what the answer has grown since it was read last."""
        answer = self._answer
        if self.reader is None or answer is None or answer.growth is None:
            return
        columns, buffers = answer.growth.take()
        if columns:
            self._tell_run(answer.number, buffers, **columns)
        wire = self.reader.growing.wire
        self._add("count", wire.chunk_count, wire.size)

    def _take_run(self, run: StreamRun) -> None:
        answer = self._answer
        if answer is None or answer.growth is None:
            answer = self._begin_answer(None)
        self._close(answer, run)

    def _close(self, answer: _LoggedAnswer, run: StreamRun) -> None:
        """Tell what only the end of an answer shows, and the sums."""
        self._explain(run.findings)
        self._close_columns(answer, run)
        answer.growth = self.reader = None
        self.has_grown = False
        if run.response.status < 400:  # others are not charged
            self._charged.append(run)
        usage = total_usage(one.usage for one in self._charged)
        cost = total_cost(one.cost for one in self._charged)
        self._tell_run(answer.number, sum=usage_row(usage))
        self._add("count", run.wire.chunk_count, len(run.body))
        tokens = None if usage is None else usage.total_tokens
        self._add("sums", self._answers, tokens, None if cost is None else f"{cost:f}")

    def _close_columns(self, answer: _LoggedAnswer, run: StreamRun) -> None:
        if answer.growth is None:
            body = run.body if len(run.body) <= self._raw_bytes else b""
            self._raw_bytes -= len(body)
            self._tell_run(answer.number, [body], bytes=0, **run_columns(run))
        else:
            self._read()
            columns, buffers = answer.growth.close(run)
            self._raw_bytes -= answer.growth.bytes_told
            self._tell_run(answer.number, buffers, **columns)

    def _end_reader(self) -> None:
        """Close what a reader still reads: one that broke off is followed by no run."""
        if self.reader is not None and self._answer is not None:
            self._close(self._answer, self.reader.run)

    # ---- tools, and the end

    def _take_tool(self, run: ToolRun) -> None:
        answer = self._answer
        if answer is None:
            return
        answer.tools.pop(run.position, None)
        if run.started_at_s is not None:
            row = [run.position, run.name, run.outcome, run.started_at_s, run.duration_s]
            answer.tools[run.position] = row
        took = "" if run.duration_s is None else f", {say_seconds(run.duration_s)}"
        answer.results[run.position] = _row("tool", run.text, run.name + took)
        self._tell_tools(answer)

    def _tell_tools(self, answer: _LoggedAnswer) -> None:
        """Tell which tools run or have run, in seconds since the first began."""
        rows = [answer.tools[position] for position in sorted(answer.tools)]
        first_s = min((row[3] for row in rows if row[4] is not None), default=0.0)
        told = [
            row if row[4] is None else [*row[:3], round(row[3] - first_s, 6), round(row[4], 6)]
            for row in rows
        ]
        self._tell_run(answer.number, tools=told, followed=answer.followed)

    def _take_end(self, result: AgentResult) -> None:
        """Take what the loop returns: the answer that broke off, and what all show together."""
        self._end_reader()
        running = {} if self._answer is None else self._answer.tools
        for run in result.tool_runs:  # what was stopped has told nobody
            row = running.get(run.position)
            if run.step == len(result.steps) - 1 and row is not None and row[4] is None:
                self._take_tool(run)
        self.result = result
        self._explain(result.conversation.own_findings)
        self._add("findings", finding_rows(result.conversation.own_findings))

    # ---- entries

    def _explain(self, findings: Iterable[Finding]) -> None:
        """Tell what findings mean that were not explained yet."""
        codes = {finding.code for finding in findings} - self._explained
        self._explained |= codes
        texts = explain_all(sorted(codes))
        if texts:
            self._add("explain", texts)

    def _tell_run(self, number: int, buffers: Sequence[bytes] = (), **columns: Any) -> None:
        self.entries.append(Entry("run", ({"index": number, **columns},), buffers))

    def _add(self, kind: str, *values: Any) -> None:
        self.entries.append(Entry(kind, values))


def _row(role: str, text: str, tool: str = "") -> list[str]:
    """Return a message as the inspector shows it."""
    return [role, cut_text(text, MAX_ASKED), tool]
