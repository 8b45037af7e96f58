"""A cell as a pytest file: the bytes as the client saw them, the client, and no chatviz."""

from __future__ import annotations

import pickle
import platform
from ast import literal_eval
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from inspect import iscoroutinefunction
from typing import Any

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.evidence.fault_matrix.cells import FaultCell
from chatviz.evidence.fault_matrix.planning.broken import planned_answer
from chatviz.evidence.fault_matrix.test_templates import (
    ASYNC_CLIENT,
    CLIENT,
    IN_TIME,
    SERVER,
    STRANGE,
    TEMPLATE_IMPORTS,
)
from chatviz.evidence.fault_matrix.trying import Baseline
from chatviz.evidence.fault_matrix.user_test import UserTest
from chatviz.evidence.shrinking.sources import source_with_needs
from chatviz.evidence.shrinking.writing import bytes_literal
from chatviz.given_values import holds_key
from chatviz.transports.playing.planned_answer import PlannedAnswer, answer_with

__all__ = ["write_fault_test"]

KEPT = ("content-type", "retry-after")  # of an answer's headers: what a client goes by


def write_fault_test(
    cell: FaultCell,
    test: Callable[[Any], Any],
    *,
    user_test: UserTest,
    baseline: Baseline,
    limit_s: float,
) -> str:
    """Return a pytest file that plays a cell's answers to the test; secrets are removed.

    It passes where the test returns what it returns without a fault, or, but for a fault by which
    nothing is lost, raises an error.

    Raises
    ------
    ValueError
        The function's source cannot stand in a file, what it returns cannot be written there, or
        it ended its process.
    """
    if cell.verdict == "died":
        raise ValueError(
            "wanted a cell whose test comes to an end, found one that ended its process, and would "
            "end pytest: look at matrix.run(cell), and call your client on cell.case by hand."
        )
    imports, source = source_with_needs(test)
    name = test.__name__
    playing, needed = _playing(user_test, name, is_async=iscoroutinefunction(test))
    hangs = cell.verdict == "hung"
    needed += TEMPLATE_IMPORTS["in_time"] if hangs else ()
    parts = [
        _head(cell, name, {*imports, *needed}),
        _data(cell, user_test, baseline) + (f"LIMIT_S = {limit_s!r}\n" if hangs else ""),
        source + (f"\n{name}.__test__ = False  # pytest: no test\n" if name[:4] == "test" else ""),
        playing,
        *([IN_TIME] if hangs else []),
        _checks(cell, hangs=hangs),
    ]
    return "\n\n".join(part if part.endswith("\n") else f"{part}\n" for part in parts)


def _head(cell: FaultCell, name: str, imports: set[str]) -> str:
    told = "\n".join(f"{package} {number}" for package, number in _versions(imports))
    plain = sorted(line for line in imports if line.startswith("import"))
    others = sorted(imports.difference(plain))
    lines = "\n".join([*plain, *others])
    return f'"""{name}: {cell.sentence}.\n\nFound with:\n{told}\n"""\n\n{lines}'


def _versions(imports: set[str]) -> Iterator[tuple[str, str]]:
    for package in sorted({line.split()[1].partition(".")[0] for line in imports}):
        try:
            yield package, version(package)
        except PackageNotFoundError:  # of the standard library, or the user's own
            continue
    yield "Python", platform.python_version()
    yield platform.system(), platform.machine()


def _data(cell: FaultCell, user_test: UserTest, baseline: Baseline) -> str:
    """Return the answers, in the order in which they were asked for, and the right result."""
    value = pickle.loads(b64decode(baseline.value))
    expected = repr(value)
    if not _is_literal(expected, value):
        raise ValueError(
            "wanted a test whose result can be written in a file (text, numbers, lists, dicts), "
            f"found one that returns {type(value).__name__!r}: return such values."
        )
    if holds_key(expected):
        raise ValueError(
            "wanted a test whose result can be written in a file, found what looks like a key in "
            "what it returns: leave it out."
        )
    bodies: dict[tuple[tuple[float, bytes], ...], str] = {}
    entries = []
    for answer in _answers(cell, user_test.cassette, baseline):
        pieces = tuple(_pieces(answer))
        bodies.setdefault(pieces, f"BODY_{len(bodies) + 1}")
        headers = {k.lower(): v for k, v in answer.headers if k.lower() in KEPT}
        entries.append(
            f"    ({answer.status}, {headers!r}, {bodies[pieces]}, {answer.breaks!r}),\n"
        )
    written = "".join(f"{name} = {_pieces_literal(pieces)}\n" for pieces, name in bodies.items())
    listed = "".join(entries)
    return f"{written}ANSWERS = [\n{listed}]\nEXPECTED = {expected}\nasked = []\n"


def _answers(cell: FaultCell, cassette: Cassette, baseline: Baseline) -> Iterator[PlannedAnswer]:
    """Yield the answers that were given; of one that hung, those that it could ask for."""
    clean = redact_cassette(cassette)[0]
    broken, left = planned_answer(clean, cell.case), getattr(cell.case.fault, "times", 1) or 1
    for number in cell.order or (*baseline.order, cell.interaction):
        if number == cell.interaction and left:
            left -= 1
            yield broken
        else:
            yield answer_with(clean.interactions[number])


def _pieces(answer: PlannedAnswer) -> Iterator[tuple[float, bytes]]:
    """Yield what is sent at once, each with the seconds before it."""
    wait_s, data = 0.0, b""
    for piece in answer.pieces:
        if piece.pause_ns:
            if data:
                yield wait_s, data
            wait_s, data = piece.pause_ns / 1e9, b""
        data += piece.data
    yield wait_s, data


def _pieces_literal(pieces: Sequence[tuple[float, bytes]]) -> str:
    told = "".join(f"    ({wait_s!r}, {bytes_literal(data)}),\n" for wait_s, data in pieces)
    return f"[\n{told}]"


def _is_literal(text: str, value: Any) -> bool:
    try:
        return bool(literal_eval(text) == value)
    except (ValueError, SyntaxError):
        return False


def _playing(user_test: UserTest, name: str, *, is_async: bool) -> tuple[str, tuple[str, ...]]:
    """Return the part that answers, and what it imports."""
    library, url = user_test.over, '"http://127.0.0.1:%d" % server.server_port'
    if library == "server":
        result = f"asyncio.run({name}({url}))" if is_async else f"{name}({url})"
        needed = (*TEMPLATE_IMPORTS["server"], *(["import asyncio"] if is_async else []))
        return SERVER.replace("RESULT", result), needed
    template, key = (ASYNC_CLIENT, "async_client") if is_async else (CLIENT, "client")
    text = template.replace("LIBRARY", library).replace("FUNCTION", name)
    return text, (*TEMPLATE_IMPORTS[key], f"import {library}")


def _checks(cell: FaultCell, *, hangs: bool) -> str:
    is_harmless = cell.case.kind.is_harmless
    place = "" if cell.chunk is None else f"_at_chunk_{cell.chunk}"
    end = "changes_nothing" if is_harmless else "gives_no_wrong_answer"
    called = "in_time(outcome)" if hangs else "outcome()"
    body = "    return call()\n"
    if not is_harmless:
        body = (
            "    try:\n"
            "        return call()\n"
            "    except Exception:  # an error is as good as the right answer\n"
            "        return EXPECTED\n"
        )
    kind = cell.fault.replace(":", "_").replace(".", "_")
    return (
        f"def outcome():\n{body}\n\n"
        f"def test_{kind}{place}_{end}():\n"
        f"    assert {called} == EXPECTED\n" + (STRANGE if cell.verdict == "asked_else" else "")
    )
