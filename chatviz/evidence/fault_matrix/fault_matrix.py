"""fault_matrix: a client is tried on a recording, with each fault at each chunk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, Literal, get_args

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.matching.matcher import Matcher
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.samples import load_path
from chatviz.clock import SYSTEM_CLOCK, Clock
from chatviz.evidence.fault_matrix.matrix import FaultMatrix
from chatviz.evidence.fault_matrix.planning.kinds import fault_kinds
from chatviz.evidence.fault_matrix.planning.plan import plan_cases
from chatviz.evidence.fault_matrix.trying import Limits, open_worker, run_whole
from chatviz.evidence.fault_matrix.user_test import Over, UserTest, match_anything
from chatviz.evidence.workers.packing import pack_call
from chatviz.given_values import check_number, shown
from chatviz.transports.clients.client_classes import make_http_client
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.playing.faults import Fault
from chatviz.transports.server.server import ReplayServer

__all__ = ["fault_matrix"]


def fault_matrix(
    cassette: Cassette | str | os.PathLike[str],
    test: Callable[[Any], Any],
    faults: Iterable[str | Fault] | None = None,
    *,
    over: Over = "httpx",
    chunks: Iterable[int] | None = None,
    max_chunks: int | None = 24,
    match: Matcher | Literal["any"] | None = None,
    ignore: Iterable[str] = (),
    limit_s: float = 10.0,
    start_s: float = 60.0,
    max_s: float | None = None,
    clock: Clock | None = None,
) -> FaultMatrix:
    """Try your own client on a recording, with each fault at each chunk.

    The test runs in a process of its own, over and over: first without a fault, then once for each
    fault at each chunk. A fault strikes once; a client that asks again gets the whole answer. Each
    run has a limit of time, at which its process, and all that it started, is ended, and the next
    run gets a new one; until then what its modules remember stays. Ctrl-C stops it and keeps what
    was done.

    Parameters
    ----------
    cassette : Cassette, path, or a sample's name
    test : callable
        Takes a client (``httpx.Client``, an ``AsyncClient`` if it is ``async``) or, with
        ``over="server"``, a base URL; asks what was recorded; and returns what your client made of
        it: text, calls, whatever can be compared by ``==``. It may live in a notebook.
    faults : iterable of str or Fault, or None
        Which: ``"cut"`` (in the middle of a chunk, with an error of the connection), ``"end"`` (in
        order, as if that were all), ``"stall"`` (0.2 s; ``"stall:5"`` is longer), ``"duplicate"``,
        ``"drop"``, ``"corrupt"``, ``"split"`` (inside a character), ``"error"`` (an error event
        instead of the rest), ``"refuse"`` (status 429 once); or faults as templates, whose chunk is
        put in: ``cv.Stall(0, seconds=5)``. None for all.
    over : str
        ``"httpx"``, ``"httpx2"`` (the newer SDKs' client) or ``"server"``.
    chunks : iterable of int or None
        These chunks alone.
    max_chunks : int | None
        How many chunks of an answer are struck at most: of more, the first and the last, the first
        in which a character can be split, those that say something else than the one before, and
        others at equal distances. None for all.
    match : callable, ``"any"`` or None
        As for ``cv.ReplayTransport``; ``"any"`` gives the next answer whatever is asked.
    ignore : iterable of str
        Paths into the JSON of requests that are not compared.
    limit_s : float
        Seconds for one run of the test.
    start_s : float
        Seconds for the first run in each process, with all that the test imports.
    max_s : float | None
        When to stop, in seconds; ``matrix.resume()`` goes on.
    clock : Clock | None
        The time; the machine's, unless given.

    Returns
    -------
    FaultMatrix
        With ``.table``, ``.failures``, ``.run(fault, chunk)``, ``.as_test(fault, chunk)``.

    Raises
    ------
    BaselineError
        Without a fault the test raises, does not end, or returns what cannot be compared: None,
        something else each time, a value that cannot be pickled or is unequal to its copy.
    CassetteError
        The recording cannot be read.
    TypeError
        The test, or what it holds on to, cannot be sent to another process; or `match` and
        `ignore` are both given.
    ValueError
        A fault, `over`, `match`, a path in `ignore`, or a limit is none; no chunk can be struck.
    ImportError
        What `over` needs is not installed.

    Notes
    -----
    What is right is what the test returns without a fault, for every fault. A client may raise an
    error where something was lost; after a stall of a second or less, and a split character,
    nothing was, and only the right answer is right. A chunk that is dropped or comes twice can be
    noticed only where the wire tells (numbers, blocks that open and close): a wrong answer counts
    as the client's failure where chatviz finds something odd in the broken stream.
    """
    limits, kinds = _checked(over, limit_s, start_s), fault_kinds(faults)
    recording = cassette if isinstance(cassette, Cassette) else load_path(cassette)
    compare, ignored = match_anything if match == "any" else match, tuple(ignore)
    _check_replay(recording, over, compare, ignored)
    user_test = UserTest(pack_call(test, (compare,)), recording, over, ignored)
    timer = clock or SYSTEM_CLOCK
    with open_worker(user_test, limits) as worker:
        baseline = run_whole(user_test, worker)
        runs = read_runs(recording)
        asked = tuple(run for run in runs if run.interaction in baseline.order)
        unasked = tuple(run.interaction or 0 for run in runs if run not in asked)
        matrix = FaultMatrix(
            cells=(),
            plan=plan_cases(asked, kinds, chunks=chunks, max_chunks=max_chunks),
            kinds=kinds,
            runs=asked,
            unasked=unasked,
            test=test,
            user_test=user_test,
            baseline=baseline,
            limits=limits,
        )
        return matrix.go_on(worker, max_s=max_s, clock=timer)


def _checked(over: str, limit_s: float, start_s: float) -> Limits:
    if over not in get_args(Over):
        known = ", ".join(map(repr, get_args(Over)))
        raise ValueError(f"over should be one of {known}, and is {shown(over)}.")
    for name, seconds in (("limit_s", limit_s), ("start_s", start_s)):
        check_number(seconds, name, "in seconds")
    return Limits(limit_s, start_s)


def _check_replay(
    recording: Cassette, over: Over, match: Matcher | str | None, ignore: tuple[str, ...]
) -> None:
    """Make once what the test will ask, so that what is wrong with it is raised here."""
    if isinstance(match, str):
        raise ValueError(f"match should be a function, 'any' or None, and is {shown(match)}.")
    if over == "server":
        ReplayServer(recording, match=match, ignore=ignore)
    else:
        make_http_client(over, ReplayTransport(recording, match=match, ignore=ignore)).close()
