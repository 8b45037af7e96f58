"""A data set on Dask's local scheduler is that of one machine: values, dtypes, files."""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.cassettes.reading import read_conversations
from chatviz.cassettes.samples import sample, samples
from chatviz.datasets.cluster import tasks
from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.store.stored import open_dataset

dask = pytest.importorskip("dask.dataframe", reason="the extra 'dask' is not installed")
pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")

NAMES = sorted(tables.__all__)

SCORECARDS: list[dict[str, Any]] = [{}, {"by": "source"}, {"by": ["dialect", "provider"]}]


@pytest.fixture
def several_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is a task of its own."""
    monkeypatch.setattr(tasks, "MOST_FILES", 1)


def assert_same(found: Any, wanted: pd.DataFrame) -> None:
    """A frame of Dask has the values and the dtypes of a table, whatever its partitions."""
    assert isinstance(found, dask.DataFrame)
    assert dict(found.dtypes) == dict(wanted.dtypes)
    computed = found.compute()
    assert dict(computed.dtypes) == dict(wanted.dtypes)
    pd.testing.assert_frame_equal(computed.reset_index(drop=True), wanted)


@pytest.mark.usefixtures("several_tasks")
def test_every_table_is_that_of_one_machine(shelf: Path) -> None:
    (shelf / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    (shelf / "README.md").write_text("recordings")
    shutil.copy(shelf / "a.yaml", shelf / "k.yaml")
    data, here = read_folder(shelf, engine="dask"), read_folder(shelf)
    found, wanted = data.tables(), here.tables(*NAMES)
    assert sorted(found) == NAMES
    for name in NAMES:
        assert_same(found[name], wanted[name])
    assert found["chunk_table"].npartitions == len(data.entries)
    pd.testing.assert_frame_equal(data.files, here.files)
    assert_same(tables.usage_table(data), here.usage_table())
    assert_same(data.gap_table(longer_than_s=1e-9), here.gap_table(longer_than_s=1e-9))


@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")  # Dask's own
@pytest.mark.usefixtures("several_tasks")
def test_what_is_written_is_what_one_machine_writes(shelf: Path, tmp_path: Path) -> None:
    shutil.copy(shelf / "a.yaml", shelf / "k.yaml")
    stored = read_folder(shelf, engine="dask").to_parquet(tmp_path / "out")
    wanted = read_folder(shelf).tables(*NAMES)
    for name in NAMES:
        pd.testing.assert_frame_equal(
            open_dataset(tmp_path / "out").build_table(name), wanted[name]
        )
    assert len(stored.paths("usage_table")) == len(read_folder(shelf).entries)
    again = read_folder(shelf).to_parquet(tmp_path / "out")
    assert again.paths("usage_table") == stored.paths("usage_table")
    frame = dask.read_parquet(stored.paths("usage_table"))
    assert frame["output_tokens"].sum().compute() == wanted["usage_table"]["output_tokens"].sum()


@pytest.mark.usefixtures("several_tasks")
def test_a_scorecard_is_made_of_the_answers_of_all_tasks(tmp_path: Path) -> None:
    """Of all samples, each a task, one of them twice: by any grouping that of the files."""
    for name in samples():
        shutil.copy(sample(name), tmp_path / f"{name}.yaml")
    shutil.copy(sample("openrouter_kimi-k2_novita"), tmp_path / "zz.yaml")
    paths = sorted(tmp_path.glob("*.yaml"), key=lambda path: path.name)[:-1]
    talks = [talk for path in paths for talk in read_conversations(path)]
    data = read_folder(tmp_path, engine="dask")
    for options in SCORECARDS:
        wanted = tables.scorecard_table(talks, **options)
        found = tables.scorecard_table(data, **options)
        assert found.npartitions == 1
        assert_same(found, wanted)
    assert wanted["answers"].max() > 1


def test_the_configuration_of_dask_is_left_alone(shelf: Path) -> None:
    import dask as whole

    with whole.config.set({"dataframe.convert-string": True}):
        found = read_folder(shelf, engine="dask").run_table()
        assert whole.config.get("dataframe.convert-string") is True
    assert_same(found, read_folder(shelf).run_table())


def test_files_runs_and_conversations_are_there_without_a_table(shelf: Path) -> None:
    data, here = read_folder(shelf, engine="dask"), read_folder(shelf)
    assert repr(data) == f"<DaskDataSet: 3 files of {str(shelf)!r}: 3 waiting>"
    pd.testing.assert_frame_equal(data.files, here.files)
    assert [run.body for run in data.runs] == [run.body for run in here.runs]
    assert len(list(data)) == len(list(data.conversations)) == len(list(here.conversations))


def test_an_archive_is_one_task_and_an_empty_folder_none(shelf: Path, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz") as tar:
        for path in sorted(shelf.glob("*.yaml")):
            tar.add(path, path.name)
    found = read_folder(tmp_path / "a.tar.gz", engine="dask").usage_table()
    assert found.npartitions == 1
    assert_same(found, read_folder(tmp_path / "a.tar.gz").usage_table())
    (tmp_path / "empty").mkdir()
    nothing = read_folder(tmp_path / "empty", engine="dask")
    assert_same(nothing.run_table(), read_folder(tmp_path / "empty").run_table())


def test_tasks_are_balanced(shelf: Path) -> None:
    entries = read_folder(shelf).entries * 40
    cut = tasks.cut_into_tasks(entries, 2)
    assert [entry for task in cut for entry in task] == list(entries)
    sizes = [sum(entry.size_bytes or 0 for entry in task) for task in cut]
    assert max(sizes) <= tasks.LEAST_BYTES


@pytest.mark.usefixtures("several_tasks")
def test_a_file_that_is_another_when_its_task_runs_again_costs_its_own_rows(shelf: Path) -> None:
    """Dask may run a task again, after the files were counted: here one is gone by then."""
    entries = list(read_folder(shelf).entries)
    rows = tasks.read_files(entries, [tasks.Wanted("run_table")], False)
    records, runs, _ = tasks.tell(rows)
    first = runs.cumsum() - runs
    counted = tasks.CountedFiles(records, first, first)
    whole = tasks.number_rows(rows, "run_table", counted)
    (shelf / "inner" / "b.yml").unlink()
    again = tasks.read_files(entries, [tasks.Wanted("run_table")], False)
    found = tasks.number_rows(again, "run_table", counted)
    wanted = whole[whole["source"] != str(shelf / "inner" / "b.yml")].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, wanted)


def test_what_cannot_be_on_a_cluster_says_so(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="by must name some of"):
        read_folder(shelf, engine="dask").scorecard_table(by="modl")
    with pytest.raises(ValueError, match="engine is 'dask' or None, found 'spark'"):
        read_folder(shelf, engine="spark")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="links within files"):
        read_folder(shelf, engine="dask", link="folder")  # type: ignore[call-overload]
    with pytest.raises(LookupError, match="wanted a table"):
        read_folder(shelf, engine="dask").tables("cost")
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(ImportError, match=r"pip install 'chatviz-inspector\[dask\]'"):
        read_folder(shelf, engine="dask").run_table()


def test_every_shared_recording_is_the_same_on_dask(shared_cassettes: Path) -> None:
    data, here = read_folder(shared_cassettes, engine="dask"), read_folder(shared_cassettes)
    found, wanted = data.tables(), here.tables(*NAMES)
    for name in NAMES:
        assert_same(found[name], wanted[name])
