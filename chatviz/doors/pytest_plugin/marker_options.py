"""What a test says with its marker, the command line and the environment: options and the mode."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypedDict, cast

import pytest

from chatviz.cassettes.matching.matcher import Matcher
from chatviz.cassettes.redaction.redaction import RedactionRules
from chatviz.transports.clients.modes import MODE_VARIABLE, Mode, choose_mode
from chatviz.transports.playing.player import OnMiss
from chatviz.transports.playing.striking import PlantedFaults
from chatviz.transports.tap.routes import Upstreams

__all__ = ["MarkerOptions", "mode_of", "options_of"]


class MarkerOptions(TypedDict, total=False):
    """What ``@pytest.mark.chatviz(…)`` takes.

    Attributes
    ----------
    cassette : str or path-like
        The recording, as seen from the folder of the test's file; by default its path follows
        from the test's name.
    mode : str
        As for ``cv.RecordTransport``; ``"none"`` holds whatever the command line says.
    upstream : str, mapping of str to str, or iterable of str
        Where ``chatviz_server`` sends what is to be recorded; as for ``cv.Tap``.
    strict : bool
        Whether the test fails where recorded interactions are left, or requests had no answer.
    faults : Fault, or several
        What goes wrong in a replay, on purpose.
    match, ignore, normalise_ids, repeat, on_miss, speed, chunks_per_second, redact
        As for ``cv.RecordTransport``.
    """

    cassette: str | os.PathLike[str] | None
    mode: Mode
    upstream: Upstreams
    strict: bool
    faults: PlantedFaults
    match: Matcher | None
    ignore: Iterable[str]
    normalise_ids: bool
    repeat: bool
    on_miss: OnMiss
    speed: float
    chunks_per_second: float | None
    redact: RedactionRules


_KNOWN: Final = tuple(MarkerOptions.__annotations__)


def options_of(item: pytest.Item) -> MarkerOptions:
    """Return the options of a test: of several markers the nearest says each.

    Raises
    ------
    pytest.UsageError
        A marker has an option that is not known, or more than one cassette.
    """
    options: dict[str, Any] = {}
    for mark in reversed(list(item.iter_markers("chatviz"))):
        given = dict(mark.kwargs)
        if len(mark.args) > 1 or (mark.args and "cassette" in given):
            raise pytest.UsageError(
                "@pytest.mark.chatviz takes one cassette, and everything else by name; found "
                f"{len(mark.args) + ('cassette' in given)} of them."
            )
        if mark.args:
            (given["cassette"],) = mark.args
        unknown = [name for name in given if name not in _KNOWN]
        if unknown:
            raise pytest.UsageError(
                f"@pytest.mark.chatviz has no option {unknown[0]!r}; it has {', '.join(_KNOWN)}."
            )
        options |= given
    return cast(MarkerOptions, options)


def mode_of(
    given: str | None, marked: Mode | None, environ: Mapping[str, str] = os.environ
) -> Mode:
    """Return the mode that holds for a test.

    A marker's ``"none"`` holds always: such a recording was made elsewhere. Then the command line
    or ``CHATVIZ_MODE``; then ``"none"`` where ``CI`` is set; then the marker; then ``"once"``.

    Parameters
    ----------
    given : str | None
        What the command line says.
    marked : str | None
        What the marker says.
    environ : mapping of str to str

    Raises
    ------
    pytest.UsageError
        The command line and the environment disagree.
    ValueError
        A mode is none of the four.
    """
    forced = environ.get(MODE_VARIABLE)
    if given and forced and given != forced:
        raise pytest.UsageError(
            f"--chatviz-mode says {given!r}, and the environment variable {MODE_VARIABLE} "
            f"{forced!r}: leave one of them out."
        )
    if marked == "none":
        return "none"
    return choose_mode(given or ("none" if environ.get("CI") else marked or "once"))
