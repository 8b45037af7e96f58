from __future__ import annotations

import base64
import copy
import json
import logging
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching.matcher import Matching, differences
from chatviz.cassettes.matching.misses import miss
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.redaction.redaction import (
    DEFAULT_RULES,
    RedactionRules,
    redact,
    redact_request,
)
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.key_shapes import KeyShape

KEY = "sk-or-v1-" + "0123456789abcdef" * 4
OPAQUE = "zQ9.opaque/token+with=signs&more"
SESSION = "session-of-the-cookie"
PASSWORD = "pass-of-the-url"
BASIC = base64.b64encode(b"anna:pass-of-basic").decode()
SECRETS = [KEY, OPAQUE, SESSION, PASSWORD, BASIC, "pass-of-basic", "of-the-query-1"]
JSON_TYPE = ("application/json",)
FORM = {"content-type": ("application/x-www-form-urlencoded",)}

TOKENS = st.text("ABCDEFGHJKabcdefghjk0123456789-._~+/=", min_size=8, max_size=60)


def answer(body: bytes, **fields: Any) -> Interaction:
    return Interaction(
        RecordedRequest("POST", "https://a.example/"), RecordedResponse(200, body=body, **fields)
    )


def sse(*fragments: str, key: str = "content") -> bytes:
    events = (json.dumps({"choices": [{"delta": {key: text}}]}) for text in fragments)
    return "".join(f"data: {event}\n\n" for event in events).encode()


def everywhere() -> Interaction:
    """A secret in every place that an interaction has."""
    said = " ".join(SECRETS)
    escaped = json.dumps(json.dumps({"said": said, "url": quote(said)}))
    return Interaction(
        request=RecordedRequest(
            "POST",
            f"https://anna:{PASSWORD}@a.example/{KEY}/chat?alt=sse&api_key=of-the-query-1#{KEY}",
            headers={
                "Accept": ("*/*",),
                "User-Agent": (f"client/1 {KEY}",),
                "Content-Type": JSON_TYPE,
                "Authorization": (f"Bearer {OPAQUE}",),
                "Proxy-Authorization": (f"Basic {BASIC}",),
                "Cookie": (f"theme=dark; id={SESSION}",),
                "X-Api-Key": (KEY,),
                "X-Title": ("my application",),
            },
            body=f'{{"text": {escaped}, "key": "{KEY}"}}'.encode(),
            form={"api_key": ("of-the-query-1",), "text": (f"my key is {KEY}",), "n": ("1",)},
            trailer={"X-Signature": (KEY,)},
            host=f"a.example {KEY}",
            request_uri="/chat?alt=sse&api_key=of-the-query-1",
            extra={"note": [f"see {KEY}", KEY.encode(), 3], "auth": {"password": "pw", "n": None}},
        ),
        response=RecordedResponse(
            401,
            status_line=f"401 {KEY}",
            headers={
                "Content-Type": JSON_TYPE,
                "Set-Cookie": (f"sid={SESSION}; path=/",),
                "Location": (f"https://b.example/?token=of-the-query-1&x={KEY}",),
                "X-RateLimit-Limit": ("5",),
                "Server": ("cloud",),
            },
            body=f'{{"error": "no such key: {KEY}", "said": {escaped}}}'.encode(),
            trailer={"x-token": (KEY,)},
            extra={"debug": KEY},
        ),
        extra={"comment": KEY},
    )


