"""``chatviz sdks``: what is printed, exit codes, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chatviz.evidence.sdks.sdk import SDK, Adapter
from tests.doors.cli.conftest import KIMI, Run


def _keep_text(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    return {"text": "kept\x1b[31m"}


def _fail(body: bytes, request: dict[str, Any]) -> None:
    raise ValueError("no\x1b[31m")


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Made-up libraries, so that what they read is known."""
    known = {
        "failing": SDK("failing", (Adapter(_fail),), {"failing": "2.0"}),
        "other": SDK("other", (Adapter(_keep_text),), {"other": "1.0"}),
        "none": SDK("none", (), {"none": "1.0"}),
        "absent": SDK("absent", (), {}, is_absent=True),
    }
    for module in ("sdk", "matrix"):
        monkeypatch.setattr(f"chatviz.evidence.sdks.{module}.find_sdks", lambda: known)


def test_a_library_that_reads_what_was_sent_is_fine(cli: Run) -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    told = cli("sdks", KIMI, "--sdk", "openai")
    assert told.code == 0 and told.err == ""
    assert told.out.startswith("2 answers, 1 library: 2 same.")
    assert "library  version  same  µs a chunk  chatviz, µs a chunk" in told.out


@pytest.mark.usefixtures("made_up")
def test_what_differs_is_told_with_both_sides_and_controls_no_terminal(cli: Run) -> None:
    told = cli("sdks", KIMI)
    assert told.code == 1
    assert "absent: absent" in told.out and "\x1b[31m" not in told.out
    assert "wrong  other  multi_tool_streaming_kimi-k2_fireworks.yaml #0" in told.out
    assert "text: sent I'll add and multiply" in told.out and "read kept\\u001b[31m" in told.out
    assert (
        "raises  failing" in told.out
        and "ValueError: no\\u001b[31m (in _fail, test_sdks.py" in told.out
    )
    assert "calls: sent add, multiply, read nothing" in told.out


@pytest.mark.usefixtures("made_up")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--sdk", "other"), 1),
        (("--sdk", "other", "--fail-on", "hangs"), 0),
        (("--sdk", "failing", "--fail-on", "raises"), 1),
        (("--fail-on", "never"), 0),
        (("--sdk", "none"), 0),
    ],
)
def test_the_exit_code_says_whether_something_differs(
    cli: Run, words: tuple[str, ...], code: int
) -> None:
    assert cli("sdks", KIMI, *words).code == code


@pytest.mark.usefixtures("made_up")
def test_the_page_is_written(cli: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert cli("sdks", KIMI, "-o", page).out.endswith(f"Written: {page}\n")
    text = page.read_text(encoding="utf-8")
    assert "What the words mean" in text and "<script" not in text


@pytest.mark.usefixtures("made_up")
def test_every_cell_is_told_to_programs(cli: Run) -> None:
    told = cli("sdks", KIMI, "--json")
    document = json.loads(told.out)
    assert told.code == 1 and document["libraries"]["absent"] is None
    cells = {(one["run"], one["sdk"]): one for one in document["cells"]}
    assert cells[0, "other"]["verdict"] == "wrong" and cells[0, "other"]["read"] == "kept\x1b[31m"
    assert len(cells) == 8


def test_what_cannot_be_asked_is_said_in_a_sentence(cli: Run, tmp_path: Path) -> None:
    told = cli("sdks", KIMI, "--sdk", "opanai")
    assert told.code == 2 and "Did you mean 'openai'?" in told.err
    path = tmp_path / "no_chat.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": []}}))
    assert cli("sdks", path).code == 2
    assert cli("sdks", tmp_path / "missing.yaml").code == 2
