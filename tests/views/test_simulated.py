"""A simulated pace is labelled on the picture, and its times are shown nowhere."""

from __future__ import annotations

from dataclasses import replace

import chatviz as cv
from chatviz.cassettes.metadata import RecordingMetadata


def test_a_recording_of_a_simulated_pace_says_so_and_has_no_times(seeds) -> None:
    cassette = cv.load_cassette(seeds.fireworks)
    first = cassette.interactions[0]
    metadata = RecordingMetadata(clock="simulated", pieces=((len(first.response.body), 1_000_000),))
    paced = replace(first, response=replace(first.response, metadata=metadata))
    run = cv.read_runs(replace(cassette, interactions=(paced,)))[0]
    assert (run.timing, run.response.time_source, run.time_to_headers_s) == (
        "none",
        "simulated",
        None,
    )
    assert "played at a simulated pace" in cv.timeline(run).svg
    assert "simulated pace" in run._repr_mimebundle_()["text/html"]
    row = cv.run_table(run).iloc[0]
    assert row["time_source"] == "simulated"
    assert cv.run_table(run)[["time_to_headers_s", "duration_s"]].isna().all(axis=None)
