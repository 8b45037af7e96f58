"""A cell as a pytest file: it fails as the client does, and needs no chatviz."""

from __future__ import annotations

import queue
from typing import Any

import httpx
import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.samples import sample
from chatviz.cassettes.storage import load_cassette
from tests.evidence.fault_matrix import clients
from tests.evidence.fault_matrix.here import FIREWORKS, by_url, try_here


def outcome_of(source: str) -> str:
    """Run the test that stands in a file; return how it ended."""
    assert "chatviz" not in source.replace("chatviz's", "")
    names: dict[str, Any] = {"__name__": "written"}
    exec(compile(source, "written", "exec"), names)
    (test,) = (value for name, value in names.items() if name.startswith("test_"))
    try:
        test()
    except (AssertionError, httpx.HTTPError, queue.Empty) as error:
        return type(error).__name__
    return "passed"


@pytest.mark.parametrize("fault", ["cut", "end", "drop", "duplicate", "corrupt", "error", "refuse"])
def test_a_wrong_cell_fails_and_a_right_one_passes(fault: str) -> None:
    matrix = try_here(clients.naive, [fault], chunks=[1, 20])
    for cell in matrix.cells:
        source = matrix.as_test(cell)
        expected = "AssertionError" if cell.verdict == "wrong" else "passed"
        assert outcome_of(source) == expected, cell.sentence
        assert source.startswith(f'"""naive: {cell.sentence}.\n\nFound with:\nhttpx ')


def test_its_name_says_what_it_is_about() -> None:
    matrix = try_here(clients.naive, ["cut", "stall:0.01", "refuse"], chunks=[7])
    named = [matrix.as_test(cell).partition("def test_")[2].split("(")[0] for cell in matrix.cells]
    assert named == [
        "cut_at_chunk_7_gives_no_wrong_answer",
        "stall_0_01_at_chunk_7_changes_nothing",
        "refuse_gives_no_wrong_answer",
    ]


def test_an_error_is_as_good_as_the_right_answer_but_where_nothing_is_lost() -> None:
    matrix = try_here(clients.careful, ["cut", "refuse"], chunks=[7])
    assert {outcome_of(matrix.as_test(cell)) for cell in matrix.cells} == {"passed"}
    matrix = try_here(impatient, ["stall", "stall:1.5"], chunks=[7])
    short, long = matrix.cells
    assert outcome_of(matrix.as_test(short)) == "ReadTimeout"
    assert outcome_of(matrix.as_test(long)) == "passed"


def impatient(client: Any) -> str:
    with client.stream("POST", clients.URL, json={}, timeout=0.1) as response:
        return "".join(response.iter_text())


@pytest.mark.parametrize(
    ("client", "over"), [(clients.careful_async, "httpx"), (clients.over_a_server, "server")]
)
def test_async_clients_and_base_urls_are_tried_in_their_way(client: Any, over: Any) -> None:
    matrix = try_here(client, ["cut", "drop", "refuse"], chunks=[7], over=over)
    ended = {cell.fault: outcome_of(matrix.as_test(cell)) for cell in matrix.cells}
    assert ended == {"cut": "passed", "drop": "AssertionError", "refuse": "passed"}


async def over_a_server_async(url: str) -> str:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{url}/chat/completions", json={})
    return response.text


def test_an_async_client_of_a_base_url_is_tried_too() -> None:
    matrix = try_here(over_a_server_async, ["cut", "duplicate"], chunks=[7], over="server")
    cut, twice = (matrix.as_test(cell) for cell in matrix.cells)
    assert "asyncio.run(over_a_server_async(" in cut
    assert (outcome_of(cut), outcome_of(twice)) == ("passed", "AssertionError")


def test_what_asks_for_something_else_fails_and_what_asks_again_does_not() -> None:
    matrix = try_here(clients.talkative, ["cut"], chunks=[3], match=by_url)
    assert outcome_of(matrix.as_test("cut", 3)) == "AssertionError"


