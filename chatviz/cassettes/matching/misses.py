"""The error for a request without a recorded answer: the nearest one, what differs, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chatviz.cassettes.cassette import Interaction, RecordedRequest
from chatviz.cassettes.matching.json_diff import Difference
from chatviz.cassettes.matching.json_paths import generalise_path
from chatviz.cassettes.matching.matcher import Matcher, matches, nearest
from chatviz.cassettes.redaction.cleaner import Cleaner
from chatviz.cassettes.redaction.redaction import DEFAULT_RULES, RedactionRules, secrets_of
from chatviz.errors import NoMatchingInteraction

__all__ = ["describe_request", "miss"]

_MOST_SHOWN: Final = 8
_MOST_IGNORED: Final = 4
_MOST_KEPT: Final = 100
_LONGEST: Final = 1000
_RECORD_AGAIN: Final = "Record again with mode='all'"


def miss(
    request: RecordedRequest,
    interactions: Sequence[Interaction],
    match: Matcher,
    *,
    path: str | None = None,
    used: Iterable[int] = (),
    rules: RedactionRules = DEFAULT_RULES,
) -> NoMatchingInteraction:
    """Return the error for a request that no recording answers, with the reason.

    Parameters
    ----------
    request : RecordedRequest
        What was asked.
    interactions : sequence of Interaction
        All that the recording holds.
    match : Matcher
    path : str | None
        The recording's file.
    used : iterable of int
        The positions of the interactions whose answers have been used.
    rules : RedactionRules
        Which secrets are kept out of the message.
    """
    cleaner = Cleaner(rules, secrets_of(request, rules))
    asked = describe_request(request, rules=rules)
    place, found, text = _explain(asked, request, interactions, match, used)
    return NoMatchingInteraction(
        f"{'the recording' if path is None else repr(path)} {cleaner.clean_text(text, '')}",
        request=asked,
        nearest=place,
        differences=tuple(
            cleaner.clean_text(each[:_LONGEST], "") if isinstance(each, str) else each.shortened()
            for each in found[:_MOST_KEPT]
        ),
        path=path,
    )


def describe_request(request: RecordedRequest, *, rules: RedactionRules = DEFAULT_RULES) -> str:
    """Describe a request in a few words, without secrets: ``POST 'https://…/chat/completions'``."""
    cleaner = Cleaner(rules, secrets_of(request, rules))
    url = cleaner.clean_url(request.url, "").partition("#")[0].partition("?")[0]
    return f"{request.method[:20]} {(url if len(url) <= 80 else '…' + url[-79:])!r}"


def _explain(
    asked: str,
    request: RecordedRequest,
    interactions: Sequence[Interaction],
    match: Matcher,
    used: Iterable[int],
) -> tuple[int | None, list[Difference | str], str]:
    """Return the nearest interaction, how it differs, and all of it in words."""
    if not interactions:
        return None, [], f"holds no interaction, and so no answer for {asked}. {_RECORD_AGAIN}."
    given = [place for place in used if matches(request, interactions[place].request, match)]
    if given:
        return given[-1], [], _say_used_up(asked, given)
    place, found = nearest(request, interactions, match)
    return place, found, _say_differs(asked, place, found)


def _say_used_up(asked: str, given: Sequence[int]) -> str:
    """Explain that each answer recorded for a request has been used once."""
    count = "once" if len(given) == 1 else f"{len(given):,} times"
    places = ", ".join(f"#{place}" for place in given[:_MOST_SHOWN])
    more = ", …" if len(given) > _MOST_SHOWN else ""
    return (
        f"holds no further answer for {asked}: it was answered {count} already ({places}{more}), "
        "as often as it was recorded. Ask no more often, replay with repeat=True, or record what "
        "is new with mode='new_episodes'."
    )


def _say_differs(asked: str, place: int, found: Sequence[Difference | str]) -> str:
    """Explain how the nearest interaction differs, and what to do about it."""
    begin = f"holds no answer for {asked}: the nearest, #{place}, differs in"
    shown = [str(difference)[:_LONGEST] for difference in found[:_MOST_SHOWN]]
    remedy = _find_remedy(found)
    if len(found) == 1:
        return f"{begin} {shown[0]}. {remedy}"
    if len(found) > _MOST_SHOWN:
        shown.append(f"… and {len(found) - _MOST_SHOWN:,} more")
    return "\n".join([f"{begin} {len(found):,} places:", *(f"  {line}" for line in shown), remedy])


def _find_remedy(found: Sequence[Difference | str]) -> str:
    """Advise what to do; fields of a JSON body can be ignored, added or missing items cannot."""
    paths: dict[str, None] = {}
    for item in found:
        if isinstance(item, str) or not item.steps or isinstance(item.steps[-1], int):
            return f"{_RECORD_AGAIN}, or ask what was recorded."
        paths[generalise_path(item.steps)] = None
    if len(paths) > _MOST_IGNORED:
        return f"{_RECORD_AGAIN}, or ask what was recorded."
    them = "it" if len(paths) == 1 else "them"
    return f"{_RECORD_AGAIN}, or ignore {them}: ignore={list(paths)!r}."
