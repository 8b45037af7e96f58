"""Which recorded interaction answers a request; no HTTP library is needed for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.errors import NoMatchingInteraction
from chatviz.transports.playing.faults import Drop, Refuse
from chatviz.transports.playing.player import Player, choose_matcher

URL = "https://api.test/v1/chat/completions"
HERE = "http://127.0.0.1:8000/v1/chat/completions"


def request(body: bytes = b'{"a":1}', url: str = URL) -> RecordedRequest:
    return RecordedRequest("POST", url, body=body)


def interaction(body: bytes = b'{"a":1}', said: bytes = b"said") -> Interaction:
    return Interaction(request(body), RecordedResponse(200, body=said))


def test_the_interaction_whose_turn_it_is_counts_as_played() -> None:
    first, second = interaction(said=b"1"), interaction(said=b"2")
    player = Player(Cassette((first, second)), match=choose_matcher(None))
    assert player.find(request()) is first
    assert player.unused == (second,)
    assert player.find(request()) is second
    assert player.find(request()) is None
    assert player.all_played


def test_the_first_that_matches_is_taken_even_where_a_later_one_is_the_same_to_the_byte() -> None:
    spelt_otherwise, same = interaction(b'{"a": 1}'), interaction()
    player = Player(Cassette((spelt_otherwise, same)), match=choose_matcher(None))
    assert player.find(request()) is spelt_otherwise


def test_what_is_looked_for_without_need_is_no_miss() -> None:
    player = Player(Cassette((interaction(),)), match=choose_matcher(None))
    assert player.answer_if_recorded(request(b"other")) is None
    assert player.misses == []
    with pytest.raises(NoMatchingInteraction):
        player.answer(request(b"other"))
    assert len(player.misses) == 1


def test_a_miss_says_that_an_answer_was_used_up() -> None:
    player = Player(Cassette((interaction(),)), match=choose_matcher(None))
    player.answer(request())
    with pytest.raises(NoMatchingInteraction, match="answered once already"):
        player.answer(request())


def test_a_refusal_leaves_the_interaction_unplayed() -> None:
    player = Player(
        Cassette((interaction(),)), match=choose_matcher(None), faults=[Refuse(times=1)]
    )
    assert player.answer(request()).status == 429
    assert not player.all_played
    assert player.answer(request()).status == 200


def test_a_server_on_this_machine_stands_for_any_host() -> None:
    player = Player(Cassette((interaction(),)), match=choose_matcher(None, any_host=True))
    assert player.find(request(url=HERE)) is not None
    strict = Player(Cassette((interaction(),)), match=choose_matcher(None))
    assert strict.find(request(url=HERE)) is None


def test_an_empty_recording_is_all_played_and_misses_everything() -> None:
    player = Player(Cassette(), match=choose_matcher(None), repeat=True)
    assert player.all_played
    assert player.find(request()) is None


def test_of_many_misses_the_first_are_kept_without_their_requests_and_all_are_counted() -> None:
    player = Player(Cassette((interaction(),)), match=choose_matcher(None))
    for number in range(1200):
        with pytest.raises(NoMatchingInteraction) as caught:
            player.answer(request(b'{"a":%d}' % (number + 2)))
        if number == 0:
            assert str(player.misses[0]) == str(caught.value)
            assert player.misses[0].differences == caught.value.differences
    assert (len(player.misses), player.missed) == (1000, 1200)
    assert all(miss.__traceback__ is None for miss in player.misses)


def test_a_fault_that_strikes_once_leaves_the_answer_to_who_asks_again() -> None:
    stream = b'data: "a"\n\ndata: "b"\n\n'
    player = Player(
        Cassette((interaction(said=stream),)),
        match=choose_matcher(None),
        repeat=True,
        faults=[Refuse(times=1), Drop(0, times=1)],
    )
    bodies = [b"".join(p.data for p in player.answer(request()).pieces) for _ in range(4)]
    assert bodies[1:] == [b'data: "b"\n\n', stream, stream]
    assert player.order == [0, 0, 0, 0]


@pytest.mark.parametrize("odd", ["body", 5, ["body"]])
@pytest.mark.parametrize("opens", [cv.RecordTransport, cv.ReplayTransport])
def test_a_matcher_that_cannot_be_called_is_refused_at_once(
    opens: Any, odd: Any, tmp_path: Path
) -> None:
    path = tmp_path / "a.yaml"
    cv.save_cassette(Cassette((interaction(),)), path)
    with pytest.raises(TypeError, match=r"match= is a function of two requests .* found "):
        opens(path, match=odd)
