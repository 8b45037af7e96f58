"""Parquet: what comes back is what was read; only what changed is read again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.cassettes.reading import read_conversations
from chatviz.cassettes.samples import sample, samples
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.datasets import passes
from chatviz.datasets.read_folder import read_folder
from chatviz.datasets.store import parts, writing
from chatviz.datasets.store.schema import KEY_COLUMNS
from chatviz.datasets.store.stored import StoredDataSet, open_dataset
from chatviz.errors import DataSetError

pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")

NAMES = tables.__all__

SCORECARDS: list[dict[str, Any]] = [
    {},
    {"by": "source", "min_n": 1},
    {"by": ["dialect", "provider"], "rank_by": "warnings", "min_n": 2},
]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read from now on."""
    names: list[str] = []
    cut = passes.cut_into_batches

    def note(entries: Any) -> Any:
        for batch in cut(entries):
            names.extend(entry.name for entry in batch)
            yield batch

    monkeypatch.setattr(passes, "cut_into_batches", note)
    return names


def assert_same(stored: StoredDataSet, folder: Path) -> None:
    """The tables on disk are those of the recordings."""
    fresh = read_folder(folder)
    for name, wanted in fresh.tables(*stored.names).items():
        pd.testing.assert_frame_equal(getattr(tables, name)(stored), wanted)
        pd.testing.assert_frame_equal(getattr(stored, name)(), wanted)
    pd.testing.assert_frame_equal(stored.files, fresh.files)


