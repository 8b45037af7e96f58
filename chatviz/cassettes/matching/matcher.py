"""Finds the recorded request that matches the one asked, or explains why none does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from chatviz.cassettes.cassette import Interaction, RecordedRequest
from chatviz.cassettes.matching.json_diff import Difference, share_in_common
from chatviz.cassettes.matching.json_paths import parse_paths
from chatviz.cassettes.matching.normal_form import NormalForm, Preparation
from chatviz.cassettes.matching.request_diff import diff_requests
from chatviz.cassettes.redaction.redaction import DEFAULT_RULES, RedactionRules
from chatviz.given_values import wrong_type

__all__ = ["Difference", "Matcher", "Matching", "differences", "matches", "nearest"]

Matcher: TypeAlias = Callable[[RecordedRequest, RecordedRequest], Sequence[Difference | str]]
"""Lists how a request differs from a recorded one, in this order; an empty list is a match."""

_OUTSIDE_THE_BODY: Final = 1000
_MOST_DIFFED: Final = 20


def differences(
    request: RecordedRequest,
    recorded: RecordedRequest,
    *,
    ignore: Iterable[str] = (),
    normalise_ids: bool = False,
) -> list[Difference]:
    """List how a request differs from a recorded one; an empty list is a match.

    Compared are the method, the URL (whatever the order of its query) and the body: JSON by its
    values (whatever the order of its keys and its spelling), forms by their fields, all else by its
    bytes. Headers are not compared, nor is anything that redaction removes.

    Parameters
    ----------
    request, recorded : RecordedRequest
    ignore : iterable of str
        Paths into the JSON body that are not compared: ``"messages[].tool_call_id"``.
    normalise_ids : bool
        Compare tool-call ids by their order of appearance.

    Raises
    ------
    JSONPathError
        A path in ``ignore`` that cannot be read.
    """
    return Matching(ignore=ignore, normalise_ids=normalise_ids)(request, recorded)


class Matching:
    """The default matcher, made once for many requests: each is prepared once, and remembered.

    Parameters
    ----------
    ignore, normalise_ids
        As in `differences`.
    any_host : bool
        Do not compare scheme and host: for clients of a replay server on this machine.
    rules : RedactionRules
        What redaction removes. Both requests are compared without it.
    """

    def __init__(
        self,
        *,
        ignore: Iterable[str] = (),
        normalise_ids: bool = False,
        any_host: bool = False,
        rules: RedactionRules = DEFAULT_RULES,
    ) -> None:
        self._preparation = Preparation(parse_paths(ignore), normalise_ids, any_host, rules)
        # By identity; the request is kept, so that no other one can get its address.
        self._recorded: dict[int, tuple[RecordedRequest, NormalForm]] = {}
        self._asked: tuple[RecordedRequest, NormalForm] | None = None

    def __call__(self, request: RecordedRequest, recorded: RecordedRequest) -> list[Difference]:
        """List how a request differs from a recorded one; an empty list is a match."""
        return diff_requests(self._prepare_asked(request), self._prepare_recorded(recorded))

    def matches(self, request: RecordedRequest, recorded: RecordedRequest) -> bool:
        """Return whether two requests match, without listing their differences."""
        return self._prepare_asked(request).matches(self._prepare_recorded(recorded))

    def estimate_likeness(self, request: RecordedRequest, recorded: RecordedRequest) -> float:
        """Estimate cheaply how similar a recorded request is: higher is more similar."""
        asked, here = self._prepare_asked(request), self._prepare_recorded(recorded)
        outside = (asked.method == here.method) + asked.goes_to(here)
        return outside + share_in_common(asked.bodies[0], here.bodies[0])

    def _prepare_recorded(self, recorded: RecordedRequest) -> NormalForm:
        known = self._recorded.get(id(recorded))
        if known is None:
            known = self._recorded[id(recorded)] = (recorded, self._preparation.prepare(recorded))
        return known[1]

    def _prepare_asked(self, request: RecordedRequest) -> NormalForm:
        known = self._asked
        if known is None or known[0] is not request:
            known = self._asked = (request, self._preparation.prepare(request))
        return known[1]


def matches(request: RecordedRequest, recorded: RecordedRequest, match: Matcher) -> bool:
    """Return whether a matcher finds no difference."""
    if isinstance(match, Matching):
        return match.matches(request, recorded)
    return not _list_by(match, request, recorded)


def nearest(
    request: RecordedRequest, interactions: Sequence[Interaction], match: Matcher
) -> tuple[int, list[Difference | str]]:
    """Return the place of the interaction that is most like a request, and how it differs.

    Another method or URL counts for more than anything in the body; of equals the first is taken.

    Raises
    ------
    ValueError
        There are no interactions.
    """
    places: Iterable[int] = range(len(interactions))
    if isinstance(match, Matching) and len(interactions) > _MOST_DIFFED:
        like = [match.estimate_likeness(request, item.request) for item in interactions]
        places = sorted(sorted(places, key=lambda place: -like[place])[:_MOST_DIFFED])
    compared = ((n, _list_by(match, request, interactions[n].request)) for n in places)
    return min(compared, key=lambda found: sum(map(_weigh, found[1])))


def _list_by(
    match: Matcher, request: RecordedRequest, recorded: RecordedRequest
) -> list[Difference | str]:
    """Return what a matcher lists, the user's own included.

    Raises
    ------
    TypeError
        It returns no list: a yes or a no, say, as the matchers of other tools do.
    """
    found = match(request, recorded)
    if isinstance(found, str) or not isinstance(found, Sequence):
        wanted = "match= is to return the list of what differs between two requests, [] for none"
        raise wrong_type(wanted, found, "list what differs in words.")
    return list(found)


def _weigh(difference: Difference | str) -> int:
    is_outside = isinstance(difference, Difference) and difference.part != "body"
    return _OUTSIDE_THE_BODY if is_outside else 1
