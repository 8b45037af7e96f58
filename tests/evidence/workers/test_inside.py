"""What the process of a worker does, seen from inside: calls in, lines out."""

from __future__ import annotations

import json
import pickle
from io import BytesIO, StringIO
from typing import Any

from chatviz.evidence.workers.inside import answer_calls, end_of, plain
from chatviz.evidence.workers.packing import pack_call


def _answers(*calls: bytes) -> list[Any]:
    asked = b"".join(len(call).to_bytes(8, "big") + call for call in calls)
    told = StringIO()
    answer_calls(BytesIO(asked), told)
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_a_call_is_answered_by_two_lines_behind_the_first() -> None:
    started, loaded, ended = _answers(pack_call(divmod, (7, 2)))
    assert (started, loaded, ended["value"]) == ({"started": True}, {"loaded": True}, [3, 1])


def test_a_call_that_cannot_be_loaded_is_answered_by_one_and_the_next_is_run() -> None:
    missing = pickle.dumps(len).replace(b"len", b"lem")
    _, failed, loaded, ended = _answers(missing, pack_call(len, ("ab",)))
    assert failed["error"][0] == "AttributeError"
    assert (loaded, ended["value"]) == ({"loaded": True}, 2)


def test_an_error_that_was_never_raised_has_no_place() -> None:
    assert end_of(ValueError("x" * 2_000)) == ("ValueError", "x" * 1_000)


def test_keys_are_texts() -> None:
    assert plain({None: {1.5}}) == {"None": [1.5]}