def test_what_hangs_fails_in_its_time() -> None:
    from dataclasses import replace

    from chatviz.evidence.fault_matrix.trying import Limits

    matrix = try_here(hesitant, ["drop"], chunks=[3])
    hung = replace(matrix.cells[0], verdict="hung", order=())
    source = replace(matrix, limits=Limits(0.3, 60.0)).as_test(hung)
    assert "LIMIT_S = 0.3\n" in source
    assert outcome_of(source) == "Empty"


def hesitant(client: Any) -> str:
    """Wait where the text is not what it should be."""
    import threading

    text = clients.naive(client)
    if " multiply" not in text:
        threading.Event().wait(5)
    return text


def two_steps(client: httpx.Client) -> list[str]:
    """Ask twice, and ask once more where one is refused."""
    answers = []
    for _ in range(2):
        response = client.post(clients.URL, json={})
        if response.status_code == 429:
            response = client.post(clients.URL, json={})
        answers.append(response.text)
    return answers


def test_the_answers_come_in_the_order_in_which_they_were_asked_for() -> None:
    matrix = try_here(two_steps, ["drop", "refuse"], chunks=[7])
    told = {(cell.interaction, cell.fault): cell for cell in matrix.cells}
    assert told[0, "refuse"].order == (0, 0, 1) and told[1, "refuse"].order == (0, 1, 1)
    ended = {key: outcome_of(matrix.as_test(cell)) for key, cell in told.items()}
    assert ended == {
        (0, "drop"): "AssertionError", (0, "refuse"): "passed",
        (1, "drop"): "AssertionError", (1, "refuse"): "passed",
    }  # fmt: skip
    source = matrix.as_test("drop", 7, interaction=0)
    assert source.count("    (200, ") == 2


def test_a_function_that_pytest_would_take_for_a_test_is_none() -> None:
    matrix = try_here(test_client, ["cut"], chunks=[3])
    assert "test_client.__test__ = False" in matrix.as_test("cut", 3)


def test_client(client: Any) -> str:
    return clients.naive(client)


test_client.__test__ = False  # type: ignore[attr-defined]


def of_numbers(client: Any) -> object:
    from decimal import Decimal

    return Decimal(len(clients.naive(client)))


def test_what_cannot_be_written_is_said() -> None:
    with pytest.raises(ValueError, match="one that returns 'Decimal'"):
        try_here(of_numbers, ["cut"], chunks=[3]).as_test("cut", 3)


KEY = "sk-or-v1-" + "0123456789abcdef" * 4  # planted


@pytest.fixture
def planted() -> Cassette:
    from dataclasses import replace

    whole = load_cassette(sample(FIREWORKS)).interactions[0]
    body = whole.response.body.replace(b'"provider":"Fireworks"', f'"k":"{KEY}"'.encode())
    response = replace(whole.response, body=body, content_length=-1)
    return Cassette((replace(whole, response=response),))


def test_no_secret_gets_into_it(planted: Cassette) -> None:
    matrix = try_here(clients.naive, ["cut"], chunks=[3], cassette=planted)
    assert KEY.encode() in matrix.run("cut", 3).body
    assert KEY not in matrix.as_test("cut", 3).replace("'\n    b'", "")


def telling(client: Any) -> str:
    """Return all that came, or raise with all of it."""
    text = client.post(clients.URL, json={}).text
    if "planted on purpose" in text:
        raise ValueError(text)
    return str(text[:900])


def test_no_secret_is_in_what_is_told_of_a_cell(planted: Cassette) -> None:
    matrix = try_here(telling, ["drop", "error"], chunks=[0, 1], cassette=planted)
    assert {cell.verdict for cell in matrix.cells} == {"wrong", "raised"}
    assert KEY not in matrix.expected + repr(matrix) + matrix._repr_mimebundle_()["text/html"]
    assert KEY not in matrix.table.to_csv()
    with pytest.raises(ValueError, match="what looks like a key"):
        matrix.as_test("drop", 1)
