"""A matrix: functions and libraries read answers in processes of their own."""

from __future__ import annotations

import os
from threading import Event, Lock
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.sdks.matrix import SDKMatrix
from chatviz.evidence.sdks.matrix_table import COLUMNS
from chatviz.evidence.sdks.sdk import SDK
from chatviz.evidence.sdks.showing import show_matrix
from tests.several_choices import REQUEST, two_choices


def naive(body: bytes, request: dict[str, Any]) -> dict[str, Any] | None:
    """A parser as people write it: text only, and every chunk has a content."""
    import json

    if request["dialect"] != "openai-chat":
        return None
    chunks = [
        json.loads(one[6:]) for one in body.decode().splitlines() if one.startswith("data: {")
    ]
    return {"text": "".join(one["choices"][0]["delta"]["content"] for one in chunks)}


def hang(body: bytes, request: dict[str, Any]) -> None:
    Event().wait()


def end(body: bytes, request: dict[str, Any]) -> None:
    os._exit(3)


def read_nothing(body: bytes, request: dict[str, Any]) -> list[int]:
    return [1]


@pytest.fixture(scope="module")
def runs() -> list[cv.StreamRun]:
    names = ("openrouter_kimi-k2_novita", "gemini_2.5-flash")
    return [run for name in names for run in cv.read_runs(cv.sample(name))]


@pytest.fixture(scope="module")
def matrix(runs: list[cv.StreamRun]) -> SDKMatrix:
    return cv.sdk_matrix(runs, sdks=[naive, "openai"])


def test_a_cell_says_what_a_parser_made_of_an_answer(matrix: SDKMatrix) -> None:
    assert matrix.cell(1, "naive").verdict == "lossy"
    assert matrix.cell(1, "naive").differs == ("finish", "usage", "cost", "ids")
    assert matrix.cell(2, "naive").verdict == "not read"
    assert [matrix.cell(number, "openai").verdict for number in range(4)] == [
        "same", "same", "not read", "not read",
    ]  # fmt: skip
    assert matrix.cell(matrix.runs[1], "naive") is matrix.cell(1, "naive")


