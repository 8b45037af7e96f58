"""A folder of recordings, of every kind that a real one holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chatviz.cassettes.samples import sample

SAMPLES = ("gemini_2.5-flash", "openrouter_kimi-k2_fireworks", "synthetic_timed")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Three recordings, one of them in a folder of its own, and one that is hidden."""
    folder = tmp_path / "shelf"
    (folder / "inner").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    shutil.copy(sample(SAMPLES[0]), folder / "a.yaml")
    shutil.copy(sample(SAMPLES[1]), folder / "inner" / "b.yml")
    shutil.copy(sample(SAMPLES[2]), folder / "z.yaml")
    shutil.copy(sample(SAMPLES[2]), folder / ".hidden" / "no.yaml")
    return folder
