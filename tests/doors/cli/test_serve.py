"""``chatviz serve`` answers over a socket."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from tests.doors.cli.conftest import BODY, Run


def test_a_saved_answer_is_given_to_whoever_asks_for_anything(tmp_path: Path) -> None:
    (tmp_path / "answer.sse").write_bytes(BODY)
    command = [sys.executable, "-m", "chatviz", "serve", str(tmp_path / "answer.sse")]
    with subprocess.Popen(
        [*command, "--any", "--repeat"], stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        try:
            url = program.stdout.readline().split(" at ")[1].strip()
            for asked in ({"model": "a"}, {"model": "b", "stream": True}):
                answer = httpx.post(f"{url}/chat/completions", json=asked)
                assert (answer.status_code, answer.content) == (200, BODY)
        finally:
            program.terminate()


def test_any_and_ignore_do_not_go_together(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "answer.sse").write_bytes(BODY)
    told = cli("serve", tmp_path / "answer.sse", "--any", "--ignore", "model")
    assert told.code == 2 and "--any compares nothing of a request" in told.err
