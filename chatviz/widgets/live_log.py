"""LiveLog: what a browser is told of a run that is going on: short entries, in batches.

It holds no task, no thread and no widget; the clock is handed in. The text of an answer is told
once: each entry says by what a part has grown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from chatviz.agent.job import News
from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.chat.messages import Message, ToolCall
from chatviz.chat.usage import total_cost, total_usage
from chatviz.runs import StreamRun
from chatviz.streams import StreamReader
from chatviz.views.visible_text import cut_text

__all__ = ["Entry", "LiveLog"]

Entry: TypeAlias = list[Any]
"""A kind and its values, as JSON:

``turn prompt system model`` · ``ask at`` · ``part number kind name at`` · ``grow number text at`` ·
``count chunks bytes`` · ``answer status finish findings at`` · ``calls names at`` ·
``tool name outcome text started duration`` · ``sums tokens cost`` · ``end reason error at`` ·
``state name words``. Times are seconds since the turn began, by the clock of who looks on.
"""

INTERVAL_S: Final = 0.06  # between two batches: 17 a second, so that 20 hold what is sent at once
SHARE: Final = 40  # making a batch takes at most this part of the time: a 40th
MAX_RESULT: Final = 2_000  # characters of a tool's result


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
        self._clock = clock
        self._told = 0  # entries that were given in batches
        self._began_s = clock()
        self.next_s = self._began_s
        self.reader: StreamReader | None = None
        self.has_grown = False  # whether it has read more since the last batch
        self._parts = 0
        self._charged: list[StreamRun] = []
        self._sizes: dict[tuple[object, ...], tuple[int, int]] = {}  # numbers, characters told

    def begin(self, prompt: str, system: str, model: str) -> None:
        """Begin a turn: what the user says."""
        self._began_s = self._clock()
        self.result = None
        self._add("turn", _plain(prompt), _plain(system), _plain(model))
        self.tell_state("waiting for headers")

    def take(self, news: News) -> None:
        """Take what has happened; what a reader has read is told by the next batch."""
        match news:
            case StreamReader():
                self.reader, self.has_grown = news, True
                self.tell_state("streaming")
            case AskModel():
                self._end_reader()
                self._add("ask", self._at())
                self.tell_state("waiting for headers")
            case StreamRun():
                self._take_run(news)
            case CallTools():
                self._add("calls", [_plain(call.name) for call in news.calls], self._at())
                self.tell_state("running tools")
            case ToolRun():
                self._take_tool(news)
            case AgentResult():
                self._take_end(news)

    def tell_state(self, state: str, words: str = "") -> None:
        """Say in which state the conversation is, and what there is to say of it."""
        if state != self.state or words:
            self.state = state
            self._add("state", state, _plain(words))

    @property
    def due_in_s(self) -> float:
        """How long the next batch must wait; not above 0 where it may be made now."""
        return self.next_s - self._clock()

    def make_batch(self) -> tuple[int, list[Entry]]:
        """Read what the reader has read; return what was not told, as ``take_rest`` does.

        To be called where the reader is fed, for it must not be fed meanwhile.
        """
        began_s = self._clock()
        if self.reader is not None and self.has_grown:
            self.has_grown = False
            self._read(self.reader.run)
        took_s = self._clock() - began_s
        self.next_s = began_s + max(INTERVAL_S, SHARE * took_s)
        return self.take_rest()

    def take_rest(self) -> tuple[int, list[Entry]]:
        """Return the number of the first entry that was not told, and all from there."""
        first, self._told = self._told, len(self.entries)
        return first, self.entries[first:]

    def _take_run(self, run: StreamRun) -> None:
        self._read(run)
        self._end_reader(is_read=True)
        reason = _plain(run.error.message) if run.error else run.finish_reason or ""
        findings = [[found.severity, _plain(found.message)] for found in run.findings]
        shown = [found for found in findings if found[0] != "info"][:20]
        self._add("answer", run.response.status, reason, shown, self._at())
        if run.response.status < 400:  # others are not charged
            self._charged.append(run)
        self._add("sums", *_sums(self._charged))

    def _take_tool(self, run: ToolRun) -> None:
        text = _plain(cut_text(run.text, MAX_RESULT))
        times = (_rounded(run.started_at_s), _rounded(run.duration_s))
        self._add("tool", _plain(run.name), run.outcome, text, *times)

    def _take_end(self, result: AgentResult) -> None:
        self._end_reader()
        self.result = result
        self._add("end", result.stop_reason, _plain(result.error), self._at())

    def _end_reader(self, *, is_read: bool = False) -> None:
        """Read what a reader still holds: one that broke off is followed by no run."""
        if self.reader is not None and not is_read:
            self._read(self.reader.run)
        self.reader, self.has_grown = None, False
        self._sizes.clear()

    def _read(self, run: StreamRun) -> None:
        """Tell by what the parts of an answer have grown since they were read last."""
        at_s = self._at()
        for message in run.messages:
            for key, name, text in _parts_of(message):
                if key not in self._sizes:
                    self._sizes[key] = self._parts, 0
                    self._add("part", self._parts, key[0], _plain(name), at_s)
                    self._parts += 1
                number, size = self._sizes[key]
                if len(text) > size:
                    self._add("grow", number, _plain(text[size:]), at_s)
                    self._sizes[key] = number, len(text)
        self._add("count", len(run.wire.chunk_events), len(run.body))

    def _add(self, kind: str, *values: Any) -> None:
        self.entries.append([kind, *values])

    def _at(self) -> float:
        return round(self._clock() - self._began_s, 3)


def _parts_of(message: Message) -> list[tuple[tuple[str, int, int], str, str]]:
    """Return of each part: what tells it from the others, a call's name, and its text so far."""
    found = []
    texts = (("reasoning", message.reasoning), ("text", message.text), ("refusal", message.refusal))
    for kind, text in texts:
        if text:
            found.append(((kind, message.choice, 0), "", text))
    for part in message.parts:
        if isinstance(part, ToolCall):
            found.append((("call", message.choice, part.position), part.name, part.arguments))
    return found


def _sums(runs: Sequence[StreamRun]) -> tuple[int | None, str | None]:
    """Return the tokens and the cost of all answers; None where they are not known."""
    usage, cost = total_usage(run.usage for run in runs), total_cost(run.cost for run in runs)
    tokens = None if usage is None else usage.total_tokens
    return tokens, None if cost is None else f"{cost:f}"


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _plain(text: str) -> str:
    """Return text that every JSON writer takes: lone surrogates are replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
