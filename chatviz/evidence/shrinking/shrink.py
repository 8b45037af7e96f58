"""shrink: from a recording to the least of it for which something is still true."""

from __future__ import annotations

import os
from functools import partial

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import read_path
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.errors import NotFailingError
from chatviz.evidence.progress import HowFar, ProgressLine
from chatviz.evidence.shrinking.apart import FailsApart
from chatviz.evidence.shrinking.candidate import Candidate, candidate_of
from chatviz.evidence.shrinking.failing import Failing, Fails, PredicateFails, failing_of
from chatviz.evidence.shrinking.oracle import Oracle, OutOfBudget
from chatviz.evidence.shrinking.shrinker import shrink_candidate
from chatviz.evidence.shrinking.shrunk import Shrunk, texts_left
from chatviz.evidence.workers.worker import Worker
from chatviz.given_values import check_count, check_number
from chatviz.runs.given_runs import Runs, runs_of
from chatviz.runs.run import StreamRun

__all__ = ["shrink"]


def shrink(
    source: Runs | Cassette | str | os.PathLike[str],
    fails: Fails,
    *,
    max_tries: int = 20_000,
    max_s: float = 120.0,
    limit_s: float | None = None,
    clock: Clock | None = None,
) -> Shrunk:
    """Find the smallest recording for which something is still true.

    One answer is kept, the smallest that fails; then headers, chunks (ddmin), fields, elements and
    characters are taken away, again and again, until nothing can go alone. Every candidate is
    really read; none is malformed where the recording was not: framing, the mark of the end and
    the order of blocks stay right. The same recording always gives the same result.

    Parameters
    ----------
    source : StreamRun, Conversation, Cassette, path, a sample's name, or an iterable of runs
        Secrets are removed before anything else is done.
    fails : str | callable | cv.raises(…)
        The code of a finding; a function that takes a `StreamRun` and says whether it fails (an
        error that it raises on an answer counts as "no"); or ``cv.raises("openai")``.
    max_tries : int
        How many candidates are run at most.
    max_s : float
        When to stop, in seconds; the try that runs is ended first.
    limit_s : float | None
        For a function: seconds for one answer. It is then sent to a process of its own, and to
        take longer, or to end that process, is to fail, too. None: it runs here, without a limit.
    clock : Clock | None
        The time; the machine's, unless given.

    Returns
    -------
    Shrunk
        With ``.cassette``, ``.as_test()``, ``.as_issue()``.

    Raises
    ------
    NotFailingError
        It fails for no answer of the recording, or not without secrets and times of pieces.
    CassetteError
        The file cannot be read.
    ValueError, TypeError
        `fails` or the source is none of these, or a function cannot be sent.
    Exception
        What the function raised, where it is true of no answer.

    Examples
    --------
    >>> small = cv.shrink("openrouter_kimi-k2_fireworks", "role_repeated")
    >>> len(small.before.chunks), len(small.after.chunks), small.is_minimal
    (30, 2, True)
    >>> print(small.after.body.decode().splitlines()[0])
    data: {"choices":[{"delta":{"role":"a"}}]}
    """
    _check_limits(max_tries, max_s)
    timer = clock or SYSTEM_CLOCK
    runs, failing = _runs_in(source), _with_limit(failing_of(fails), limit_s)
    start_ns = timer.now_ns()
    try:
        run, candidate, pinned = _find_start(runs, failing)
        line, size = ProgressLine(timer), len(candidate.parts.body)
        say = partial(_say_progress, line, size)
        oracle = Oracle(pinned, candidate, max_tries=max_tries, max_s=max_s, clock=timer, say=say)
        is_minimal = _go_down(candidate, oracle, line)
        after = oracle.best.run
        expected, got = pinned.expected_and_got(after)
    finally:
        failing.close()
    stop = "max_tries" if oracle.tries >= max_tries else "max_s"
    return Shrunk(
        cassette=Cassette((oracle.best.interaction,)),
        before=run,
        after=after,
        interaction=run.interaction,
        failing=pinned,
        tries=oracle.tries,
        raised=oracle.raised,
        seconds=(timer.now_ns() - start_ns) / 1e9,
        is_minimal=is_minimal,
        stopped="" if is_minimal else stop,
        expected=expected,
        got=got,
        texts=texts_left(oracle.best),
    )


def _say_progress(line: ProgressLine, size: int, oracle: Oracle) -> None:
    def tell() -> HowFar:
        left, events = len(oracle.best.parts.body), len(oracle.best.parts.events)
        numbers = f"{size:,} → {left:,} bytes, {events:,} events, {oracle.tries:,} tries"
        return HowFar("shrinking", 1 - left / max(size, 1), numbers)

    line.say(tell)


def _go_down(candidate: Candidate, oracle: Oracle, line: ProgressLine) -> bool:
    """Shrink a candidate; say whether that came to its end."""
    try:
        shrink_candidate(candidate, oracle)
    except OutOfBudget:
        return False
    finally:
        line.end()
    return True


def _check_limits(max_tries: int, max_s: float) -> None:
    check_count(max_tries, "max_tries")
    check_number(max_s, "max_s", "in seconds")


def _with_limit(failing: Failing, limit_s: float | None) -> Failing:
    if limit_s is None:
        return failing
    if not isinstance(failing, PredicateFails):
        raise ValueError(
            f"wanted a function as what fails where limit_s is given, found that {failing.name}: "
            "cv.raises(…, limit_s=…) has a limit of its own, and a finding needs none."
        )
    return FailsApart(failing.function, Worker(limit_s))


def _runs_in(source: Runs | Cassette | str | os.PathLike[str]) -> tuple[StreamRun, ...]:
    if isinstance(source, str | os.PathLike):
        return tuple(read_path(source))
    return tuple(read_runs(source)) if isinstance(source, Cassette) else runs_of(source)


def _find_start(
    runs: tuple[StreamRun, ...], failing: Failing
) -> tuple[StreamRun, Candidate, Failing]:
    """Return the smallest answer that fails, as a candidate, and the failure as it is there.

    A predicate may raise on an answer that it was not written for; where none fails, that is told.
    """
    errors: list[Exception] = []
    for run in sorted(runs, key=lambda run: len(run.body)):
        candidate = candidate_of(run)
        try:
            pinned = failing.pinned(candidate.run)
        except Exception as error:
            errors.append(error)
            continue
        if pinned is not None:
            return run, candidate, pinned
    if errors:
        raise errors[0]
    count = f"{len(runs):,} {'answer' if len(runs) == 1 else 'answers'}"
    raise NotFailingError(
        f"wanted a recording of which it is true that {failing.name}, found {count}, and it is "
        "true of none: look at run.findings, or try the predicate on each of cv.read_runs(source). "
        "(Secrets are removed first, and notes of the recorder itself are not kept.)"
    )
