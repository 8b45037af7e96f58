"""Each check fails where what it holds is not so."""

from __future__ import annotations

from dataclasses import replace

import pytest

import chatviz as cv
from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.sharing.checks import check_shared
from chatviz.cassettes.sharing.personal import PersonalFinder

SAMPLE = "openrouter_kimi-k2_fireworks"


def failing(after: Cassette, *names: str, before: Cassette | None = None) -> set[str]:
    before = before or cv.load_cassette(cv.sample(SAMPLE))
    checks = check_shared(before, after, PersonalFinder(names))
    assert all(bool(check.fault) != check.holds for check in checks)
    return {check.name for check in checks if not check.holds}


def changed(
    old: bytes = b"", new: bytes = b"", *, place: int = 0, half: str = "response"
) -> Cassette:
    cassette = cv.load_cassette(cv.sample(SAMPLE))
    each = cassette.interactions[place]
    part = getattr(each, half)
    assert old in part.body
    part = replace(part, body=part.body.replace(old, new))
    interactions = list(cassette.interactions)
    interactions[place] = replace(each, **{half: part})
    return replace(cassette, interactions=tuple(interactions))


def test_a_recording_is_the_same_as_itself() -> None:
    assert failing(changed()) == set()


@pytest.mark.parametrize(
    ("after", "names"),
    [
        (changed(b'"finish_reason":"stop"', b'"finish_reason":"shop"', place=1),
         {"findings are the same", "usage, cost, models and endings are the same"}),
        (changed(b"\n\ndata: [DONE]\n\n", b"\n\ndata:  [DONE]\n\n"),
         {"sizes, states and times are the same", "chunks begin and end where they did",
          "the JSON has the same shape"}),
        (changed(b'"messages":', b'"mezzages":', place=1, half="request"),
         {"conversations are linked as they were"}),
        (changed(b'"object":', b'"abject":'),
         {"the JSON has the same shape", "findings are the same"}),
    ],
)  # fmt: skip
def test_a_change_fails_the_checks_of_what_it_changes(after: Cassette, names: set[str]) -> None:
    assert failing(after) & names == names


def test_a_request_that_matches_another_now_fails_a_check() -> None:
    before = cv.load_cassette(cv.sample(SAMPLE))
    first, second = before.interactions
    twice = replace(before, interactions=(first, replace(second, request=first.request)))
    assert "requests match as they did" in failing(twice)


def test_secrets_and_names_that_are_left_fail_a_check() -> None:
    key = b"sk-" + b"proj-abcdefghijklmnop0123456789"
    with_key = changed(b"You are", key, half="request")
    assert "no secret is left" in failing(with_key)
    persons = "no name that was given, mail address or phone number is left"
    assert failing(changed(), "ASSISTANT") == {persons}
    mail = changed(b"You are", b"a@b.example", half="request")
    assert persons in failing(mail, before=mail)


def test_an_answer_that_could_not_be_decoded_fails_a_check() -> None:
    cassette = changed()
    each = cassette.interactions[0]
    metadata = RecordingMetadata(content_encoding="br", undecoded=True)
    each = replace(each, response=replace(each.response, metadata=metadata))
    after = replace(cassette, interactions=(each, *cassette.interactions[1:]))
    assert failing(after) == {"every body could be searched"}
