"""Our own tool loop ends readably, whatever is done to a recording of it.

Each fault at the first, a middle and the last chunk of both answers, and wherever something else
begins; ``benchmarks/fault_matrix.py`` tries every chunk.
"""

from __future__ import annotations

from functools import partial

import pytest

import chatviz as cv
from chatviz.evidence.fault_matrix.planning.chunk_choice import boundaries
from tests.seed_agent import SEEDS, UnreadableError, converse

pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra: server)")


@pytest.mark.parametrize("seed", SEEDS)
def test_it_ends_readably_in_every_cell(seed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)
    runs = cv.read_runs(cv.sample(seed))
    struck = {n for run in runs for n in (0, len(run.chunks) // 2, len(run.chunks) - 1)}
    struck |= {chunk for run in runs for chunk in boundaries(run)}
    matrix = cv.fault_matrix(
        seed, partial(converse, seed), over="server", chunks=struck, limit_s=30.0
    )
    assert matrix.unasked == () and matrix.stopped == "" and len(matrix.cells) > 90
    for cell in matrix.cells:
        assert cell.verdict not in ("hung", "died"), cell.sentence
        assert cell.error in ("", "RuntimeError"), (cell.sentence, cell.message)
    told = {(cell.fault, cell.verdict) for cell in matrix.cells}
    assert ("stall", "right") in told and ("refuse", "right") in told and ("cut", "raised") in told
    assert {verdict for fault, verdict in told if fault in ("stall", "refuse")} == {"right"}
    assert not {verdict for fault, verdict in told if fault in ("cut", "end", "error")} & {"wrong"}


def test_what_cannot_be_looked_at_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise KeyError("a column")

    monkeypatch.setattr("tests.seed_agent.cv.run_table", fail)
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)
    seed = "openrouter_kimi-k2_fireworks"
    with (
        cv.ReplayServer(cv.sample(seed)) as server,
        pytest.raises(UnreadableError, match="KeyError"),
    ):
        converse(seed, server.base_url)
