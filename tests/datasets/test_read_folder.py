"""A data set: listed at once, read when wanted, equal to the plain loop over its files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.cassettes.reading import read_conversations, read_runs
from chatviz.cassettes.samples import sample
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.datasets import passes
from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.rows import LINKED
from chatviz.measures.money.prices import Price
from chatviz.tables.columns.columns import TableColumns

NAMES = ["a.yaml", "inner/b.yml", "z.yaml"]
every_table = pytest.mark.parametrize("name", tables.__all__)


def paths_of(folder: Path) -> list[Path]:
    return [folder / name for name in NAMES]


def test_a_folder_is_listed_by_name_and_nothing_is_read(shelf: Path) -> None:
    data = read_folder(shelf)
    assert [entry.name for entry in data.entries] == NAMES
    assert data.files_so_far["state"].tolist() == ["waiting"] * 3
    assert repr(data) == f"<DataSet: 3 files of {str(shelf)!r}: 3 waiting>"


def test_the_files_say_what_became_of_each(shelf: Path) -> None:
    files = read_folder(shelf).files
    assert files["name"].tolist() == NAMES
    assert files["format"].tolist() == ["go-vcr"] * 3
    assert files["size_bytes"].tolist() == [path.stat().st_size for path in paths_of(shelf)]
    assert files["state"].tolist() == ["read"] * 3
    assert files["reason"].isna().all()
    runs = [len(read_runs(path)) for path in paths_of(shelf)]
    assert files["runs"].tolist() == runs


@every_table
def test_a_table_of_a_data_set_is_that_of_its_runs_one_file_after_another(
    name: str, shelf: Path
) -> None:
    runs = [run for path in paths_of(shelf) for run in read_runs(path)]
    data, build = read_folder(shelf), getattr(tables, name)
    if name not in LINKED:  # a scorecard links the runs, which here stay in their files
        pd.testing.assert_frame_equal(build(data), build(runs))
    pd.testing.assert_frame_equal(build(data), getattr(data, name)())
    pd.testing.assert_frame_equal(build(data), data.tables(name)[name])


@pytest.mark.parametrize("name", sorted(LINKED - {"scorecard_table"}))
def test_a_table_of_conversations_stays_within_each_file(name: str, shelf: Path) -> None:
    frames, runs, talks = [], 0, 0
    for path in paths_of(shelf):
        found = read_conversations(path)
        frame = getattr(tables, name)(found)
        for column, before in (("run", runs), ("earlier_run", runs), ("conversation", talks)):
            if column in frame:
                frame[column] += before
        frames.append(frame)
        runs += sum(len(talk.runs) for talk in found)
        talks += len(found)
    wanted = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    pd.testing.assert_frame_equal(getattr(tables, name)(read_folder(shelf)), wanted)


def test_a_table_has_its_own_options(shelf: Path) -> None:
    prices = {"*": Price(input=1, output=2)}
    data = read_folder(shelf)
    runs = [run for path in paths_of(shelf) for run in read_runs(path)]
    found = data.usage_table(prices=prices)
    pd.testing.assert_frame_equal(found, tables.usage_table(runs, prices=prices))
    assert len(data.gap_table(longer_than_s=1e-9)) >= len(data.gap_table())


def test_runs_and_conversations_are_read_anew_each_time(shelf: Path) -> None:
    data = read_folder(shelf)
    runs = [run for path in paths_of(shelf) for run in read_runs(path)]
    for _ in range(2):
        assert [run.body for run in data.runs] == [run.body for run in runs]
        talks = [talk for path in paths_of(shelf) for talk in read_conversations(path)]
        assert [len(talk.runs) for talk in data.conversations] == [len(t.runs) for t in talks]
    assert [run.source for run in data.runs] == [run.source for run in runs]
    assert next(iter(data)).runs[0].body == runs[0].body


def test_one_file_is_in_memory_at_a_time(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    keep = passes.open_entry
    monkeypatch.setattr(passes, "open_entry", lambda one: (opened.append(one.name), keep(one))[1])
    runs = iter(read_folder(shelf).runs)
    next(runs)
    assert opened == ["a.yaml"]


def test_the_same_recording_counts_once_in_whatever_format(shelf: Path) -> None:
    shutil.copy(shelf / "a.yaml", shelf / "y.yaml")
    copy = load_cassette(shelf / "inner" / "b.yml")
    save_cassette(copy, shelf / "zz.yaml")
    assert (shelf / "zz.yaml").read_bytes() != (shelf / "inner" / "b.yml").read_bytes()
    data = read_folder(shelf)
    assert data.files["state"].tolist() == ["read", "read", "repeated", "read", "repeated"]
    assert data.files["reason"].dropna().tolist() == [
        "it holds the same as 'a.yaml', and is counted there",
        "it holds the same as 'inner/b.yml', and is counted there",
    ]
    runs = [run for path in paths_of(shelf) for run in read_runs(path)]
    pd.testing.assert_frame_equal(data.chunk_table(), tables.chunk_table(runs))
    assert sum(1 for _ in data.runs) == len(runs)


def test_linking_stays_within_files_unless_it_is_asked_for(tmp_path: Path) -> None:
    whole = load_cassette(sample("openrouter_kimi-k2_fireworks"))
    for number, interaction in enumerate(whole.interactions):
        save_cassette(replace(whole, interactions=(interaction,)), tmp_path / f"{number}.yaml")
    apart, together = read_folder(tmp_path), read_folder(tmp_path, link="folder")
    assert [len(talk.runs) for talk in apart.conversations] == [1, 1]
    assert [len(talk.runs) for talk in together.conversations] == [2]
    for name in tables.__all__:
        runs, talks = list(together.runs), list(together.conversations)
        wanted = getattr(tables, name)(talks if name in LINKED else runs)
        pd.testing.assert_frame_equal(together.build_table(name), wanted)
    assert len(apart.cache_table()) == 0
    with pytest.raises(ValueError, match="link is 'file' or 'folder', found 'all'"):
        read_folder(tmp_path, link="all")  # type: ignore[arg-type]


def test_what_an_interrupted_reading_has_read_is_kept(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = read_folder(shelf)
    read: list[str] = []
    one_by_one(monkeypatch, read, stops_at="z.yaml")
    with pytest.raises(KeyboardInterrupt):
        data.chunk_table()
    part = data.so_far
    assert part.files["state"].tolist() == ["read", "read"]
    runs = [run for path in paths_of(shelf)[:2] for run in read_runs(path)]
    pd.testing.assert_frame_equal(part.chunk_table(), tables.chunk_table(runs))
    assert read == ["a.yaml", "inner/b.yml"]  # nothing was read again

    one_by_one(monkeypatch, read)
    whole = data.chunk_table()
    assert read == NAMES
    pd.testing.assert_frame_equal(whole, read_folder(shelf).chunk_table())


def one_by_one(monkeypatch: pytest.MonkeyPatch, read: list[str], stops_at: str = "") -> None:
    """Read each file as a batch of its own, and note it; at one of them somebody presses Ctrl-C."""

    def cut(entries: Iterator[Any]) -> Iterator[list[Any]]:
        for entry in entries:
            if entry.name == stops_at:
                raise KeyboardInterrupt
            read.append(entry.name)
            yield [entry]

    monkeypatch.setattr(passes, "cut_into_batches", cut)


def test_a_file_that_breaks_a_table_costs_its_row_only(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatviz.datasets import batches

    kind = batches.ROWS["run_table"]

    def collect(runs: Any) -> TableColumns:
        if any("inner" in run.source for run in runs):
            raise ZeroDivisionError("by nothing")
        return kind.collect(runs)

    broken = type(kind)("run_table", collect, kind.columns)
    monkeypatch.setitem(batches.ROWS, "run_table", broken)
    data = read_folder(shelf)
    assert set(data.run_table()["source"]) == {str(shelf / "a.yaml"), str(shelf / "z.yaml")}
    assert data.files_so_far["reason"].dropna().tolist() == ["ZeroDivisionError: by nothing"]


def test_a_file_of_which_no_frame_can_be_built_costs_its_row_only(
    shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chatviz.datasets import batches

    kind = batches.ROWS["run_table"]

    def collect(runs: Any) -> TableColumns:
        found = kind.collect(runs)
        broken = ["none"] if any("inner" in run.source for run in runs) else found.values["chunks"]
        return TableColumns(found.columns, {**found.values, "chunks": broken})

    broken = type(kind)("run_table", collect, kind.columns)
    monkeypatch.setitem(batches.ROWS, "run_table", broken)
    data = read_folder(shelf)
    assert set(data.run_table()["source"]) == {str(shelf / "a.yaml"), str(shelf / "z.yaml")}
    assert data.files_so_far["state"].tolist() == ["read", "bad", "read"]


def test_a_table_that_is_not_there_is_named(shelf: Path) -> None:
    with pytest.raises(LookupError, match=r"one of 'argument_table'.*'cost'"):
        read_folder(shelf).tables("cost")


def test_a_progress_bar_tells_rate_and_bad_files(
    shelf: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatviz.progress_bar.FIRST_AFTER_S", 0.0)
    (shelf / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    assert len(read_folder(shelf, progress=True).run_table()) > 0
    told = capsys.readouterr().err
    assert "4/4" in told
    assert "bad=1" in told
    assert "file/s" in told
    read_folder(shelf).run_table()
    assert capsys.readouterr().err == ""


def test_every_shared_recording_is_the_same_in_a_data_set(shared_cassettes: Path) -> None:
    data = read_folder(shared_cassettes)
    read = data.files.query("state == 'read'")
    runs = [run for name in read["name"] for run in read_runs(shared_cassettes / name)]
    talks = [talk for name in read["name"] for talk in read_conversations(shared_cassettes / name)]
    assert len(read) >= 45
    found = data.tables()
    for name in tables.__all__:
        if name != "cache_table":
            wanted = getattr(tables, name)(talks if name == "scorecard_table" else runs)
            pd.testing.assert_frame_equal(found[name], wanted)
