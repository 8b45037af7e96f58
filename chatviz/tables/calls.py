"""tool_call_table and argument_table: the calls of each run, and how their arguments grew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chatviz.chat.arguments.growth import PathGrowth
from chatviz.chat.arguments.schema import PathVerdict, Verdict
from chatviz.chat.messages import ToolCall
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.given_runs import Runs, conversations_of, runs_of
from chatviz.tables.columns.columns import Column, TableColumns, columns_from_rows
from chatviz.tables.columns.kinds import with_columns

__all__ = ["argument_table", "tool_call_table"]

VALUE_LENGTH: Final = 200  # of an object or array; each of its parts repeats in its parents
JSON_KINDS: Final = ("object", "array", "string", "number", "boolean", "null")
STATES: Final = ("open", "complete")
VERDICTS: Final[tuple[Verdict, ...]] = (
    "right",
    "not described",
    "wrong type",
    "wrong value",
    "missing",
    "not allowed",
)
CALL_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column(
        "call", "Int64", "The call's number in the run, from 0: choice by choice, as they appeared."
    ),
    Column("choice", "Int64", "The choice that it belongs to."),
    Column("index", "Int64", "The index that the provider sent."),
    Column("id", "string", "The id that the provider sent."),
    Column("name", "string", "The tool's name."),
    Column("arguments", "string", "The JSON text of the arguments, as sent; it may be empty."),
    Column("fragments", "Int64", "In how many pieces the arguments came, empty ones included."),
    Column("empty_fragments", "Int64", "How many of them are empty."),
    Column("first_chunk", "Int64", "The chunk in which the call first appeared."),
    Column("last_chunk", "Int64", "The chunk of its last fragment."),
    Column(
        "is_valid",
        "boolean",
        "Whether the arguments are one complete JSON text, or empty; missing for a free text.",
    ),
    Column("error", "string", "Where they are not: why."),
    Column(
        "runnable_after_fragment",
        "Int64",
        "The first fragment after which the arguments were complete: the call could be run.",
    ),
    Column("runnable_after_chunk", "Int64", "The chunk that brought that fragment."),
    Column(
        "schema_verdict",
        "category",
        "Whether the arguments, as far as they came, keep to the tool's JSON Schema; none where "
        "that is not known or cannot be used.",
        ("right", "wrong"),
    ),
    Column("result", "string", "What the tool answered, where the next request says so."),
)
ARGUMENT_COLUMNS: Final = (
    Column("run", "Int64", "The run's number among those given, from 0."),
    Column("call", "Int64", "The call's number in the run, from 0."),
    Column("path", "string", "The JSON path: '$', '$.a', '$.items[2].name'."),
    Column("kind", "category", "What its value is.", JSON_KINDS),
    Column("first_fragment", "Int64", "The fragment with its first character, from 0."),
    Column("last_fragment", "Int64", "The fragment with its last character."),
    Column("first_chunk", "Int64", "The chunk with its first character."),
    Column("last_chunk", "Int64", "The chunk with its last character."),
    Column("state", "category", "Whether its last character came.", STATES),
    Column(
        "value",
        "string",
        f"Its JSON text as sent, as far as it came; of an object or array {VALUE_LENGTH} "
        "characters, and '…' where it is longer.",
    ),
    Column("verdict", "category", "What the tool's JSON Schema says of it.", VERDICTS),
    Column("message", "string", "What is wrong with it."),
)


@with_columns(CALL_COLUMNS)
def tool_call_table(runs: Runs) -> TableColumns:
    r"""Return each call of a tool: one row for each call.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        The calls of the first run, then those of the next. A lone half of a character is shown as
        its escape, ``\udc00``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> cv.tool_call_table(talk)[["run", "name", "arguments", "fragments", "result"]]
       run      name         arguments  fragments result
    0    0       add  {"a": 2, "b": 3}         13      5
    1    0  multiply  {"a": 2, "b": 3}         13      6
    """
    if isinstance(runs, Iterator):
        runs = list(runs)
    results = _results(runs)
    rows = (
        _call_row(number, position, call, results.get((id(run), call.choice, call.position)))
        for number, run in enumerate(runs_of(runs))
        for position, call in enumerate(tool_calls_of(run))
    )
    return columns_from_rows(CALL_COLUMNS, rows)


@with_columns(ARGUMENT_COLUMNS)
def argument_table(runs: Runs) -> TableColumns:
    r"""Return how the arguments of the tool calls grew: one row for each JSON path of each call.

    Parameters
    ----------
    runs : StreamRun, Conversation, or an iterable of them

    Returns
    -------
    DataFrame
        The paths of a call in the order in which they began; then the paths that its schema asks
        for and that never came, with no fragment, state or value (so does ``$`` of arguments that
        are empty: they stand for ``{}``). Of equal keys in an object each has its row. A lone
        half of a character is shown as its escape, ``\udc00``.

    Raises
    ------
    TypeError
        It is none of these; for a path the message names ``cv.read_runs``.

    Examples
    --------
    >>> run = cv.read_runs(cv.sample("openrouter_kimi-k2_fireworks"))[0]
    >>> cv.argument_table(run)[["call", "path", "first_fragment", "last_fragment", "value"]]
       call path  first_fragment  last_fragment             value
    0     0    $               0             11  {"a": 2, "b": 3}
    1     0  $.a               4              4                 2
    2     0  $.b              10             10                 3
    3     1    $               0             11  {"a": 2, "b": 3}
    4     1  $.a               4              4                 2
    5     1  $.b              10             10                 3
    """
    rows = (
        (number, position, *row)
        for number, run in enumerate(runs_of(runs))
        for position, call in enumerate(tool_calls_of(run))
        for row in _argument_rows(call)
    )
    return columns_from_rows(ARGUMENT_COLUMNS, rows)


def _results(runs: Runs) -> dict[tuple[int, int, int], str]:
    """Return what the tools answered, by run, choice and position of the call."""
    if not any(map(tool_calls_of, runs_of(runs))):
        return {}
    return {
        (id(step.run), step.message.choice, result.call_index): result.text
        for talk in conversations_of(runs)
        for step in talk.steps
        for result in step.tool_results
        if result.call_index is not None
    }


def _call_row(number: int, position: int, call: ToolCall, result: str | None) -> tuple[object, ...]:
    growth, texts = call.growth, call.fragments.texts
    runnable = growth.runnable_after
    return (
        number,
        position,
        call.choice,
        call.index,
        call.id or None,
        call.name or None,
        call.arguments,
        len(texts),
        sum(not text for text in texts),
        _chunk(call.chunk),
        _chunk(call.fragments.chunks[-1] if texts else call.chunk),
        None if call.is_free_text else growth.is_valid,
        None if call.is_free_text or growth.error is None else growth.error.reason,
        runnable if texts else None,
        None if runnable is None else _chunk(growth.chunks[runnable]),
        _schema_verdict(call),
        result,
    )


def _schema_verdict(call: ToolCall) -> str | None:
    check = call.check
    if check is None or not check.verdicts:  # not known, not usable, or no JSON to judge
        return None
    return "wrong" if check.wrong else "right"


def _argument_rows(call: ToolCall) -> Iterator[tuple[object, ...]]:
    verdicts = () if call.check is None else call.check.verdicts
    known = {verdict.index: verdict for verdict in verdicts if verdict.index is not None}
    text = call.growth.text
    for path in call.paths:
        yield (*_path_row(path, text), *_verdict_row(known.get(path.index)))
    for verdict in verdicts:
        if verdict.index is None:
            yield (verdict.path, *[None] * 7, *_verdict_row(verdict))


def _path_row(path: PathGrowth, text: str) -> tuple[object, ...]:
    return (
        path.path,
        path.kind,
        path.first_fragment,
        path.last_fragment,
        _chunk(path.first_chunk),
        _chunk(path.last_chunk),
        "complete" if path.is_complete else "open",
        _value(path, text),
    )


def _value(path: PathGrowth, text: str) -> str:
    start, end = path.start, path.end
    if path.kind in ("object", "array") and end - start > VALUE_LENGTH:
        return text[start : start + VALUE_LENGTH] + "…"
    return text[start:end]


def _verdict_row(verdict: PathVerdict | None) -> tuple[str | None, str | None]:
    return (None, None) if verdict is None else (verdict.verdict, verdict.message or None)


def _chunk(number: int) -> int | None:
    return None if number < 0 else number
