"""A real cluster on this machine: worker processes that are killed, files that vanish, a store.

The files are synthetic: packaged samples, each with another name of the user in its request.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import chatviz.tables as tables
from chatviz.cassettes.samples import sample
from chatviz.datasets.cluster import tasks
from chatviz.datasets.read_folder import read_folder

dask = pytest.importorskip("dask", reason="the extra 'dask' is not installed")
distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # those of Dask and its network library
    pytest.mark.timeout(900),
]

NAMES = sorted(tables.__all__)
SAMPLES = ("openrouter_kimi-k2_fireworks", "gemini_2.5-flash", "anthropic_claude-sonnet-4")
LOCAL: Any = {"dashboard_address": None, "memory_limit": 0}
USER = re.compile(r'(\\?")role\1:( ?)\1user\1')


def make_many(folder: Path, count: int) -> Path:
    """Write synthetic recordings, of which no two hold the same."""
    texts = [sample(name).read_text(encoding="utf-8") for name in SAMPLES]
    for number in range(count):
        name = rf"\g<0>,\g<1>name\g<1>:\g<1>synthetic {number}\g<1>"
        path = folder / f"{number // 1000:03}" / f"synthetic_{number:06}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(USER.sub(name, texts[number % len(texts)]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """Two worker processes on this machine, without a page and without a limit of memory."""
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOCAL)
    with cluster, distributed.Client(cluster) as connected:
        yield connected


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten files are a task."""
    monkeypatch.setattr(tasks, "MOST_FILES", 10)


def workers_of(client: Any) -> list[int]:
    return list(client.run(os.getpid).values())


def assert_same(found: dict[str, Any], folder: Path | str, **options: Any) -> None:
    wanted = read_folder(folder, **options).tables(*found)
    for name, frame in found.items():
        computed = frame.compute().reset_index(drop=True)
        pd.testing.assert_frame_equal(computed, wanted[name])


@pytest.mark.usefixtures("client", "small_tasks")
def test_every_table_of_a_cluster_is_that_of_one_machine(tmp_path: Path) -> None:
    folder = make_many(tmp_path / "in", 60)
    (folder / "broken.yaml").write_text("version: 2\ninteractions: 7\n")
    data = read_folder(folder, engine="dask")
    assert_same(data.tables(*NAMES), folder)
    pd.testing.assert_frame_equal(data.files, read_folder(folder).files)


@pytest.mark.usefixtures("small_tasks")
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(
    client: Any, tmp_path: Path
) -> None:
    folder = make_many(tmp_path / "in", 300)
    killed: list[int] = []

    def kill_soon() -> None:
        victim = workers_of(client)[0]
        killed.append(victim)
        os.kill(victim, signal.SIGKILL)

    killer = threading.Timer(1.0, kill_soon)
    killer.start()
    data = read_folder(folder, engine="dask")
    found = data.tables("run_table", "chunk_table")
    killer.join()
    assert killed
    assert_same(found, folder)
    os.kill(workers_of(client)[-1], signal.SIGKILL)  # what it had is computed again
    assert_same(found, folder)


@pytest.mark.usefixtures("small_tasks")
def test_a_worker_that_is_killed_while_parts_are_written_loses_nothing(
    client: Any, tmp_path: Path
) -> None:
    folder = make_many(tmp_path / "in", 200)
    killer = threading.Timer(1.0, lambda: os.kill(workers_of(client)[0], signal.SIGKILL))
    killer.start()
    stored = read_folder(folder, engine="dask").to_parquet(tmp_path / "out")
    killer.join()
    wanted = read_folder(folder).tables("run_table", "usage_table")
    for name, table in wanted.items():
        pd.testing.assert_frame_equal(stored.build_table(name), table)
    assert stored.keyed_table("run_table").set_index(["file", "interaction"]).index.is_unique


@pytest.mark.usefixtures("client", "small_tasks")
def test_a_file_that_vanishes_costs_its_row(tmp_path: Path) -> None:
    folder = make_many(tmp_path / "in", 40)
    data = read_folder(folder, engine="dask")
    (folder / "000" / "synthetic_000007.yaml").unlink()
    found = data.tables("run_table")
    states = data.files.set_index("name")["state"]
    assert states[states != "read"].to_dict() == {"000/synthetic_000007.yaml": "bad"}
    assert_same(found, folder)


