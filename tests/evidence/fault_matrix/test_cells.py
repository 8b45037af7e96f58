"""What each client makes of each fault: verdicts that one can know beforehand."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.samples import sample
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import BaselineError
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from tests.evidence.fault_matrix import clients
from tests.evidence.fault_matrix.here import FIREWORKS, by_url, try_here

TEXT = "I'll add and multiply the numbers 2 and 3 for you."
TEXT_CHUNKS = range(1, 14)
BOUNDARIES = (0, 1, 7, 14, 28, 42, 43)  # and one in the middle of the text


def verdicts(matrix: FaultMatrix, fault: str) -> dict[int | None, str]:
    return {cell.chunk: cell.verdict for cell in matrix.cells if cell.fault == fault}


@pytest.fixture(scope="module")
def naive() -> FaultMatrix:
    faults = ["cut", "end", "duplicate", "drop", "corrupt", "error", "refuse"]
    return try_here(clients.naive, faults)


def test_a_naive_client_fails_where_one_can_know_it_beforehand(naive: FaultMatrix) -> None:
    assert naive.expected == repr(TEXT)
    everywhere = dict.fromkeys(range(44), "right")
    in_text = {**everywhere, **dict.fromkeys(TEXT_CHUNKS, "wrong")}
    assert verdicts(naive, "cut") == {**in_text, 0: "wrong"}
    assert verdicts(naive, "error") == verdicts(naive, "end") == {**in_text, 0: "wrong"}
    assert verdicts(naive, "drop") == verdicts(naive, "duplicate") == in_text
    assert verdicts(naive, "refuse") == {None: "wrong"}


def test_what_it_returned_is_kept(naive: FaultMatrix) -> None:
    assert naive.cell("cut", 7).got == repr("I'll add and multiply the numbers ")
    assert naive.cell("duplicate", 7).got == repr(TEXT.replace("2", "22"))
    assert naive.cell("refuse").got == "''"


def test_it_could_have_known_of_what_the_wire_shows_alone(naive: FaultMatrix) -> None:
    for cell in naive.cells:
        if cell.fault in ("drop", "duplicate") and cell.verdict == "wrong":
            assert cell.findings == () and not cell.is_failure
        assert cell.is_failure == (cell.verdict == "wrong" and cell.findings != ())
    assert "done_missing" in naive.cell("cut", 7).findings
    assert "done_missing" in naive.cell("end", 7).findings
    assert "error_in_stream" in naive.cell("error", 7).findings
    assert naive.cell("refuse").findings == ("http_error",)


@pytest.mark.parametrize(
    ("client", "over"),
    [
        (clients.careful, "httpx"),
        (clients.careful_async, "httpx"),
        (clients.over_a_server, "server"),
    ],
)
def test_a_careful_client_is_right_or_raises(client: Any, over: Any) -> None:
    faults = ["cut", "end", "drop", "error", "refuse", "corrupt"]
    matrix = try_here(client, faults, chunks=BOUNDARIES, over=over)
    assert matrix.failures == ()
    assert set(verdicts(matrix, "cut").values()) == {"raised"}
    assert set(verdicts(matrix, "error").values()) == {"raised"}
    assert set(verdicts(matrix, "end").values()) == {"raised"}
    assert verdicts(matrix, "drop")[7] == "wrong"  # nothing on the wire shows it
    asks_again = client is clients.careful
    assert verdicts(matrix, "refuse") == {None: "right" if asks_again else "raised"}


def test_an_error_is_named_with_its_package_and_what_it_says() -> None:
    matrix = try_here(clients.careful, ["cut", "error"], chunks=[7])
    cut, error = matrix.cells
    assert cut.error == "httpx.RemoteProtocolError" and "cut on purpose" in cut.message
    assert (error.error, error.message) == ("ValueError", "the end is missing")
    assert cut.sentence == (
        "cut at chunk 7 of interaction 0: error raised (httpx.RemoteProtocolError)"
    )


def impatient(client: Any) -> str:
    """Give up after a tenth of a second."""
    with client.stream("POST", clients.URL, json={}, timeout=0.1) as response:
        return "".join(response.iter_text())


def splitting(client: Any) -> str:
    """Decode each piece by itself."""
    with client.stream("POST", clients.URL, json={}) as response:
        return "".join(piece.decode() for piece in response.iter_bytes())


def test_where_nothing_is_lost_an_error_is_a_failure() -> None:
    (cell,) = try_here(impatient, ["stall"], chunks=[5]).cells
    assert (cell.verdict, cell.is_failure) == ("raised", True)
    (cell,) = try_here(impatient, ["stall:1.5"], chunks=[5]).cells
    assert (cell.verdict, cell.is_failure) == ("raised", False)
    second = load_cassette(sample(FIREWORKS)).interactions[1:]
    cells = try_here(splitting, ["split"], cassette=Cassette(second)).cells
    assert {(cell.verdict, cell.error) for cell in cells} == {("raised", "UnicodeDecodeError")}
    assert all(cell.is_failure for cell in cells)


def test_a_client_that_goes_on_to_ask_for_something_else_is_not_called_right_or_wrong() -> None:
    matrix = try_here(clients.talkative, ["cut"], chunks=[3, 20], match=by_url)
    cut, late = matrix.cells
    assert (cut.verdict, cut.is_failure) == ("asked_else", False)
    assert "/summary" in cut.message and cut.order == (0,)
    assert late.verdict == "right"


def leaving(client: Any) -> str:
    text = clients.naive(client)
    return text if text == TEXT else exit(3)


def test_a_test_that_leaves_the_program_has_raised() -> None:
    (cell,) = try_here(leaving, ["cut"], chunks=[3]).cells
    assert (cell.verdict, cell.error, cell.message) == ("raised", "SystemExit", "3")


def test_times_that_are_not_played_again_make_nothing_noticeable() -> None:
    timed = load_cassette(sample("synthetic_timed"))
    found = {cell.findings for cell in try_here(splitting, ["drop"], cassette=timed).cells}
    assert () in found and not {"no_clock"} & {code for codes in found for code in codes}


class Odd:
    """Equal to nothing, not even to itself."""

    def __eq__(self, other: object) -> bool:
        raise TypeError("no")

    __hash__ = None  # type: ignore[assignment]


def strange(client: Any) -> Odd:
    clients.naive(client)
    return Odd()


def unpickled(client: Any) -> Any:
    clients.naive(client)
    return (number for number in range(3))


def failing(client: Any) -> str:
    raise KeyError("choices")


def asking_elsewhere(client: Any) -> str:
    text = clients.naive(client)
    with suppress(LookupError):
        client.post("https://example.invalid/v1/embeddings", json={})
    return text


def test_a_test_that_asks_for_what_was_not_recorded_is_refused() -> None:
    with pytest.raises(BaselineError, match=r"asked for what was not recorded: .*embeddings"):
        try_here(asking_elsewhere, ["cut"], match=by_url)


@pytest.mark.parametrize(
    ("client", "found"),
    [
        (clients.forgetful, "returned None"),
        (clients.counting, "something else when it was run again"),
        (strange, "a Odd is not equal to a copy of itself"),
        (unpickled, "a generator cannot be kept"),
        (failing, "it raised KeyError in 'failing'"),
    ],
)
def test_a_test_that_cannot_be_compared_is_refused(client: Any, found: str) -> None:
    with pytest.raises(BaselineError, match=found):
        try_here(client, ["cut"])