def test_every_table_comes_back_as_it_was(shelf: Path, tmp_path: Path) -> None:
    (shelf / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    (shelf / "README.md").write_text("recordings")
    shutil.copy(shelf / "a.yaml", shelf / "repeated.yaml")
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    assert stored.names == tuple(NAMES) or set(stored.names) == set(NAMES)
    assert_same(stored, shelf)
    assert_same(open_dataset(tmp_path / "out"), shelf)
    assert "14 tables, 1 part" in repr(stored)


def test_a_file_of_each_part_comes_back_in_the_order_of_names(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PART_BYTES", 1)
    monkeypatch.setattr(passes, "cut_into_batches", lambda entries: ([one] for one in entries))
    (shelf / "a.yaml").rename(shelf / "k.yaml")
    read_folder(shelf).to_parquet(tmp_path / "out")
    (shelf / "k.yaml").rename(shelf / "a.yaml")
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    assert len(stored.paths("usage_table")) == 4
    files = stored.files
    assert files["name"].tolist() == ["a.yaml", "inner/b.yml", "k.yaml", "z.yaml"]
    assert files["state"].tolist() == ["repeated", "read", "read", "read"]


def test_every_row_has_its_keys(shelf: Path, tmp_path: Path) -> None:
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    runs = stored.keyed_table("run_table").set_index(["file", "interaction"])
    assert runs.index.is_unique
    for name in NAMES:
        table = stored.keyed_table(name)
        assert list(table.columns[:5]) == [column.name for column in KEY_COLUMNS]
        known = table[table["run"].notna()]
        assert (known["schema_version"] == 1).all()
        ids = runs["run_id"].loc[list(zip(known["file"], known["interaction"], strict=True))]
        assert ids.tolist() == known["run_id"].tolist()
    of_file = runs.reset_index().groupby("file")["conversation_id"].nunique()
    talks = dict.fromkeys(of_file.index, 0)
    for talk in read_folder(shelf).conversations:
        talks[str(Path(talk.runs[0].source).relative_to(shelf))] += 1
    assert of_file.to_dict() == talks


def test_a_hash_of_a_run_is_the_same_in_another_format_and_place(tmp_path: Path) -> None:
    ids = []
    for folder, ending in (("one", "a.yaml"), ("two", "b/c.yaml")):
        path = tmp_path / folder / ending
        path.parent.mkdir(parents=True)
        cassette = load_cassette(sample("openrouter_kimi-k2_fireworks"))
        save_cassette(replace(cassette, extra={"note": ending}), path)
        stored = read_folder(tmp_path / folder).to_parquet(tmp_path / f"{folder}.out")
        ids.append(stored.keyed_table("run_table")[["run_id", "conversation_id"]].values.tolist())
    assert ids[0] == ids[1]


def test_findings_of_a_conversation_have_its_id(tmp_path: Path) -> None:
    """Made up: both steps call with the same id, which no step shows alone."""
    (tmp_path / "in").mkdir()
    text = sample("openrouter_kimi-k2_fireworks").read_text()
    (tmp_path / "in" / "a.yaml").write_text(text)
    stored = read_folder(tmp_path / "in").to_parquet(tmp_path / "out")
    findings, runs = stored.keyed_table("finding_table"), stored.keyed_table("run_table")
    own = findings[findings["run"].isna()]
    assert set(own["conversation_id"]) <= set(runs["conversation_id"])
    assert own["run_id"].isna().all()


def test_only_new_and_changed_files_are_read_again(
    shelf: Path, tmp_path: Path, reads: list[str]
) -> None:
    out = tmp_path / "out"
    read_folder(shelf).to_parquet(out)
    del reads[:]
    read_folder(shelf).to_parquet(out)
    assert reads == []

    shutil.copy(sample("anthropic_claude-sonnet-4"), shelf / "new.yaml")
    shutil.copy(sample("openrouter_kimi-k2_novita"), shelf / "z.yaml")
    stored = read_folder(shelf).to_parquet(out)
    assert reads == ["new.yaml", "z.yaml"]
    assert_same(stored, shelf)
    assert len(list((out / "usage_table").iterdir())) == len(stored.paths("usage_table"))


def test_rows_of_files_that_are_gone_stay(shelf: Path, tmp_path: Path) -> None:
    before = read_folder(shelf).to_parquet(tmp_path / "out").run_table()
    (shelf / "a.yaml").unlink()
    after = read_folder(shelf).to_parquet(tmp_path / "out").run_table()
    pd.testing.assert_frame_equal(after, before)


def test_a_repeated_recording_counts_once_its_first_file_has_changed(
    shelf: Path, tmp_path: Path
) -> None:
    shutil.copy(shelf / "a.yaml", shelf / "y.yaml")
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    assert stored.files["state"].tolist() == ["read", "read", "repeated", "read"]
    shutil.copy(sample("openrouter_kimi-k2_novita"), shelf / "a.yaml")
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    assert stored.files["state"].tolist() == ["read"] * 4
    assert_same(stored, shelf)


def test_a_file_that_could_not_be_read_is_tried_again_and_a_broken_one_is_not(
    shelf: Path, tmp_path: Path, reads: list[str]
) -> None:
    (shelf / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    (shelf / "link.yaml").symlink_to(shelf / "later")
    read_folder(shelf).to_parquet(tmp_path / "out")
    del reads[:]
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    assert reads == ["link.yaml"]
    assert stored.files["state"].tolist() == ["read", "bad", "read", "bad", "read"]


def test_an_interrupted_writing_goes_on_where_it_was(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(entries: Any) -> Any:
        for entry in entries:
            if entry.name == "z.yaml":
                raise KeyboardInterrupt
            yield [entry]

    with monkeypatch.context() as patched:
        patched.setattr(passes, "cut_into_batches", stop)
        with pytest.raises(KeyboardInterrupt):
            read_folder(shelf).to_parquet(tmp_path / "out")
    assert open_dataset(tmp_path / "out").files["name"].tolist() == ["a.yaml", "inner/b.yml"]
    assert_same(read_folder(shelf).to_parquet(tmp_path / "out"), shelf)


def test_parts_that_do_not_count_are_swept(shelf: Path, tmp_path: Path) -> None:
    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    left = tmp_path / "out" / "usage_table" / "0000000000000000.parquet"
    shutil.copy(stored.paths("usage_table")[0], left)
    assert_same(open_dataset(tmp_path / "out"), shelf)
    read_folder(shelf).to_parquet(tmp_path / "out")
    assert not left.exists()


FULL_DISK = """
import resource, sys
import chatviz as cv
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
try:
    cv.read_folder(sys.argv[1]).to_parquet(sys.argv[2])
except cv.ChatvizError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of a file's size there")
def test_a_full_disk_is_a_clear_error_and_what_was_there_stays(shelf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (shelf / "z.yaml").rename(tmp_path / "z.yaml")
    read_folder(shelf).to_parquet(out)
    before = open_dataset(out).chunk_table()
    (tmp_path / "z.yaml").rename(shelf / "z.yaml")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(shelf), str(out)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "DataSetError" in done.stdout, done.stderr
    assert "cannot be written: File too large" in done.stdout
    assert "make room, and write again" in done.stdout
    pd.testing.assert_frame_equal(open_dataset(out).chunk_table(), before)
    assert_same(read_folder(shelf).to_parquet(out), shelf)


def test_some_tables_are_enough(shelf: Path, tmp_path: Path) -> None:
    data = read_folder(shelf)
    stored = data.to_parquet(tmp_path / "out", tables=["run_table", "usage_table"])
    pd.testing.assert_frame_equal(tables.usage_table(stored), data.usage_table())
    with pytest.raises(DataSetError, match="wanted a table that was written, one of 'run_table'"):
        stored.chunk_table()
    with pytest.raises(DataSetError, match="add with the same tables"):
        data.to_parquet(tmp_path / "out")
    with pytest.raises(LookupError, match="wanted a table"):
        data.to_parquet(tmp_path / "out", tables=["cost"])
    with pytest.raises(ValueError, match="links within files"):
        read_folder(shelf, link="folder").to_parquet(tmp_path / "out")


def test_what_needs_the_recordings_says_so(shelf: Path, tmp_path: Path) -> None:
    stored = read_folder(shelf).to_parquet(tmp_path / "out", tables=["usage_table"])
    with pytest.raises(DataSetError, match=r"usage_table\(data, prices=…\).*read_folder"):
        tables.usage_table(stored, prices={})  # type: ignore[arg-type]


def test_a_scorecard_is_made_of_what_is_stored_of_each_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all samples, each file a part, one of them twice: by any grouping that of the files."""
    from pyarrow import parquet

    monkeypatch.setattr(writing, "PART_BYTES", 1)
    monkeypatch.setattr(passes, "cut_into_batches", lambda entries: ([one] for one in entries))
    folder = tmp_path / "in"
    folder.mkdir()
    for name in samples():
        shutil.copy(sample(name), folder / f"{name}.yaml")
    shutil.copy(sample("openrouter_kimi-k2_novita"), folder / "zz.yaml")
    (folder / "zzz.yaml").write_text("version: 2\ninteractions: 7\n")  # a part without a row
    stored = read_folder(folder).to_parquet(tmp_path / "out", tables=["scorecard_table"])
    paths = sorted(folder.glob("*.yaml"), key=lambda path: path.name)[:-2]
    talks = [talk for path in paths for talk in read_conversations(path)]
    assert len(stored.keyed_table("scorecard_table")) == sum(len(talk.runs) for talk in talks)
    parts_of_it = stored.paths("scorecard_table")
    assert {str(parquet.read_schema(one).field("gaps_s").type) for one in parts_of_it} in (
        {"list<element: double>"},
        {"list<item: double>"},
    )
    for options in SCORECARDS:
        wanted = tables.scorecard_table(talks, **options)
        assert wanted["answers"].sum() > wanted["gaps"].gt(0).sum() > 0
        assert wanted["usd_per_million_tokens"].notna().any()
        pd.testing.assert_frame_equal(stored.scorecard_table(**options), wanted, check_exact=True)
        here = tables.scorecard_table(read_folder(folder), **options)
        pd.testing.assert_frame_equal(here, wanted, check_exact=True)
    with pytest.raises(ValueError, match="by must name some of"):
        stored.scorecard_table(by="modl")


def test_a_store_without_a_scorecard_says_what_it_has(shelf: Path, tmp_path: Path) -> None:
    """As one that was written before scorecards were: it is read, and added to as it is."""
    older = [name for name in NAMES if name != "scorecard_table"]
    stored = read_folder(shelf).to_parquet(tmp_path / "out", tables=older)
    assert_same(stored, shelf)
    with pytest.raises(DataSetError, match=r"a table that was written.*found 'scorecard_table'"):
        stored.scorecard_table()
    with pytest.raises(DataSetError, match="add with the same tables, or write to another folder"):
        read_folder(shelf).to_parquet(tmp_path / "out")
    assert_same(read_folder(shelf).to_parquet(tmp_path / "out", tables=stored.names), shelf)


def test_a_data_set_is_of_one_place(shelf: Path, tmp_path: Path) -> None:
    read_folder(shelf).to_parquet(tmp_path / "out")
    with pytest.raises(DataSetError, match="their files may have the same names"):
        read_folder(shelf / "inner").to_parquet(tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no data set in"),
        ("[]", "is no list of a data set's parts"),
        ("{", "is no list of a data set's parts"),
        (
            json.dumps({"schema_version": 9, "place": "", "tables": [], "parts": []}),
            "has the schema version 9; this chatviz reads version 1",
        ),
    ],
)
def test_what_is_no_data_set_is_named(text: str | None, message: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / parts.MANIFEST).write_text(text)
    with pytest.raises(DataSetError, match=message):
        open_dataset(tmp_path)


def test_an_empty_folder_is_stored_too(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    stored = read_folder(tmp_path / "in").to_parquet(tmp_path / "out")
    assert_same(stored, tmp_path / "in")


def test_others_read_the_files_as_they_are(shelf: Path, tmp_path: Path) -> None:
    from pyarrow import parquet

    stored = read_folder(shelf).to_parquet(tmp_path / "out")
    usage = stored.keyed_table("usage_table")
    assert stored.arrow("usage_table").count_rows() == len(usage)
    plain = pd.read_parquet(stored.paths("usage_table")[0])
    pd.testing.assert_frame_equal(plain.astype(usage.dtypes), usage)
    schema = parquet.read_schema(stored.paths("chunk_table")[0])
    assert str(schema.field("at_s").type) == "double"
    assert str(schema.field("kind").type).startswith("dictionary<values=")
    assert str(schema.field("run_id").type) in ("string", "large_string")


@pytest.mark.parametrize("library", ["polars", "duckdb"])
def test_other_libraries_read_the_files(library: str, shelf: Path, tmp_path: Path) -> None:
    module = pytest.importorskip(library, reason=f"{library} is not installed; .ci/slow has it")
    stored = read_folder(shelf).to_parquet(tmp_path / "out", tables=["usage_table"])
    paths = stored.paths("usage_table")
    if library == "polars":
        rows = module.scan_parquet(paths).select("output_tokens").sum().collect().item()
    else:
        found = module.sql(f"select sum(output_tokens) from read_parquet({paths!r})")
        [(rows,)] = found.fetchall()
    assert rows == stored.usage_table()["output_tokens"].sum()


def test_without_pyarrow_the_error_says_what_to_install(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install 'chatviz-inspector\[parquet\]'"):
        read_folder(shelf).to_parquet(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_shared_recording_comes_back_from_parquet(
    shared_cassettes: Path, tmp_path: Path
) -> None:
    stored = read_folder(shared_cassettes).to_parquet(tmp_path / "out")
    assert_same(stored, shared_cassettes)
    for options in SCORECARDS:
        wanted = read_folder(shared_cassettes).scorecard_table(**options)
        pd.testing.assert_frame_equal(stored.scorecard_table(**options), wanted, check_exact=True)