def test_planted_secrets_are_in_no_file_error_repr_or_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = everywhere()
    cleaned, removed = redact(planted)
    path = tmp_path / "a.yaml"
    save_cassette(Cassette((cleaned,)), path)
    loaded = load_cassette(path)
    asked = replace(planted.request, method="PUT", body=planted.request.body + KEY.encode())
    error = miss(asked, loaded.interactions, Matching(), path=str(path))
    runs = read_runs(loaded)
    shown = "\n".join(
        [
            path.read_text(),
            repr(cleaned),
            repr(loaded),
            repr(runs),
            repr(removed),
            f"{error} {error!r} {vars(error)}",
            *error._render_traceback_(),
            caplog.text,
            *capfd.readouterr(),
        ]
    )
    for secret in SECRETS:
        for spelling in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1]):
            assert spelling not in shown
    assert json.loads(loaded.interactions[0].response.body)["said"]
    assert json.loads(loaded.interactions[0].request.body)["key"] == "REDACTED".ljust(len(KEY), "_")


def test_what_was_removed_is_listed_by_its_place() -> None:
    cleaned, removed = redact(everywhere())
    assert cleaned.response.metadata == RecordingMetadata(removed=removed)
    for place in (
        "request.url.user",
        "request.url.query.api_key",
        "request.headers.authorization",
        "request.headers.x-title",
        "request.headers.user-agent at byte 9, 73 bytes, key shape 'sk-'",
        "request.form.api_key",
        "request.trailer.x-signature",
        "request.request_uri.query.api_key",
        "request.auth.password",
        "response.headers.set-cookie",
        "response.headers.location.query.token",
        "response.headers.server",
    ):
        assert any(item.startswith(place.partition(",")[0]) for item in removed), place
    assert len(removed) == len(set(removed))


def test_the_rest_stays_as_it_was() -> None:
    planted = everywhere()
    before = copy.deepcopy(planted)
    cleaned, _ = redact(planted)
    assert planted == before
    assert cleaned.request.headers.keys() == {"Accept", "User-Agent", "Content-Type"}
    assert cleaned.request.url.startswith("https://a.example/REDACTED_")
    assert "?alt=sse&api_key=REDACTED#REDACTED_" in cleaned.request.url
    assert cleaned.request.form["n"] == ("1",)
    assert cleaned.request.extra["auth"] == {"password": "REDACTED", "n": None}
    assert cleaned.response.headers["X-RateLimit-Limit"] == ("5",)
    assert cleaned.response.headers["Location"][0].startswith(
        "https://b.example/?token=REDACTED&x="
    )
    for part, old in ((cleaned.request, planted.request), (cleaned.response, planted.response)):
        assert len(part.body) == len(old.body)


def test_redacting_again_changes_nothing() -> None:
    cleaned, _ = redact(everywhere())
    again, removed = redact(cleaned)
    assert again == cleaned
    assert removed == ()


def test_a_redacted_recording_still_answers_the_request() -> None:
    planted = everywhere()
    assert differences(planted.request, redact(planted)[0].request) == []


def test_redact_request_is_what_redact_makes_of_the_request() -> None:
    request = replace(everywhere().request)
    assert redact_request(request).headers.keys() == {"Accept", "User-Agent", "Content-Type"}
    assert KEY not in redact_request(request).url


def test_nothing_is_found_in_the_bodies_of_real_recordings(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.glob("*/*.yaml")):
        for interaction in load_cassette(path).interactions:
            cleaned, removed = redact(interaction)
            assert all(".headers." in place for place in removed), path.name
            assert cleaned.request.body == interaction.request.body
            assert cleaned.response.body == interaction.response.body


def test_nothing_is_found_in_the_packaged_recordings(seeds: Any) -> None:
    for path in seeds:
        for interaction in load_cassette(path).interactions:
            assert redact(interaction) == (interaction, ())


