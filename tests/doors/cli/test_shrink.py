"""``chatviz shrink``: what is printed, what is written, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import chatviz as cv
from tests.doors.cli.conftest import KIMI, Run


def test_it_prints_what_is_left_and_the_texts_in_it(cli: Run) -> None:
    told = cli("shrink", KIMI, "--finding", "role_repeated")
    assert told.code == 0 and told.err == ""
    assert told.out.startswith("chatviz finds role_repeated: 30 chunks (9,280 bytes) became 2")
    assert '"role":"' in told.out and "data: [DONE]" in told.out
    assert "request: URL  https://openrouter.ai/api/v1/chat/completions" in told.out


def test_it_writes_the_recording_the_test_and_the_issue(cli: Run, tmp_path: Path) -> None:
    small, test, issue = (tmp_path / name for name in ("small.yaml", "test_it.py", "issue.md"))
    told = cli(
        "shrink", KIMI, "--finding", "role_repeated",
        "-o", small, "--test", test, "--issue", issue,
    )  # fmt: skip
    assert told.out.endswith(f"Written: {small}\nWritten: {test}\nWritten: {issue}\n")
    (run,) = cv.read_runs(small)
    assert len(run.chunks) == 2 and "role_repeated" in {one.code for one in run.findings}
    assert test.read_text().startswith('"""chatviz finds role_repeated.')
    assert issue.read_text().startswith("# chatviz finds role_repeated\n")
    assert cli("lint", small, "--fail-on", "role_repeated").code == 1


def test_a_budget_is_kept_and_told(cli: Run) -> None:
    told = cli("shrink", KIMI, "--finding", "role_repeated", "--max-tries", 3)
    assert told.code == 0 and "in 3 tries; stopped by max_tries" in told.out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "wanted one of --finding CODE and --sdk NAME"),
        (("--finding", "no_clock", "--sdk", "openai"), "wanted one of --finding CODE"),
        (("--finding", "no_clok"), "near it: no_clock"),
        (("--finding", "think_tags"), "it is true of none"),
        (("--sdk", "opanai"), "one of ai-sdk, anthropic"),
    ],
)
def test_what_cannot_be_shrunk_is_said_in_a_sentence(
    cli: Run, words: tuple[str, ...], error: str
) -> None:
    told = cli("shrink", KIMI, *words)
    assert told.code == 2 and told.out == ""
    assert error in " ".join(told.err.split())
