"""What is chosen: every choice takes its parts along, and a wrong one says what there is."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import Any

import pytest

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.storage import load_cassette
from chatviz.widgets.workbench import selection
from chatviz.widgets.workbench.selection import Selection


@pytest.fixture
def chosen(seeds: Any) -> Selection:
    return Selection(list(seeds))


def test_the_last_chunk_of_the_last_answer_is_chosen_first(chosen: Selection) -> None:
    assert (chosen.recording, chosen.talk, chosen.run, chosen.chunk) == (0, 0, 1, 29)
    assert chosen.chosen_run is chosen.conversation.runs[1]  # type: ignore[union-attr]
    assert chosen.chosen_chunk.index == 29  # type: ignore[union-attr]


def test_the_first_file_that_can_be_read_is_chosen(tmp_path: Path, seeds: Any) -> None:
    (tmp_path / "a.yaml").write_text("no: recording")
    chosen = Selection([tmp_path / "a.yaml", seeds.novita])
    assert chosen.recording == 1
    assert chosen.recordings[0].state == "unreadable"


def test_nothing_is_chosen_where_there_is_nothing(tmp_path: Path) -> None:
    for sources in (tmp_path, Cassette()):
        empty = Selection(sources)
        assert (empty.conversation, empty.chosen_run, empty.chosen_chunk) == (None, None, None)
        empty.pin()
        assert (empty.picks, empty.sides, empty.exported) == ([], [], [])
    assert Selection(tmp_path).name == "nothing"


def test_a_recording_is_chosen_by_number_name_path_or_itself(seeds: Any) -> None:
    cassette = load_cassette(seeds.novita)
    chosen = Selection([seeds.fireworks, cassette])
    for wanted in (1, -1, seeds.novita.name, cassette):
        chosen.choose_recording(0)
        chosen.choose_recording(wanted)
        assert chosen.recording == 1, wanted
    chosen.choose_recording(str(seeds.fireworks))
    assert chosen.recording == 0
    chosen.choose_recording(load_cassette(seeds.fireworks))
    assert chosen.recording == 0


def test_an_answer_takes_its_last_chunk_along(chosen: Selection) -> None:
    chosen.choose_run(0)
    assert chosen.chunk == 43
    chosen.choose_chunk(3)
    run = chosen.chosen_run
    assert run is not None
    chosen.choose_chunk(run.chunks[5])
    assert (chosen.run, chosen.chunk) == (0, 5)
    chosen.choose_run(chosen.conversation.runs[1])  # type: ignore[union-attr]
    assert (chosen.run, chosen.chunk) == (1, 29)


def test_a_wrong_choice_says_what_there_is(chosen: Selection, seeds: Any) -> None:
    with pytest.raises(IndexError, match="no run 2: there are 2, counted from 0"):
        chosen.choose_run(2)
    with pytest.raises(IndexError, match="no chunk 30"):
        chosen.choose_chunk(30)
    with pytest.raises(LookupError, match=r"'x' is none of the recordings: 'multi_tool"):
        chosen.choose_recording("x")
    other = Selection(seeds.novita).conversation
    with pytest.raises(LookupError, match="this conversation is none of the 1"):
        chosen.choose_talk(other)
    assert (chosen.run, chosen.chunk) == (1, 29)


def test_few_recordings_stay_read(seeds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    original = selection.open_one
    monkeypatch.setattr(selection, "MAX_KEPT", 2)
    monkeypatch.setattr(
        selection, "open_one", lambda one, *rest: (read.append(one.name), original(one, *rest))[1]
    )
    chosen = Selection([seeds.fireworks, seeds.novita, seeds.novita])
    for number in (1, 0, 2, 0, 1):
        chosen.choose_recording(number)
    assert len(read) == 4  # the second again: two others were looked at since


def test_looking_reads_what_waits_and_nothing_else(seeds: Any) -> None:
    chosen = Selection(list(seeds))
    assert [one.state for one in chosen.recordings] == ["read", "waiting"]
    for number in (0, 1):
        chosen.look(number, Lock())
    assert [one.answers for one in chosen.recordings] == [2, 2]


def test_a_name_has_a_number_where_there_are_several_conversations(seeds: Any) -> None:
    both = load_cassette(seeds.fireworks).interactions + load_cassette(seeds.novita).interactions
    chosen = Selection(Cassette(both))
    assert len(chosen.conversations) == 2
    chosen.choose_talk(1)
    assert chosen.name == "cassette, #1"
    chosen.pin()
    (picked,) = chosen.open_talks(chosen.picks)
    assert (picked.name, picked.talk) == ("cassette, #1", chosen.conversation)