@given(TOKENS, st.lists(st.text(max_size=20), min_size=2, max_size=6), st.booleans())
def test_a_token_of_a_header_is_in_no_body_whatever_is_around_it(
    token: str, texts: list[str], escape: bool
) -> None:
    said = token.join(texts)
    pieces = [token[n : n + 8] for n in range(len(token) - 7)]
    assume(not any(piece in "REDACTED" + "_" * 60 for piece in pieces) and not token.isdigit())
    assume(not any(piece in json.dumps("|".join(texts)) for piece in pieces))
    body = json.dumps({"said": said}, ensure_ascii=escape).encode()
    request = RecordedRequest("POST", "https://a/", {"x-api-key": (token,)}, body)
    cleaned, removed = redact(Interaction(request, RecordedResponse(200, body=body)))
    for part in (cleaned.request.body, cleaned.response.body):
        assert len(part) == len(body)
        assert not any(piece in json.loads(part)["said"] for piece in pieces)
        assert token.encode() not in part
    assert "request.headers.x-api-key" in removed
    assert differences(request, cleaned.request) == []


@given(TOKENS, st.data())
def test_a_token_in_any_fragments_of_a_stream_is_found(token: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(token)), min_size=1, max_size=8).map(sorted))
    edges = [0, *cuts, len(token)]
    fragments = [token[a:b] for a, b in pairwise(edges)]
    assume("REDACTED" not in token and not token.isdigit())
    body = sse("Your key: ", *fragments, ", as you said.")
    headers = {"authorization": (f"Bearer {token}",)}
    interaction = Interaction(RecordedRequest(headers=headers), RecordedResponse(200, body=body))
    cleaned, _ = redact(interaction)
    assert len(cleaned.response.body) == len(body)
    events = [json.loads(line[6:]) for line in cleaned.response.body.splitlines() if line]
    said = "".join(event["choices"][0]["delta"]["content"] for event in events)
    assert token not in said
    assert said.startswith("Your key: ")
    assert said.endswith(", as you said.")


def test_a_key_in_fragments_is_found_by_its_shape_in_every_dialect() -> None:
    for key in ("content", "arguments", "partial_json", "thinking", "delta", "text"):
        cleaned, removed = redact(answer(sse("It is ", KEY[:5], KEY[5:30], KEY[30:], ".", key=key)))
        assert KEY[30:].encode() not in cleaned.response.body
        assert len(removed) == 3
        assert all("in fragments" in place for place in removed)


def test_other_texts_of_a_stream_do_not_become_keys_when_joined() -> None:
    body = sse("a sk", "-", "learn", " tutorial", " 1234567890", "abcdefghijk")
    assert redact(answer(body))[1] == ()


@pytest.mark.parametrize(
    "before", ["\\n", "\\\\", "\\\\n", "\\u00e9", '\\"', "é", "\\\\\\n", "\\u00"]
)
def test_no_escape_and_no_character_is_cut_in_two(before: str) -> None:
    r"""``n12345678`` behind a backslash is a line break and ``12345678``."""
    for first in ("n", "e9", "9", "u00e9", '"', "\\"):
        secret = f"{first}a1b2c3d4e5"
        body = f'{{"a":"{before}{secret}"}}'
        try:
            json.loads(body)
        except ValueError:
            continue
        request = RecordedRequest(headers={"x-key": (secret,)}, body=body.encode())
        cleaned = redact_request(request).body
        assert len(cleaned) == len(body.encode())
        assert "b2c3d4e5" not in json.loads(cleaned)["a"]


def test_behind_an_escaped_backslash_nothing_is_left() -> None:
    request = RecordedRequest(headers={"x-key": ("na1b2c3d4e5",)}, body=b'"\\\\na1b2c3d4e5"')
    assert json.loads(redact_request(request).body) == "\\REDACTED___"


def test_an_empty_secret_is_none() -> None:
    assert redact(answer(b"abc"), rules=RedactionRules(secrets=("",)))[1] == ()


def test_a_secret_number_stays_a_number_of_json() -> None:
    body = b'{"session": 1234567890, "said": "1234567890"}'
    request = RecordedRequest(headers={"x-session-id": ("1234567890",)}, body=body)
    assert json.loads(redact_request(request).body) == {"session": 9999999999, "said": "9999999999"}


