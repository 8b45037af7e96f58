"""The process in which functions run: each call comes as pickled bytes, lines of JSON answer.

The first line says that the process is there. For each call one line says that the function has
been loaded, and one how it ended. Nothing that the function prints or reads can get among them.
It is started as ``python -m``, by `worker`, which ends it where a function takes too long.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final

from chatviz.clock import SYSTEM_CLOCK

__all__ = ["MOST_BYTES", "answer_calls", "end_of", "plain"]

MOST_BYTES: Final = 64 << 20  # of one answer
MOST_MESSAGE: Final = 1_000  # characters of an error


def answer_calls(calls: IO[bytes], answers: IO[str]) -> None:
    """Run one function after another, until no more calls come."""
    _tell(answers, {"started": True})
    while size := calls.read(8):
        data = calls.read(int.from_bytes(size, "big"))
        try:
            function, arguments = pickle.loads(data)
            _tell(answers, {"loaded": True})
            begun_ns = SYSTEM_CLOCK.now_ns()
            value = function(*arguments)
            seconds = (SYSTEM_CLOCK.now_ns() - begun_ns) / 1e9
            line = json.dumps({"value": plain(value), "seconds": seconds})
            if len(line) > MOST_BYTES:
                raise ValueError(
                    f"wanted a result of at most {MOST_BYTES:,} bytes of JSON, found {len(line):,}:"
                    " return less of it."
                )
        except BaseException as error:  # sys.exit() in a function, too, is its own affair
            line = json.dumps({"error": end_of(error)})
        answers.write(line + "\n")
        answers.flush()


def plain(value: object) -> Any:
    """Return a value as JSON holds it; what is none of that as its ``repr``."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(one) for one in value]
        case _:
            return repr(value)


def end_of(error: BaseException) -> tuple[str, ...]:
    """Return the name and the text of an error, and the file, function and line that raised it."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place: tuple[str, ...] = ()
    if trace is not None:
        code = trace.tb_frame.f_code
        place = (Path(code.co_filename).name, code.co_name, str(trace.tb_lineno))
    return type(error).__name__, str(error)[:MOST_MESSAGE], *place


def _tell(answers: IO[str], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def _main() -> None:
    """Keep the two pipes for itself: what a function reads is empty, and its prints go nowhere."""
    calls, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    with os.fdopen(calls, "rb") as asked, os.fdopen(answers, "w", encoding="utf-8") as told:
        answer_calls(asked, told)


if __name__ == "__main__":
    _main()