@pytest.mark.usefixtures("small_tasks")
def test_a_file_that_ends_every_worker_costs_its_row(tmp_path: Path) -> None:
    """Made up: workers that end at one file, as they do where it is too large for them."""
    folder = make_many(tmp_path / "in", 30)
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, **LOCAL) as cluster,
        distributed.Client(cluster) as poisoned,
    ):
        poisoned.register_plugin(Poison())
        data = read_folder(folder, engine="dask")
        found = data.run_table()
        bad = data.files.query("state == 'bad'")
        assert bad["name"].tolist() == ["000/synthetic_000013.yaml"]
        assert "the process that read it ended" in bad["reason"].iloc[0]
        assert found["source"].compute().nunique() == 29


class Poison(distributed.WorkerPlugin):
    """Ends its worker where it is to read one of the files."""

    def setup(self, worker: Any) -> None:
        from chatviz.datasets import batches

        read = batches.open_entry

        def read_or_end(entry: Any) -> Any:
            if entry.name.endswith("13.yaml"):
                os._exit(9)
            return read(entry)

        batches.open_entry = read_or_end


def test_thousands_of_small_files_are_counted_right(client: Any, tmp_path: Path) -> None:
    """A worker dies meanwhile."""
    count = int(os.environ.get("CHATVIZ_SMALL_FILES", "4000"))
    folder = make_many(tmp_path / "in", count)
    data = read_folder(folder, engine="dask")
    killer = threading.Timer(count / 4000, lambda: os.kill(workers_of(client)[0], signal.SIGKILL))
    killer.start()
    stored = data.to_parquet(tmp_path / "out", tables=["run_table", "usage_table"])
    killer.join()
    files, runs = stored.files, stored.keyed_table("run_table")
    assert len(files) == files["name"].nunique() == count
    assert set(files["state"]) == {"read"}
    each = {name: len(read_folder(sample(name)).run_table()) for name in SAMPLES}
    wanted = sum(each[SAMPLES[number % len(SAMPLES)]] for number in range(count))
    assert len(runs) == runs["run_id"].nunique() == wanted
    assert len(stored.usage_table()) == wanted


MOTO = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=int(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def store() -> Iterator[dict[str, Any]]:
    """A server that speaks S3, on this machine; ``CHATVIZ_MOTO`` is the Python that has moto."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    python = os.environ.get("CHATVIZ_MOTO", sys.executable)
    probe = subprocess.run([python, "-c", "import moto.server"], capture_output=True)
    if probe.returncode:
        pytest.skip("moto is not installed: set CHATVIZ_MOTO to the Python that has it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([python, "-c", MOTO, str(port)], text=True, **pipes) as server:
        assert server.stdout is not None
        assert "ready\n" in iter(server.stdout.readline, "")
        yield {
            "key": "synthetic",
            "secret": "synthetic",
            "endpoint_url": f"http://127.0.0.1:{port}",
        }
        server.kill()


@pytest.mark.usefixtures("client", "small_tasks")
def test_a_bucket_is_read_by_the_workers(store: dict[str, Any], tmp_path: Path) -> None:
    import s3fs

    folder = make_many(tmp_path / "in", 60)
    (folder / "README.md").write_text("synthetic")
    bucket = s3fs.S3FileSystem(**store)
    bucket.mkdir("recordings")
    bucket.put(str(folder), "recordings/talks", recursive=True)
    url = "s3://recordings/talks"
    data = read_folder(url, engine="dask", storage_options=store)
    found = data.tables(*NAMES)
    assert_same(found, url, storage_options=store)
    local = read_folder(folder).tables("run_table")["run_table"].drop(columns="source")
    here = found["run_table"].compute().reset_index(drop=True).drop(columns="source")
    pd.testing.assert_frame_equal(here, local)
    stored = data.to_parquet(tmp_path / "out", tables=["usage_table"])
    states = stored.files["state"].tolist()
    assert (states.count("read"), states.count("no recording"), len(states)) == (60, 1, 61)
    again = read_folder(url, engine="dask", storage_options=store)
    again.to_parquet(tmp_path / "out", tables=["usage_table"])
    assert all(record.state == "waiting" for record in again._reading.records)  # none was read
