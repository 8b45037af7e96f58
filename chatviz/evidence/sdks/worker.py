"""The process in which SDKs read: a line of JSON asks it for one reading, lines answer.

The first line of an answer says that the SDK has been imported, the second what it made of it.

It is started as ``python -m``, by `sdk_process`, which ends it where it hangs.
"""

from __future__ import annotations

import json
import os
import sys
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

__all__ = ["main"]

Reads = Callable[[bytes], dict[str, Any]]


def main() -> None:
    """Answer until the input ends; what an SDK prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            read = _reader(asked["adapter"])
            _tell(answers, {"ready": True})
            _tell(answers, {"read": read(b64decode(asked["body"]))})
        except Exception as error:
            _tell(answers, {"error": [type(error).__name__, str(error)[:1000], *_place(error)]})


def _tell(answers: IO[str], told: dict[str, Any]) -> None:
    answers.write(json.dumps(told, default=str) + "\n")
    answers.flush()


def _reader(name: str) -> Reads:
    match name:
        case "openai_chat":
            from chatviz.evidence.sdks.openai_chat import read
        case "openai_responses":
            from chatviz.evidence.sdks.openai_responses import read
        case "anthropic_messages":
            from chatviz.evidence.sdks.anthropic_messages import read
        case _:
            raise ValueError(f"no adapter has the name {name!r}.")
    return read


def _place(error: Exception) -> tuple[str, str]:
    """Return the file and the function that raised an error."""
    trace: TracebackType | None = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "", ""
    code = trace.tb_frame.f_code
    return Path(code.co_filename).name, code.co_name


if __name__ == "__main__":
    main()
