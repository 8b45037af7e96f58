"""What a test may say of answers: a tool was called, and nothing was odd on the wire.

This file needs no pytest: the functions raise AssertionErrors for any runner of tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from chatviz.cassettes.redaction.cleaner import Cleaner
from chatviz.cassettes.redaction.rules import DEFAULT_RULES
from chatviz.chat.findings.kinds import Severity
from chatviz.chat.messages import ToolCall
from chatviz.doors.cli.terminal import safe_text
from chatviz.doors.pytest_plugin.finding_lines import finding_lines, placed_findings
from chatviz.explanations import codes
from chatviz.given_values import check_list, shown
from chatviz.runs.choices import tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.views.drawing.text import cut_text
from chatviz.views.given import Given, conversations_given

__all__ = ["assert_called", "assert_no_findings"]

_MOST_CALLS: Final = 10
_LONGEST: Final = 200  # characters of a call, as it is shown


def assert_called(source: Given, name: str, /, **arguments: object) -> ToolCall:
    """Check that a tool was called with these arguments, and return the first such call.

        cv.assert_called(run, "add", a=2)

    Parameters
    ----------
    source : run, Conversation, cassette, path, a sample's name, or an iterable of them
        Every choice of every answer counts. What the provider's own tools did does not.
    name : str
        The tool's name.
    **arguments
        The arguments that must be there; others may be, too. They are compared by ``==``, and so
        ``pytest.approx(2)`` and ``unittest.mock.ANY`` do; but ``1`` is not ``True``.

    Raises
    ------
    AssertionError
        There is no such call; the message lists those that there are, and where they differ. Or
        there is no answer at all.
    """
    __tracebackhide__ = True
    talks = _talks_to_judge(source)
    calls = [call for talk in talks for run in talk.runs for call in tool_calls_of(run)]
    for call in calls:
        if call.name == name and not any(_differences(call, arguments)):
            return call
    raise AssertionError(_say_not_called(name, arguments, calls))


def assert_no_findings(
    source: Given, /, *, at_least: Severity = "warning", ignore: Iterable[str] = ()
) -> None:
    """Check that nothing was odd on the wire.

        cv.assert_no_findings(run, at_least="error")

    Parameters
    ----------
    source : run, Conversation, cassette, path, a sample's name, or an iterable of them
    at_least : str
        ``"error"``, ``"warning"`` or ``"info"``: this severity counts, and worse ones.
    ignore : iterable of str
        Codes of findings that do not count.

    Raises
    ------
    AssertionError
        There are findings; the message lists them, the worst first, with step and chunk. Or there
        is no answer in which any could be: a recording that is empty shows nothing.
    ValueError
        There is no such severity, or no finding has such a code.
    """
    __tracebackhide__ = True
    severities: tuple[Severity, ...] = get_args(Severity)
    if at_least not in severities:
        raise ValueError(f"at_least should be one of {severities}, and is {shown(at_least)}.")
    advice = "ignore=['role_repeated']"
    ignored = [ignore] if isinstance(ignore, str) else check_list(ignore, "codes as ignore", advice)
    known = codes()
    if unknown := [code for code in ignored if code not in known]:
        raise ValueError(
            f"no finding has the code {shown(unknown[0])}: docs/findings.md lists them, and so "
            "does `chatviz explain`."
        )
    counted = severities[severities.index(at_least) :]
    found = [
        each
        for each in placed_findings(_talks_to_judge(source))
        if each[0].severity in counted and each[0].code not in ignored
    ]
    if found:
        noun = "finding" if len(found) == 1 else "findings"
        lines = "\n".join(finding_lines(found))
        raise AssertionError(
            f"wanted no finding of severity {at_least!r} or worse, found {len(found):,} {noun} "
            f"(chatviz explain CODE says more):\n{lines}"
        )


def _talks_to_judge(source: Given) -> tuple[Conversation, ...]:
    """Return the conversations that a test asks about; where nothing was answered, it fails."""
    __tracebackhide__ = True
    talks = conversations_given(source)
    if not any(talk.runs for talk in talks):
        raise AssertionError(
            "wanted answers of a chat, found none: the recording is empty, or nothing was asked. "
            "Give runs, or what a test has recorded; ask first."
        )
    return talks


def _differences(call: ToolCall, wanted: Mapping[str, object]) -> Iterator[str]:
    """Yield in which arguments a call differs from those that are wanted."""
    given = call.parsed
    if given is None:
        yield "its arguments are no JSON object"
        return
    for name, value in wanted.items():
        if name not in given:
            yield f"{name} is not given"
        elif not _is_same(given[name], value):
            yield f"{name} is {given[name]!r}"


def _is_same(given: Any, wanted: Any) -> bool:
    """Compare by ``==``, but tell truth values from numbers, as JSON does."""
    plain = (bool, int, float)
    are_plain = isinstance(given, plain) and isinstance(wanted, plain)
    if are_plain and isinstance(given, bool) != isinstance(wanted, bool):
        return False
    return bool(wanted == given)


def _say_not_called(name: str, wanted: Mapping[str, object], calls: Sequence[ToolCall]) -> str:
    arguments = ", ".join(f"{key}={value!r}" for key, value in wanted.items())
    start = f"wanted a call of {name!r}" + (f" with {arguments}" if wanted else "")
    if not calls:
        return f"{_shown(start)}, found no call of a tool."
    lines = []
    for call in calls[:_MOST_CALLS]:
        why = ", ".join(_differences(call, wanted)) if call.name == name else "another tool"
        lines.append(f"  {_shown(f'{call.name} {call.arguments}')}: {_shown(why)}")
    if len(calls) > _MOST_CALLS:
        lines.append(f"  and {len(calls) - _MOST_CALLS:,} more")
    return "\n".join([f"{_shown(start)}, found:", *lines])


def _shown(text: str) -> str:
    """Return text that is short, and holds no key and nothing that controls a terminal."""
    cleaned = Cleaner(DEFAULT_RULES, ()).clean_text(text, "")
    return safe_text(cut_text(cleaned, _LONGEST)).replace("\n", "⏎")
