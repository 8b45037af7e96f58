"""How far, how often and how long: shrinking every recorded chat stream to each of its findings.

Run ``python benchmarks/shrink.py``. The recordings are those of ``$CHATVIZ_SHARED/cassettes``, or
of ``../shared/cassettes`` beside the project. Every streamed answer is shrunk once for each finding
that it shows, and once for each SDK that fails on it (openai, anthropic, where they are installed).
The crash of openai-python 3.57.0 on gpt-5's recording, an IndexError, is named by itself: 111
chunks must become 2 or fewer; with a version that no longer raises it is said so, and passed over.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

import chatviz as cv
from chatviz.errors import NotFailingError
from chatviz.evidence.sdks.raises import SDKFails
from chatviz.evidence.sdks.sdk import find_sdks

CRASH = Path("go-vcr", "openrouter_gpt-5_first_index_1.yaml")
MOST_CHUNKS = 2  # of what is left of the crash
MOST_S = 60.0  # for one answer and one finding, before it counts as not done


def main() -> int:
    """Measure all and return the exit code."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    shared = os.environ.get("CHATVIZ_SHARED")
    folder = Path(shared) if shared else Path(__file__).resolve().parents[2] / "shared"
    folder = folder / "cassettes"
    if not folder.is_dir():
        print(f"no recordings in {str(folder)!r}: set CHATVIZ_SHARED to the folder of cassettes/")
        return 2
    runs = list(load_streams(folder))
    print(f"{len(runs)} streamed answers from {str(folder)!r}, one process, one after the other")
    found = [one for run in runs for one in shrink_to_findings(run)]
    report("for each finding of each stream", found)
    sdks = list(installed())
    failed = [one for fails in sdks for run in runs for one in shrink_to(run, fails)]
    report(f"for each SDK that fails ({', '.join(map(say, sdks)) or 'none is installed'})", failed)
    for one in failed:
        print(f"  {one.failing.name}: {sizes(one)} ({Path(one.before.source).name})")
    is_done = all(one.is_minimal for one in (*found, *failed))
    return 0 if report_crash(folder / CRASH, sdks) and is_done else 1


def load_streams(folder: Path) -> Iterator[cv.StreamRun]:
    """Yield the streamed answers of all recordings that can be read."""
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        try:
            runs = cv.read_runs(path)
        except cv.CassetteError:
            continue
        yield from (run for run in runs if run.answer.streamed and run.chunks)


def shrink_to_findings(run: cv.StreamRun) -> Iterator[cv.Shrunk]:
    for code in sorted({finding.code for finding in run.findings}):
        yield from shrink_to(run, code)


def shrink_to(run: cv.StreamRun, fails: str | SDKFails) -> Iterator[cv.Shrunk]:
    """Shrink an answer, where it fails by itself: a recorder's own notes are not kept."""
    try:
        yield cv.shrink(run, fails, max_s=MOST_S)
    except NotFailingError:
        return


def installed() -> Iterator[SDKFails]:
    for sdk in find_sdks():
        try:
            yield cv.raises(sdk)
        except ModuleNotFoundError:
            print(f"{sdk} is not installed")


def report(title: str, results: Sequence[cv.Shrunk]) -> None:
    print(f"\n{title}: {len(results):,}")
    if not results:
        return
    rows: dict[str, Iterable[float]] = {
        "chunks before": [len(one.before.chunks) for one in results],
        "chunks after": [len(one.after.chunks) for one in results],
        "bytes before": [len(one.before.body) for one in results],
        "bytes after": [len(one.after.body) for one in results],
        "tries": [one.tries for one in results],
        "milliseconds": [1000 * one.seconds for one in results],
    }
    print(f"  {'':<14} {'median':>10} {'90 %':>10} {'most':>10}")
    for name, values in rows.items():
        ranked = sorted(values)
        tenth = ranked[min(len(ranked) * 9 // 10, len(ranked) - 1)]
        print(f"  {name:<14} {median(ranked):>10,.0f} {tenth:>10,.0f} {ranked[-1]:>10,.0f}")
    minimal = sum(one.is_minimal for one in results)
    print(f"  minimal: {minimal} of {len(results)}; {sum(one.tries for one in results):,} tries, "
          f"{sum(one.seconds for one in results):.1f} s in all")  # fmt: skip


def report_crash(path: Path, sdks: Sequence[SDKFails]) -> bool:
    """Shrink the crash; say whether it became as small as it must, or is no more."""
    fails = next((one for one in sdks if one.sdk == "openai"), None)
    if fails is None or not path.exists():
        print("\nthe crash on gpt-5's recording: openai or the recording is not here")
        return True
    try:
        shrunk = cv.shrink(path, fails)
    except NotFailingError:
        print(f"\nopenai {fails.version} no longer fails on gpt-5's recording")
        return True
    print(f"\nthe crash on gpt-5's recording: {shrunk.sentence} {shrunk.seconds:.1f} s")
    print(shrunk.after.body.decode())
    return len(shrunk.after.chunks) <= MOST_CHUNKS


def sizes(one: cv.Shrunk) -> str:
    before, after = one.before, one.after
    return (
        f"{len(before.chunks)} → {len(after.chunks)} chunks, "
        f"{len(before.body):,} → {len(after.body):,} bytes, {one.tries:,} tries"
    )


def say(fails: SDKFails) -> str:
    return f"{fails.sdk} {fails.version}"


if __name__ == "__main__":
    sys.exit(main())