def test_a_pattern_that_cuts_a_character_takes_all_of_it() -> None:
    interaction = answer("wörd: ü!".encode())
    cleaned, _ = redact(interaction, rules=RedactionRules(patterns=(r"w.", r".!")))
    assert cleaned.response.body.decode() == "REDrd: RED"


def test_a_pattern_that_matches_nothing_removes_nothing() -> None:
    assert redact(answer(b"abc"), rules=RedactionRules(patterns=("q*",)))[1] == ()


def test_line_breaks_stay_since_they_frame_a_stream() -> None:
    lines = "\n".join(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"] * 3)
    text = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    cleaned = redact(answer(text.encode()))[0].response.body
    assert b"MIIE" not in cleaned
    assert cleaned.count(b"\n") == text.count("\n")
    assert cleaned.endswith(b"\n-----END PRIVATE KEY-----")


def test_overlapping_finds_are_one() -> None:
    text = f"Bearer {KEY}-and-more"
    cleaned, removed = redact(
        answer(text.encode()), rules=RedactionRules(secrets=(KEY, "and-more", "Bearer sk"))
    )
    assert cleaned.response.body == b"REDACTED".ljust(len(text), b"_")
    assert len(removed) == 1


def test_bodies_that_are_binary_are_searched_too() -> None:
    body = b"\x00\x01\xff" + KEY.encode() + b"\xff\x80"
    assert (
        redact(answer(body))[0].response.body
        == b"\x00\x01\xff" + b"REDACTED".ljust(73, b"_") + b"\xff\x80"
    )


def test_secret_fields_of_a_form_are_removed() -> None:
    body = b"grant_type=password&password=hunter2&x%5Ftoken=abc&page_token=7"
    request = RecordedRequest("POST", "https://a/", FORM, body)
    cleaned = redact_request(request).body
    assert cleaned == b"grant_type=password&password=REDACTE&x%5Ftoken=RED&page_token=7"
    assert redact_request(replace(request, body=cleaned)).body == cleaned


@pytest.mark.parametrize(
    ("name", "is_removed"),
    [
        ("key", True),
        ("api_key", True),
        ("apiKey", True),
        ("APIKey", True),
        ("api%5Fkey", True),
        ("access_token", True),
        ("sig", True),
        ("X-Amz-Signature", True),
        ("X-Amz-Date", True),
        ("X-Goog-Credential", True),
        ("subscription-key", True),
        ("alt", False),
        ("max_tokens", False),
        ("pageToken", False),
        ("prompt_cache_key", False),
        ("monkey", False),
        ("design", False),
        ("tenant", False),
    ],
)
def test_query_parameters_are_removed_by_their_name(name: str, is_removed: bool) -> None:
    request = RecordedRequest(url=f"https://a.example/?{name}=abc&b=1")
    value = "REDACTED" if is_removed else "abc"
    assert redact_request(request).url == f"https://a.example/?{name}={value}&b=1"


@pytest.mark.parametrize(
    ("value", "body", "cleaned"),
    [
        ("hunter2", '{"said": "hunter2", "n": "hunter22"}', '{"said": "REDACTE", "n": "hunter22"}'),
        ("Bearer ab-1", '"\\nab-1, xab-1"', '"\\nREDA, xab-1"'),
        ("Bearer test", '"a test"', '"a test"'),  # a word, as servers on this machine take it
        ("1234", '{"tokens": 1234}', '{"tokens": 1234}'),
        ("a1", '"a1"', '"a1"'),
    ],
)
def test_short_values_of_secret_headers_are_sought_as_words(
    value: str, body: str, cleaned: str
) -> None:
    request = RecordedRequest(headers={"Authorization": (value,)}, body=body.encode())
    assert redact_request(request).body.decode() == cleaned


@pytest.mark.parametrize("before", ["", "a", "an", "anna:", "user:", "\xff"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_of_a_carried_key_is_found_wherever_it_begins(before: str, encode: Any) -> None:
    secret = "zQ9.opaque?token>with~signs"
    said = encode(f"{before}{secret}".encode("latin-1")).decode()
    interaction = answer(f'{{"said": "{said}"}}'.encode())
    request = replace(interaction.request, headers={"x-api-key": (secret,)})
    cleaned, _ = redact(replace(interaction, request=request))
    kept = json.loads(cleaned.response.body)["said"].partition("REDACTED")[0]
    assert len(kept) < len(said) - 30
    assert "REDACTED____" in cleaned.response.body.decode()
    assert base64.b64encode(secret.encode())[4:12].decode() not in kept


def test_the_hexadecimal_digits_of_a_carried_key_are_found() -> None:
    interaction = answer(OPAQUE.encode().hex().encode())
    request = replace(interaction.request, headers={"x-api-key": (OPAQUE,)})
    cleaned, _ = redact(replace(interaction, request=request))
    assert cleaned.response.body == b"REDACTED".ljust(2 * len(OPAQUE), b"_")


@pytest.mark.parametrize(
    "spelt",
    [
        "\\u0073k-" + KEY[3:],
        "".join(f"\\u{ord(letter):04x}" for letter in KEY),
        KEY[:9] + "\\u0030" + KEY[10:],
        KEY[:-1] + f"\\u{ord(KEY[-1]):04X}",
        "\\\\u0073k-" + KEY[3:],
        "%73k-" + KEY[3:],
        "\\u0041uthorization: Bearer " + KEY,
    ],
)
def test_a_key_with_escapes_is_found_and_json_stays_json(spelt: str) -> None:
    body = f'{{"before": "\\u00e9\\n", "said": "{spelt}", "after": "\\u0041"}}'.encode()
    json.loads(body)
    cleaned = redact(answer(body))[0].response.body
    assert len(cleaned) == len(body)
    assert KEY[12:30] not in json.loads(cleaned)["said"]
    assert KEY[12:30].encode() not in cleaned
    assert json.loads(cleaned)["after"] == "A"
    assert json.loads(cleaned)["before"] == "é\n"


def test_a_field_with_escapes_in_its_name_is_found() -> None:
    body = b'{"\\u0070assword": "hush-7f3a", "contrase\\u00f1a": "hush-7f3a"}'
    assert redact(answer(body))[0].response.body.count(b'"REDACTED_"') == 2


def test_a_key_split_over_the_summaries_of_reasoning_is_found() -> None:
    cut = [KEY[:7], KEY[7:40], KEY[40:]]
    events = [
        {
            "choices": [
                {"delta": {"reasoning_details": [{"type": "reasoning.summary", "summary": s}]}}
            ]
        }
        for s in ("the key ", *cut, " it is")
    ]
    body = b"".join(b"data: %s\n\n" % json.dumps(event).encode() for event in events)
    cleaned = redact(answer(body))[0].response.body
    said = re.findall(rb'"summary": "([^"]*)"', cleaned)
    assert (
        b"".join(said)
        == b"the key REDACTEREDACTED" + b"_" * 25 + b"REDACTED" + b"_" * 25 + b" it is"
    )


def test_a_secret_argument_in_fragments_is_found_though_it_is_whole_in_one() -> None:
    fragments = ['{"user": "anna", "pass', 'word": "', "hush-7f3a", '", "n": 1}']
    cleaned = redact(answer(sse(*fragments, key="arguments")))[0].response.body
    assert b"hush" not in cleaned
    assert b'"REDACTED_"' in cleaned


def test_a_body_that_cannot_be_unpacked_is_said_not_to_be_searched() -> None:
    request = RecordedRequest(headers={"content-encoding": ("gzip",)}, body=b"\x1f\x8b\x08broken")
    cleaned, removed = redact(Interaction(request, RecordedResponse(200)))
    assert cleaned.request.body == request.body
    assert any("request.body was not searched: the gzip data" in place for place in removed)


def test_a_secret_of_a_fragment_is_found_in_the_body() -> None:
    """What a browser keeps from servers may still be said by one."""
    request = RecordedRequest(url="https://a/#access_token=hush-7f3a-Quiet&n=1")
    cleaned, _ = redact(Interaction(request, RecordedResponse(200, body=b"hush-7f3a-Quiet")))
    assert cleaned.request.url == "https://a/#access_token=REDACTED&n=1"
    assert cleaned.response.body == b"REDACTED_______"


@pytest.mark.parametrize("value", ["Basic ???", "Basic " + base64.b64encode(b"\xff\xfe").decode()])
def test_credentials_that_cannot_be_read_are_removed_all_the_same(value: str) -> None:
    assert redact_request(RecordedRequest(headers={"authorization": (value,)})).headers == {}


def test_a_url_that_is_none_is_cleaned_all_the_same() -> None:
    request = RecordedRequest(url=f"http://anna:pw@[::1/?key=abc#{KEY}")
    assert redact_request(request).url == "http://[::1/?key=REDACTED#" + "REDACTED".ljust(73, "_")


def test_names_are_shown_harmlessly() -> None:
    request = RecordedRequest(headers={"x\x1b[31m" + "y" * 100: ("1",)})
    (removed,) = redact(Interaction(request, RecordedResponse(200)))[1]
    assert removed == "request.headers.x??31m" + "y" * 33 + "…"


def test_many_finds_are_counted() -> None:
    removed = redact(answer(f"{KEY} ".encode() * 60))[1]
    assert removed[-1] == "response.body, 10 times more"
    assert len(removed) == 51


def test_earlier_metadata_is_kept() -> None:
    metadata = RecordingMetadata("measured", ((3, 1),), removed=("request.url.user",))
    interaction = Interaction(
        RecordedRequest(headers={"x-a": ("1",)}),
        RecordedResponse(200, body=b"abc", metadata=metadata),
    )
    cleaned, removed = redact(interaction)
    assert removed == ("request.headers.x-a",)
    assert cleaned.response.metadata == replace(metadata, removed=("request.url.user", *removed))


def test_metadata_that_does_not_fit_is_not_written_over() -> None:
    interaction = replace(answer(KEY.encode(), extra={"x-chatviz": {"clock": "sundial"}}))
    cleaned, removed = redact(interaction)
    assert cleaned.response.metadata is None
    assert len(removed) == 1


def test_rules_can_be_extended() -> None:
    rules = RedactionRules(
        request_headers=(*DEFAULT_RULES.request_headers, "x-title"),
        names=("Badge",),
        shapes=(KeyShape("acme", (b"acme-",), rb"acme-[0-9]{4}"),),
        patterns=(r"user=(?P<key>\w+)",),
        secrets=("hush",),
    )
    request = RecordedRequest(
        url="https://a/?badge=7",
        headers={"X-Title": ("t hush",), "X-Other": ("o",)},
        body=f"acme-1234 user=anna hush {KEY}".encode(),
    )
    cleaned = redact_request(request, rules=rules)
    assert cleaned.url == "https://a/?badge=REDACTED"
    assert cleaned.headers == {"X-Title": ("t REDA",)}
    assert cleaned.body == f"REDACTED_ user=REDA REDA {KEY}".encode()
    assert "hush" not in repr(rules)


def test_bodies_can_be_left_alone() -> None:
    cleaned, removed = redact(answer(KEY.encode()), rules=RedactionRules(scan_bodies=False))
    assert (cleaned.response.body, removed) == (KEY.encode(), ())


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"secrets": "hush"}, TypeError),
        ({"request_headers": "accept"}, TypeError),
        ({"patterns": ("(",)}, ValueError),
    ],
)
def test_rules_that_cannot_be_meant_are_refused(wrong: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        RedactionRules(**wrong)
    assert "hush" not in str(caught.value)
