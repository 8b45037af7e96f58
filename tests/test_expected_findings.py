"""What is odd about each shared recording, reviewed by hand against its bytes: no code more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatviz.cassettes.reading import read_runs

EXPECTED: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("expected_findings.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_recording_has_exactly_the_findings_that_were_reviewed(
    shared_cassettes: Path, name: str
) -> None:
    found = {
        str(run.interaction): sorted(finding.code for finding in run.findings)
        for run in read_runs(shared_cassettes / name)
    }
    assert found == EXPECTED[name]