def test_all_choices_of_an_answer_are_compared() -> None:
    """A parser that reads the first choice alone leaves out what the second says and calls."""

    def first(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
        return {"text": "a", "calls": [], "finish": "stop", "id": "c1"}

    matrix = cv.sdk_matrix(cv.read_stream(two_choices(), REQUEST), [first, "openai", "groq"])
    lossy, *libraries = matrix.cells
    assert (lossy.verdict, lossy.differs) == ("lossy", ("text", "calls", "finish"))
    row = matrix.table.iloc[0]
    assert (row["place"], row["sent"]) == ("choice 1: text", "yes")
    assert {cell.verdict for cell in libraries} <= {"same", "absent"}


def test_times_are_measured_for_what_was_read(matrix: SDKMatrix) -> None:
    seconds = matrix.cell(1, "naive").reading.seconds
    assert seconds is not None and seconds > 0
    assert all(one is not None and one > 0 for one in matrix.own_seconds)


def test_a_parser_that_hangs_dies_raises_or_returns_nonsense_is_told_as_such(
    runs: list[cv.StreamRun],
) -> None:
    def raise_error(body: bytes, request: dict[str, Any]) -> None:
        raise KeyError("choices")

    def look_for_what_is_missing(body: bytes, request: dict[str, Any]) -> None:
        import there_is_no_such_module  # noqa: F401

    functions: Any = [hang, end, raise_error, read_nothing, look_for_what_is_missing]
    matrix = cv.sdk_matrix(runs[0], sdks=functions, limit_s=1.0)
    told = [(cell.verdict, cell.reading.error) for cell in matrix.cells]
    assert told == [
        ("hangs", ""),
        ("raises", "ProcessEnded"),
        ("raises", "KeyError"),
        ("raises", "TypeError"),
        ("raises", "ModuleNotFoundError"),
    ]
    assert "exit code 3" in matrix.cells[1].reading.message
    assert matrix.cells[3].reading.message.startswith("wanted from read() a dict")


def test_a_parser_is_told_of_the_request(runs: list[cv.StreamRun]) -> None:
    def tell(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
        names = [one["name"] for one in request["tools"]]
        return {"text": f"{request['dialect']} {request['json']['model']} {names}"}

    difference = cv.sdk_matrix(runs[0], sdks=tell).cell(0, "tell").reading.differences[0]
    assert difference.read == "openai-chat moonshotai/kimi-k2-0905 ['add', 'multiply']"


def test_one_function_or_one_name_need_no_list(runs: list[cv.StreamRun]) -> None:
    assert [one.name for one in cv.sdk_matrix(runs[0], naive).sdks] == ["naive"]
    assert [one.name for one in cv.sdk_matrix(runs[0], "openai").sdks] == ["openai"]


def test_what_cannot_be_asked_is_said(runs: list[cv.StreamRun]) -> None:
    lock = Lock()

    def locked(body: bytes, request: dict[str, Any]) -> None:
        with lock:
            pass

    with pytest.raises(TypeError, match=r"found '.*locked', which holds on to something"):
        cv.sdk_matrix(runs[0], sdks=[locked])
    with pytest.raises(ValueError, match=r"found 'openia'\. Did you mean 'openai'"):
        cv.sdk_matrix(runs[0], sdks=["openia"])
    with pytest.raises(ValueError, match="found 'naive' twice"):
        cv.sdk_matrix(runs[0], sdks=[naive, naive])
    wrong: Any = [3]
    with pytest.raises(TypeError, match=r"names of SDKs and functions .* found 3"):
        cv.sdk_matrix(runs[0], sdks=wrong)


def test_a_cell_that_is_not_there_is_said(matrix: SDKMatrix) -> None:
    with pytest.raises(LookupError, match="one of naive, openai, found 'groq'"):
        matrix.cell(0, "groq")
    for run in (4, -1, cv.read_stream(b"")):
        with pytest.raises(LookupError, match=r"the 4 answers of this matrix, .* from 0 to 3"):
            matrix.cell(run, "naive")


def test_the_table_has_a_row_for_each_cell(matrix: SDKMatrix) -> None:
    table = matrix.table
    assert list(table.columns) == [column.name for column in COLUMNS]
    documented = str(type(matrix).table.__doc__)
    assert [name for name in table.columns if f"``{name}``" not in documented] == []
    assert table["sdk"].tolist() == ["naive", "openai"] * 4
    assert table["verdict"].tolist()[2:4] == ["lossy", "same"]
    row = table.iloc[2]
    assert (row["differs"], row["place"], row["sent"]) == (
        "finish, usage, cost, ids",
        "finish",
        "stop",
    )
    assert row["s_per_chunk"] > 0 and row["own_s_per_chunk"] > 0
    raising = cv.sdk_matrix(matrix.runs[0], sdks=[read_nothing]).table.iloc[0]
    assert raising["differs"] == "TypeError" and raising["read"].startswith("wanted from read()")


def test_the_sentence_counts(matrix: SDKMatrix) -> None:
    assert matrix.sentence == "4 answers, 2 libraries: 2 same, 1 lossy, 1 raises, 4 not read."
    assert repr(matrix) == f"<SDKMatrix: {matrix.sentence}>"


def test_a_differing_cell_shrinks_to_its_least_stream(matrix: SDKMatrix) -> None:
    shrunk = matrix.shrink(1, "naive", max_tries=300)
    assert shrunk.failing.name == "naive leaves out finish"
    assert len(shrunk.after.chunks) < 3 < len(shrunk.before.chunks)
    names: dict[str, Any] = {}
    exec(shrunk.as_test(), names)
    with pytest.raises(AssertionError):  # as a parser that leaves it out
        names["test_the_stream_is_read"]()
    with pytest.raises(cv.ChatvizError, match="true of none"):
        matrix.shrink(0, "openai")


# ---- what it shows


def test_it_shows_verdicts_and_both_sides_without_a_script(matrix: SDKMatrix) -> None:
    html = matrix._repr_mimebundle_()["text/html"]
    assert "<script" not in html and html.count("<details>") == 4
    assert "◐\u00a0lossy: finish, usage, cost, ids" in html and "✓\u00a0same" in html
    assert "matrix.shrink(1, &#x27;naive&#x27;)" in html


def test_hostile_text_is_escaped() -> None:
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"%s"}}]}\n\n'
    request = {"model": "m", "messages": []}
    run = cv.read_stream(chunk % "<script>alert(1)</script>\u202e\\ud83d".encode(), request)

    def other(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
        return {"text": "<img src=x>\ud83d"}

    matrix = cv.sdk_matrix(run, sdks=other)
    html = show_matrix(matrix).html
    assert "<script" not in html and "<img" not in html and "\u202e" not in html
    html.encode()
    assert matrix.table.loc[0, "read"] == "<img src=x>\\ud83d"


def test_absent_libraries_are_listed_with_how_to_install_them(
    runs: list[cv.StreamRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {name: SDK(name, (), {}, is_absent=True) for name in ("ai-sdk", "ollama")}
    monkeypatch.setattr("chatviz.evidence.sdks.matrix.find_sdks", lambda: known)
    matrix = cv.sdk_matrix(runs[0])
    assert matrix.sentence == "1 answer, 0 libraries (2 more are absent): none."
    assert {cell.verdict for cell in matrix.cells} == {"absent"}
    html = show_matrix(matrix).html
    assert "2 libraries are absent" in html and "pip install ollama" in html
    assert "npm install ai " in html and "CHATVIZ_NODE_PROJECT" in html
