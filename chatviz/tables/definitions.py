"""definition_table: one stream by every tool's own rule of "time to first token" and its kin.

The rules were read from the tools' own distributions, in the versions that are beside them; a
rule that could not be read so says it. ``start`` is when the request was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import Final, NamedTuple, TypeAlias

from chatviz.chat.deltas import ReasoningDelta, RefusalDelta, TextDelta, ToolCallDelta, UsageDelta
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun
from chatviz.runs.timing.token_rate import tokens_that_came
from chatviz.tables.columns.columns import TIME_SOURCES, Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["definition_table"]

DEFINITION_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("tool", "string", "Whose rule it is."),
    Column("version", "string", "The version in which the rule was read."),
    Column("measure", "string", "What the tool calls the number."),
    Column("value_s", "Float64", "The number, in seconds; only if the run's times are measured."),
    Column("chunk", "Int64", "The chunk that the rule picks: the last that it looks at."),
    Column("rule", "string", "The rule in one line."),
    Column("source", "string", "Where the rule was read."),
    Column("note", "string", "Why there is no number, or what it leaves open."),
    Column("timing", "category", "Whose clock the run's times are.", TIME_SOURCES),
)


@with_columns(DEFINITION_COLUMNS)
def definition_table(runs: Runs) -> TableColumns:
    """Return what each tool would report of a stream: one row for each of its numbers.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        Rows in the same order for each run. Without measured times a rule still picks its chunk,
        and ``note`` says why there is no number. Tokens are those of the server's usage.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> run = cv.read_runs(cv.sample("synthetic_timed"))[0]
    >>> table = cv.definition_table(run)
    >>> first = table[table["measure"].str.contains("first")]
    >>> {int(chunk): ", ".join(rows["tool"]) for chunk, rows in first.groupby("chunk")}
    {0: 'vLLM bench, OpenTelemetry, LangSmith', 1: 'chatviz, AIPerf, AIPerf, guidellm, genai-bench'}
    """
    rows = (row for number, run in enumerate(runs_of(runs)) for row in _rows(number, run))
    return columns_from_rows(DEFINITION_COLUMNS, rows)


class _TimedStream:
    """What the rules ask of a run: which chunks count, when they came, and how many tokens."""

    def __init__(self, run: StreamRun) -> None:
        self.run = run
        self.tokens = None if run.usage is None else run.usage.output_tokens
        self.came = tokens_that_came(run.answer, run.spoken.manners, run.model)

    def at(self, chunk: int) -> float:
        return self._stamps[chunk]

    @cached_property
    def _stamps(self) -> list[float]:
        return self.run.wire.chunk_times

    @cached_property
    def end(self) -> float:
        return self.run.wire.times[-1]

    @cached_property
    def chunks(self) -> Sequence[int]:
        return range(len(self.run.chunks))

    @cached_property
    def content(self) -> Sequence[int]:
        """The chunks with text, reasoning, or a part of a call."""
        return self._holding(ReasoningDelta, TextDelta, RefusalDelta, ToolCallDelta)

    @cached_property
    def visible(self) -> Sequence[int]:
        """Those with anything but reasoning."""
        return self._holding(TextDelta, RefusalDelta, ToolCallDelta)

    @cached_property
    def choices(self) -> Sequence[int]:
        """The chunks whose ``choices`` hold anything at all, be it a role."""
        return [
            number
            for number, chunk in enumerate(self.run.chunks)
            if isinstance(payload := chunk.json, dict) and payload.get("choices")
        ]

    @cached_property
    def first_tokens(self) -> int:
        """Tokens of the first content chunk, where usage came with it; else 1."""
        first = self.content[0] if self.content else -1
        for chunk, delta in zip(self.run.deltas.chunks, self.run.deltas.values, strict=True):
            if chunk > first:
                break
            if chunk == first and isinstance(delta, UsageDelta):
                counted = delta.usage.output_tokens or 0
                return counted if 0 < counted < (self.tokens or 0) else 1
        return 1

    def _holding(self, *kinds: type) -> Sequence[int]:
        found = [
            chunk
            for chunk, delta in zip(self.run.deltas.chunks, self.run.deltas.values, strict=True)
            if isinstance(delta, kinds)
            and not (isinstance(delta, ToolCallDelta) and not (delta.arguments or delta.name))
        ]
        return list(dict.fromkeys(found))


Chosen: TypeAlias = Callable[[_TimedStream], Sequence[int]]
Value: TypeAlias = Callable[[_TimedStream, Sequence[int]], float]


class _Number(NamedTuple):
    """One number of a tool: which chunks it needs, and what it makes of them."""

    measure: str
    rule: str
    chunks: Chosen  # the chunks that count for it
    last: int  # the place among them of the one that is looked at last
    value: Value
    least_tokens: int = 0
    note: str = ""


_every: Final[Chosen] = attrgetter("chunks")
_content: Final[Chosen] = attrgetter("content")
_visible: Final[Chosen] = attrgetter("visible")
_choices: Final[Chosen] = attrgetter("choices")


def _first(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return stream.at(chunks[0])


def _second(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return stream.at(chunks[1]) - stream.at(chunks[0])


def _last(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return stream.at(chunks[-1])


def _end(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return stream.end


def _mean_gap(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return (stream.at(chunks[-1]) - stream.at(chunks[0])) / (len(chunks) - 1)


def _per_token_to_last(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return (stream.at(chunks[-1]) - stream.at(chunks[0])) / ((stream.tokens or 0) - 1)


def _per_token_to_end(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return (stream.end - stream.at(chunks[0])) / ((stream.tokens or 0) - 1)


def _per_token(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return (stream.end - stream.at(chunks[0])) / ((stream.came or 0) - 1)


def _per_token_after_first_chunk(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return (stream.end - stream.at(chunks[0])) / ((stream.tokens or 0) - stream.first_tokens)


def _per_token_from_start(stream: _TimedStream, chunks: Sequence[int]) -> float:
    return stream.at(chunks[-1]) / (stream.tokens or 1)


_TOOLS: Final[Sequence[tuple[str, str, str, Sequence[_Number]]]] = (
    ("chatviz", "", "docs of StreamRun", (
        _Number("time to first token", "first chunk with text, reasoning, a refusal or a call "
              "- start", _content, 0, _first),
        _Number("time per output token", "(last event - first token) / (tokens that came - 1): "
              "of output and reasoning, as far as their text came", _content, -1, _per_token, 2),
    )),
    ("AIPerf", "0.13.0", "its distribution on PyPI", (
        _Number("TTFT, time to first token", "first response with content (text, reasoning or "
              "call) - start", _content, 0, _first),
        _Number("TTFO, time to first output token", "first response with content that is no "
              "reasoning - start", _visible, 0, _first),
        _Number("TTST, time to second token", "second response with content - first", _content, 1,
              _second),
        _Number("ICL, inter-chunk latency", "gaps between responses with content (a list; here "
              "its mean)", _content, -1, _mean_gap),
        _Number("ITL, inter-token latency", "(request latency - TTFT) / (output tokens - tokens of "
              "the first content chunk, 1 where usage does not come with it)", _content, -1,
              _per_token_after_first_chunk, 2),
        _Number("request latency", "last response, usage and [DONE] among them - start", _every, -1,
              _end),
    )),
    ("guidellm", "0.8.1", "its distribution on PyPI", (
        _Number("time to first token", "first line with content - start", _content, 0, _first),
        _Number("inter-token latency", "(last token - first token) / (output tokens - 1)", _content,
              -1, _per_token_to_last, 2),
        _Number("time per output token", "(last token - start) / output tokens, the first one "
              "included", _content, -1, _per_token_from_start, 1),
        _Number("request latency", "last line with content - start", _content, -1, _last),
    )),
    ("vLLM bench", "2025-26", "vllm/benchmarks, its source", (
        _Number("TTFT, time to first token", "first chunk whose choices are not empty, even if it "
              "brings only a role - start", _choices, 0, _first),
        _Number("ITL, inter-token latency", "gaps between chunks with choices (a list; here its "
              "mean)", _choices, -1, _mean_gap),
        _Number("TPOT, time per output token", "(latency - TTFT) / (output tokens - 1)", _choices,
              -1, _per_token_to_last, 2),
        _Number("latency", "last chunk with choices - start", _choices, -1, _last),
    )),
    ("genai-bench", "0.0.5", "its distribution on PyPI", (
        _Number("time to first token", "first chunk with content - start", _content, 0, _first),
        _Number("time per output token", "(end-to-end latency - TTFT) / (output tokens - 1)",
              _content, -1, _per_token_to_end, 2),
        _Number("end-to-end latency", "end of the response - start", _every, -1, _end),
    )),
    ("OpenTelemetry", "gen_ai, in development", "semantic conventions for generative AI", (
        _Number("gen_ai.response.time_to_first_chunk", "first chunk - start", _every, 0, _first,
              note="what a chunk is, is an open question there (#306): here any data event"),
        _Number("time_per_output_chunk", "from the chunk before to this one (each; here the mean)",
              _every, -1, _mean_gap),
        _Number("operation.duration", "last byte - start", _every, -1, _end),
    )),
    ("LangSmith", "0.15.1", "its distribution on PyPI", (
        _Number("first token", "first chunk that the wrapped iterator yields, whatever it holds "
              "- start of the run", _every, 0, _first),
    )),
)  # fmt: skip
_UNREAD: Final = (
    ("inference-perf", "time to first token", "not verified: no distribution of it was found"),
    ("LLMPerf", "inter-token latency", "not verified: documented as the time to first token"),
)
_NEEDS: Final[Mapping[Value, int]] = {_first: 1, _last: 1, _end: 1, _second: 2, _mean_gap: 2}


def _rows(number: int, run: StreamRun) -> Iterator[tuple[object, ...]]:
    stream = _TimedStream(run)
    for tool, version, source, rules in _TOOLS:
        for rule in rules:
            value, chunk, note = _apply(rule, stream)
            yield (
                number,
                tool,
                version or None,
                rule.measure,
                value,
                chunk,
                rule.rule,
                source,
                note or rule.note or None,
                run.timing,
            )
    for tool, measure, note in _UNREAD:
        yield number, tool, None, measure, None, None, None, None, note, run.timing


def _apply(rule: _Number, stream: _TimedStream) -> tuple[float | None, int | None, str]:
    """Return the number, the chunk that is looked at last, and why there is no number."""
    chunks = rule.chunks(stream)
    if len(chunks) < _NEEDS.get(rule.value, 1):
        return None, None, "too few chunks of the kind that it counts"
    chunk = chunks[rule.last]
    if stream.run.timing != "measured":
        return None, chunk, "no measured times"
    if rule.least_tokens and (lack := _say_lack(rule, stream)):
        return None, chunk, lack
    return rule.value(stream, chunks), chunk, ""


def _say_lack(rule: _Number, stream: _TimedStream) -> str:
    """Say which count of tokens a rule lacks; "" where it lacks none."""
    if stream.tokens is None:
        return "the server counted no output tokens"
    tokens = stream.came if rule.value is _per_token else stream.tokens
    if tokens is None:
        return "it is not known how much of the reasoning came"
    least = rule.least_tokens
    return f"not defined below {least} output tokens" if tokens < least else ""
