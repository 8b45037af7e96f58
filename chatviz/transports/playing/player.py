"""Player: which recorded interaction answers a request, and what has not been asked for.

This file knows no HTTP library and sends nothing: transports and servers ask it.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from math import inf
from threading import Lock
from typing import Final, Literal, TypeAlias

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest
from chatviz.cassettes.matching.matcher import Matcher, Matching, matches
from chatviz.cassettes.matching.misses import miss
from chatviz.cassettes.reading import CassetteLike
from chatviz.cassettes.redaction.redaction import DEFAULT_RULES, RedactionRules
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import CassetteError, NoMatchingInteraction
from chatviz.given_values import shown, wrong_type
from chatviz.transports.playing.error_events import in_its_dialect
from chatviz.transports.playing.pace import check_pace
from chatviz.transports.playing.planned_answer import PlannedAnswer, answer_miss, answer_with
from chatviz.transports.playing.striking import (
    PlantedFaults,
    apply_faults,
    plant_faults,
    refusal,
)

__all__ = ["OnMiss", "Player", "choose_matcher"]

_MOST_MISSES: Final = 1000
_MOST_ORDERED: Final = 1000

OnMiss: TypeAlias = Literal["raise", "respond"]


class Player:
    """Answers requests from a recording; usable from several threads at once.

    Parameters
    ----------
    source : Cassette or path
    match : Matcher
        Takes the request and a recorded one, and returns the list of their differences; an empty
        one is a match.
    repeat : bool
        Whether the last interaction that matches a request is given again once all have been.
    on_miss : str
        ``"raise"`` or ``"respond"``, with a JSON error that no SDK retries.
    speed, chunks_per_second
        As in `chatviz.transports.playing.pace.paced`.
    faults : Fault, or several
        Each is checked here, as far as that can be told before a request.
    rules : RedactionRules
        Which secrets are kept out of what a miss says.

    Attributes
    ----------
    cassette : Cassette
    misses : list of NoMatchingInteraction
        The requests that nothing recorded matched, in order, whoever swallowed the error. Of many
        the first 1,000 are kept, without the frames (and so the requests) that they were raised in.
    missed : int
        How many there were.
    order : list of int
        Which interactions answered, one after another, refusals among them: their places; of many
        the first 1,000.
    """

    def __init__(
        self,
        source: CassetteLike,
        *,
        match: Matcher,
        repeat: bool = False,
        on_miss: OnMiss = "raise",
        speed: float = inf,
        chunks_per_second: float | None = None,
        faults: PlantedFaults = (),
        rules: RedactionRules = DEFAULT_RULES,
    ) -> None:
        check_pace(speed, chunks_per_second)
        if on_miss not in ("raise", "respond"):
            raise ValueError(f"on_miss should be 'raise' or 'respond', and is {shown(on_miss)}.")
        self.cassette = source if isinstance(source, Cassette) else load_cassette(source)
        self.misses: list[NoMatchingInteraction] = []
        self.missed = 0
        self.order: list[int] = []
        self._match = match
        self._repeat = repeat
        self._on_miss = on_miss
        self._speed = speed
        self._chunks_per_second = chunks_per_second
        self._faults = plant_faults(faults, self.cassette)
        self._rules = rules
        self._lock = Lock()
        self._asked = [0] * len(self.cassette.interactions)
        self._played = [0] * len(self.cassette.interactions)

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """The interactions that nobody has asked for."""
        pairs = zip(self.cassette.interactions, self._played, strict=True)
        return tuple(interaction for interaction, times in pairs if not times)

    @property
    def all_played(self) -> bool:
        """Whether every interaction has been asked for."""
        return all(self._played)

    def answer(self, request: RecordedRequest) -> PlannedAnswer:
        """Return what is to be sent for a request.

        Raises
        ------
        NoMatchingInteraction
            Nothing recorded matches, and misses are raised.
        """
        found = self.answer_if_recorded(request)
        if found is not None:
            return found
        error = self._miss(request)
        self.missed += 1
        if len(self.misses) < _MOST_MISSES:
            self.misses.append(copy(error))
        if self._on_miss == "raise":
            raise error
        return answer_miss(error)

    def answer_if_recorded(self, request: RecordedRequest) -> PlannedAnswer | None:
        """Return what is to be sent for a request, or None, which counts as no miss."""
        with self._lock:
            number = self._choose(request)
            if number is None:
                return None
            refused = refusal(self._faults, number, self._asked[number])
            self._asked[number] += 1
            played_before = self._played[number]
            self._played[number] += refused is None
            if len(self.order) < _MOST_ORDERED:
                self.order.append(number)
        return refused or self._recorded_answer(number, played_before)

    def find(self, request: RecordedRequest) -> Interaction | None:
        """Return the interaction whose turn it is, and count it as played; None for a miss."""
        with self._lock:
            number = self._choose(request)
            if number is None:
                return None
            self._played[number] += 1
            return self.cassette.interactions[number]

    def _miss(self, request: RecordedRequest) -> NoMatchingInteraction:
        return miss(
            request,
            self.cassette.interactions,
            self._match,
            path=self.cassette.path,
            used=[number for number, times in enumerate(self._played) if times],
            rules=self._rules,
        )

    def _recorded_answer(self, number: int, played_before: int) -> PlannedAnswer:
        if fault := self.cassette.interactions[number].fault:
            raise CassetteError(
                f"interaction #{number} is what was asked for, and it was not read whole: {fault}",
                path=self.cassette.path,
            )
        answer = answer_with(
            self.cassette.interactions[number],
            speed=self._speed,
            chunks_per_second=self._chunks_per_second,
        )
        faults = in_its_dialect(self._faults, self.cassette.interactions[number])
        return apply_faults(answer, faults, number, played_before=played_before)

    def _choose(self, request: RecordedRequest) -> int | None:
        """Return the first match that has not been played, or the last one to repeat."""
        waiting = (number for number, times in enumerate(self._played) if not times)
        for number in waiting:
            if self._matches(request, number):
                return number
        return self._last_match(request) if self._repeat else None

    def _last_match(self, request: RecordedRequest) -> int | None:
        numbers = range(len(self.cassette.interactions) - 1, -1, -1)
        return next((number for number in numbers if self._matches(request, number)), None)

    def _matches(self, request: RecordedRequest, number: int) -> bool:
        recorded = self.cassette.interactions[number].request
        if isinstance(self._match, Matching) and _is_same(request, recorded):
            return True
        return matches(request, recorded, self._match)


def choose_matcher(
    match: Matcher | None,
    *,
    ignore: Iterable[str] = (),
    normalise_ids: bool = False,
    any_host: bool = False,
    rules: RedactionRules = DEFAULT_RULES,
) -> Matcher:
    """Return a matcher of the user's own, or the default one with what it should not look at.

    Raises
    ------
    TypeError
        Both are given, or the matcher cannot be called.
    """
    if match is None:
        return Matching(ignore=ignore, normalise_ids=normalise_ids, any_host=any_host, rules=rules)
    if normalise_ids or tuple(ignore):
        raise TypeError(
            "match= is given, and ignore= or normalise_ids= too, which tell the default matcher "
            "what not to look at. Give one or the other."
        )
    if not callable(match):
        wanted = "match= is a function of two requests that lists what differs, [] for nothing"
        raise wrong_type(wanted, match)
    return match


def _is_same(request: RecordedRequest, recorded: RecordedRequest) -> bool:
    """Say at one glance whether method, URL and body are the same to the byte."""
    return (
        request.body == recorded.body
        and request.url == recorded.url
        and request.method == recorded.method
    )
