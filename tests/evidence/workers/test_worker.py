"""Functions in a process of their own: how each ends, and that none hangs us."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest

from chatviz.evidence.workers.ending import Ending
from chatviz.evidence.workers.worker import Worker

STARTED = """import sys; print('{"started": true}', flush=True); """
HANGS_AT_ONCE = "import threading; threading.Event().wait()"
NEVER_LOADS = f"{STARTED}{HANGS_AT_ONCE}"
NEVER_ENDS = f"""{STARTED}print('{{"loaded": true}}', flush=True); {HANGS_AT_ONCE}"""


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker(60.0) as one:
        yield one


def factor() -> int:
    return 7


def multiply(number: int) -> int:
    return number * factor()


# ---- what comes back


def test_what_a_function_returns_comes_back_with_its_time(worker: Worker) -> None:
    ended = worker.run(multiply, 6)
    assert ended == Ending("returned", 42)
    assert ended.seconds is not None and ended.seconds >= 0


def test_a_closure_a_lambda_and_a_builtin_are_sent(worker: Worker) -> None:
    held = {"a": [1]}

    def add(number: int) -> Any:
        return [held, number + factor()]

    assert worker.run(add, 1).value == [{"a": [1]}, 8]
    assert worker.run(lambda: held).value == held
    assert worker.run(math.hypot, 3, 4).value == 5
    assert worker.run(len, b"abc").value == 3


def test_a_function_of_a_notebook_is_sent_with_what_it_calls(worker: Worker) -> None:
    cell: dict[str, Any] = {"__name__": "__main__"}
    exec("import json\ndef inner(x): return json.dumps(x)\ndef outer(x): return inner([x])", cell)
    assert worker.run(cell["outer"], 1).value == "[1]"


def test_values_come_back_plain(worker: Worker) -> None:
    given = {
        1: (1, {2}),
        "d": Decimal("0.10"),
        "b": b"\xff",
        "none": None,
        "t": True,
        "s": "\ud800",
    }
    assert worker.run(lambda: given).value == {
        "1": [1, [2]],
        "d": "Decimal('0.10')",
        "b": "b'\\xff'",
        "none": None,
        "t": True,
        "s": "\ud800",
    }
    assert math.isnan(worker.run(lambda: math.nan).value)
    assert worker.run(lambda: 2**80).value == 2**80


def test_an_error_comes_back_with_its_place(worker: Worker) -> None:
    ended = worker.run(lambda: {}["missing"])
    assert (ended.ending, ended.error, ended.message) == ("raised", "KeyError", "'missing'")
    assert ended.place[1] == "<lambda>"
    assert worker.run(json.loads, "{").place[:2] == ("decoder.py", "raw_decode")
    assert worker.run(sys.exit, 3).error == "SystemExit"


def test_what_cannot_be_held_as_plain_values_is_an_error(worker: Worker) -> None:
    def nested() -> list[Any]:
        inner: list[Any] = []
        inner.append(inner)
        return inner

    assert worker.run(nested).error == "RecursionError"
    assert worker.run(lambda: "x" * (65 << 20)).message.startswith("wanted a result of at most")
    assert worker.run(factor).value == 7  # and it goes on


def test_what_a_function_prints_and_reads_does_not_get_among_the_answers(worker: Worker) -> None:
    def talk() -> str:
        print("loud")
        os.write(1, b"louder\n")
        return sys.stdin.read()

    assert worker.run(talk) == Ending("returned", "")


def test_one_process_runs_many_functions(worker: Worker) -> None:
    assert worker.run(os.getpid).value == worker.run(os.getpid).value != os.getpid()


# ---- what cannot be sent


def test_what_cannot_be_sent_is_said_before_anything_is_started() -> None:
    lock = Lock()

    def locked() -> None:
        with lock:
            pass

    worker = Worker(60.0, command=("there-is-no-such-program",))
    with pytest.raises(
        TypeError, match=r"found '.*locked'.*lock.*make that inside of the function"
    ):
        worker.run(locked)


def test_an_error_about_what_cannot_be_sent_shows_no_key() -> None:
    class Client:
        def __reduce__(self) -> str:
            raise ValueError("client with sk-proj-" + "aB3dE5fG7hJ9" * 4)

    client = Client()
    with pytest.raises(TypeError, match="cannot: make that") as caught:
        Worker(60.0).run(lambda: client)
    assert "sk-proj" not in str(caught.value)


def test_a_module_that_no_other_process_finds_goes_by_value(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    path = tmp_path / "found_nowhere.py"
    path.write_text("LIST = [1]\ndef inner(): return LIST\ndef outer(): return inner()\n")
    spec = importlib.util.spec_from_file_location("found_nowhere", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "found_nowhere", module)
    spec.loader.exec_module(module)
    assert worker.run(module.outer).value == [1]
    assert worker.run(_call, module.outer).value == [1]


def _call(function: Callable[[], Any]) -> Any:
    return function()


# ---- limits


@pytest.mark.parametrize(
    ("code", "limits_s", "ending"),
    [
        (HANGS_AT_ONCE, (60.0, 0.2), "hung"),
        (NEVER_LOADS, (60.0, 0.5), "hung"),
        (NEVER_ENDS, (0.2, 60.0), "hung"),
        ("", (60.0, 60.0), "died"),
        (STARTED, (60.0, 60.0), "died"),
    ],
)
def test_a_process_that_hangs_or_dies_is_ended_and_the_next_function_gets_another(
    code: str, limits_s: tuple[float, float], ending: str
) -> None:
    limit_s, start_s = limits_s
    worker = Worker(limit_s, start_s=start_s, command=(sys.executable, "-c", code))
    for _ in range(2):
        assert worker.run(len, b"x" * 1_000_000).ending == ending  # more than a pipe holds
    worker.close()


def test_a_function_that_hangs_is_ended_and_the_next_gets_a_fresh_process() -> None:
    with Worker(1.0) as worker:
        first = worker.run(os.getpid).value
        assert worker.run(_wait) == Ending("hung")
        assert worker.run(os.getpid).value != first


def _wait() -> None:
    Event().wait()


def test_a_function_that_ends_its_process_is_told_with_how_it_ended(worker: Worker) -> None:
    ended = worker.run(os._exit, 3)
    assert (ended.ending, ended.message) == ("died", "its process ended with exit code 3")
    assert worker.run(factor).value == 7


def test_each_new_process_is_prepared_first() -> None:
    def prepare() -> None:
        os.environ["CHATVIZ_PREPARED"] = "yes"

    def read() -> str | None:
        return os.environ.get("CHATVIZ_PREPARED")

    with Worker(60.0, prepare=prepare) as worker:
        assert worker.run(read).value == "yes"
        worker.run(os._exit, 0)
        assert worker.run(read).value == "yes"
    with Worker(60.0, prepare=lambda: {}["missing"]) as worker:
        for _ in range(2):
            assert worker.run(factor).error == "KeyError"


def test_an_interrupt_leaves_no_answer_for_the_next_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Worker(60.0) as worker:
        assert worker.run(factor).value == 7
        with monkeypatch.context() as patch:

            def interrupt(call: bytes) -> Ending:
                raise KeyboardInterrupt

            patch.setattr(worker, "_ask", interrupt)
            with pytest.raises(KeyboardInterrupt):
                worker.run(factor)
        assert worker.run(len, "ab").value == 2


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to look for it")
def test_what_a_function_started_ends_with_its_process() -> None:
    def start() -> int:
        waits = "import threading; threading.Event().wait()"
        return subprocess.Popen([sys.executable, "-c", waits]).pid

    with Worker(60.0) as worker:
        pid = worker.run(start).value
        assert _is_alive(pid)
    for _ in range(200):  # it was killed, and need not be gone the same moment
        if not _is_alive(pid):
            break
        Event().wait(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] not in "ZX"


def test_a_module_in_the_working_directory_is_not_imported_unless_it_was_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "decimal.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    with Worker(60.0) as worker:
        assert worker.run(lambda: __import__("decimal").__file__ != "decimal.py").value is True
