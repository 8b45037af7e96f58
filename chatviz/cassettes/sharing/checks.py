"""What must be so of a shared recording: its stream is the same, and nobody is named in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest
from math import isnan
from typing import Any, Final

from chatviz.cassettes.cassette import Cassette, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching.matcher import Matching
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.cassettes.sharing.bodies import BodyText
from chatviz.cassettes.sharing.json_tokens import looks_like_json, read_tokens
from chatviz.cassettes.sharing.learning import body_texts, learn_vocabulary, texts_of
from chatviz.cassettes.sharing.personal import PersonalFinder, find_numbers
from chatviz.cassettes.sharing.report import ShareCheck
from chatviz.cassettes.sharing.vocabulary import Vocabulary
from chatviz.runs.choices import finish_reasons, finish_reasons_sent, tool_calls_of
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.run import StreamRun

__all__ = ["CHECKS", "check_shared", "check_steps"]

_MOST_COMPARED = 400  # requests, each with each


@dataclass(frozen=True, slots=True)
class _Held:
    """A recording, with what is read from it once."""

    cassette: Cassette
    runs: list[StreamRun]
    talks: Sequence[Conversation]


def check_shared(
    before: Cassette, after: Cassette, finder: PersonalFinder
) -> tuple[ShareCheck, ...]:
    """Hold a shared recording against the one that it was made from.

    Parameters
    ----------
    before : Cassette
        Without its secrets, its bodies decoded.
    after : Cassette
        As it is in the file.
    finder : PersonalFinder
        Knows the names that must not be there.
    """
    return tuple(check_steps(before, after, finder))


def check_steps(before: Cassette, after: Cassette, finder: PersonalFinder) -> Iterator[ShareCheck]:
    """Yield each check of ``check_shared`` once it is done; there are ``CHECKS``."""
    sides = _hold(before), _hold(after)
    for name, of in _SAME:
        yield ShareCheck(name, _compare(*(list(of(side)) for side in sides)))
    yield _check_shapes(*sides, finder)
    yield _check_searched(after)
    yield _check_secrets(after)
    yield _check_persons(*sides, finder)


def _hold(cassette: Cassette) -> _Held:
    runs = read_runs(cassette)
    return _Held(cassette, runs, link_runs(runs))


def _compare(before: Sequence[Any], after: Sequence[Any]) -> str:
    if len(before) != len(after):
        return f"{len(before):,} before, {len(after):,} after"
    differ = [n for n, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1]]
    return f"{len(differ):,} of {len(before):,} differ, the first is #{differ[0]}" if differ else ""


def _sizes(side: _Held) -> Iterator[Any]:
    for each in side.cassette.interactions:
        yield _half(each.request), _half(each.response)
        response = each.response
        pieces = [(len(piece.data), piece.at) for piece in response.pieces]
        yield response.status, response.duration_ns, response.time_to_headers_s, pieces


def _half(half: RecordedRequest | RecordedResponse) -> Any:
    return len(half.body), [(n, list(map(len, values))) for n, values in half.headers.items()]


def _spans(side: _Held) -> Iterator[Any]:
    for run in side.runs:
        wire = run.wire
        times = [None if isnan(at) else at for at in wire.times]
        yield run.framing, run.dialect, run.timing, wire.starts, wire.ends, wire.kinds, times


def _check_shapes(before: _Held, after: _Held, finder: PersonalFinder) -> ShareCheck:
    """Hold the JSON of each text against that before it: its tokens, and its keys."""
    vocabulary = learn_vocabulary(before.cassette, before.runs)
    pairs = list(zip_longest(body_texts(before.cassette), body_texts(after.cassette)))
    differ = sum(not _has_same_shape(*pair, finder, vocabulary) for pair in pairs)
    fault = f"{differ:,} of {len(pairs):,} texts differ" if differ else ""
    return ShareCheck("the JSON has the same shape", fault)


def _has_same_shape(
    before: BodyText | None,
    after: BodyText | None,
    finder: PersonalFinder,
    vocabulary: Vocabulary,
) -> bool:
    if before is None or after is None or before.places != after.places:
        return False
    if not looks_like_json(before.text):
        return len(before.text) == len(after.text)
    tokens = zip_longest(read_tokens(before.text), read_tokens(after.text))
    return all(
        one is not None
        and other is not None
        and (one.kind, one.start, one.end) == (other.kind, other.start, other.end)
        and (
            one.kind != "key"
            or before.text[one.start : one.end] == after.text[one.start : one.end]
            or finder.is_personal(before.text[one.start : one.end])
            or vocabulary.is_own_key(one, before.text[one.start : one.end])
        )
        for one, other in tokens
    )


def _counts(side: _Held) -> Iterator[Any]:
    for run in side.runs:
        calls = [
            (len(call.name), len(call.arguments), [len(each.text) for each in call.fragments])
            for call in tool_calls_of(run)
        ]
        said = [(each.choice, len(each.text), len(each.reasoning)) for each in run.messages]
        endings = finish_reasons(run), finish_reasons_sent(run)
        error = run.error and (run.error.code, run.error.status)
        yield run.usage, run.cost, endings, said, calls, error
        yield run.model, run.provider, run.server_timing


def _findings(side: _Held) -> Iterator[Any]:
    talks = (finding for talk in side.talks for finding in talk.findings)
    for finding in (*(finding for run in side.runs for finding in run.findings), *talks):
        yield finding.code, finding.severity, finding.chunk, finding.count


def _links(side: _Held) -> Iterator[Any]:
    for talk in side.talks:
        yield [(step.run.interaction, len(step.tool_results)) for step in talk.steps]


def _matches(side: _Held) -> Iterator[bool]:
    """Yield for each pair of requests whether they match; of very many, for the first ones."""
    match = Matching()
    requests = [each.request for each in side.cassette.interactions[:_MOST_COMPARED]]
    for request, recorded in product(requests, repeat=2):
        yield match.matches(request, recorded)


def _check_searched(after: Cassette) -> ShareCheck:
    """Say whether all could be searched: an answer in an unknown coding shows nothing."""
    notes = (each.response.metadata for each in after.interactions)
    unread = sum(note is not None and note.undecoded for note in notes)
    fault = f"{unread:,} answers could not be decoded" if unread else ""
    return ShareCheck("every body could be searched", fault)


def _check_secrets(after: Cassette) -> ShareCheck:
    found = redact_cassette(after)[1]
    return ShareCheck("no secret is left", f"{len(found):,} found: {found[0]}" if found else "")


def _check_persons(before: _Held, after: _Held, finder: PersonalFinder) -> ShareCheck:
    known = {one for text in texts_of(before.cassette, before.runs) for one in find_numbers(text)}
    names = left = 0
    for text in texts_of(after.cassette, after.runs):
        names += finder.count_names(text)
        left += sum(one in known for one in find_numbers(text))
    fault = f"{names:,} names, {left:,} addresses and numbers" if names or left else ""
    return ShareCheck("no name that was given, mail address or phone number is left", fault)


_SAME: Final[tuple[tuple[str, Callable[[_Held], Iterable[Any]]], ...]] = (
    ("sizes, states and times are the same", _sizes),
    ("chunks begin and end where they did", _spans),
    ("usage, cost, models and endings are the same", _counts),
    ("findings are the same", _findings),
    ("conversations are linked as they were", _links),
    ("requests match as they did", _matches),
)
CHECKS: Final = len(_SAME) + 4
