from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching import normal_form
from chatviz.cassettes.matching.json_diff import ABSENT
from chatviz.cassettes.matching.matcher import Difference, Matching, differences, matches, nearest
from chatviz.cassettes.redaction.redaction import RedactionRules, redact_request
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import JSONPathError

URL = "https://openrouter.ai/api/v1/chat/completions"
FORM = {"Content-Type": ("application/x-www-form-urlencoded; charset=utf-8",)}
KEY = "sk-or-v1-" + "0123456789abcdef" * 4

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([KEY, "REDACTED", "a\ud800"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=15,
)


def post(body: Any = b"", url: str = URL, **fields: Any) -> RecordedRequest:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RecordedRequest("POST", url, body=data, **fields)


def interaction(request: RecordedRequest) -> Interaction:
    return Interaction(request, RecordedResponse(200))


def said(request: RecordedRequest, recorded: RecordedRequest, **how: Any) -> list[str]:
    return [difference.sentence for difference in differences(request, recorded, **how)]


@given(JSON, st.booleans(), st.integers(0, 4))
def test_a_body_matches_itself_in_every_spelling(body: Any, ascii: bool, indent: int) -> None:
    spelt = json.dumps(body, ensure_ascii=ascii, indent=indent, sort_keys=True)
    other = spelt.encode("utf-8", "backslashreplace")  # a lone surrogate as its escape
    assert differences(post(body), post(other)) == []
    assert Matching().matches(post(body), post(other))


@given(JSON, JSON)
def test_a_match_is_where_nothing_differs(one: Any, other: Any) -> None:
    asked, recorded = post({"a": one, "b": [other]}), post({"a": other, "b": [one]})
    assert Matching().matches(asked, recorded) == (differences(asked, recorded) == [])


@pytest.mark.parametrize(
    ("asked", "recorded"),
    [
        (b'{"a": 1.0, "b": "\\u00e9/"}', '{"b":"é\\/","a":1}'.encode()),
        (b'{"a": 1e3}', b'{"a": 1000}'),
        (b'{"a": NaN}', b'{ "a": NaN }'),
        (b"\xef\xbb\xbf{}", b"{ }"),
        (b'"\xff"', b' "\xff"'),
        (b"", b""),
    ],
)
def test_spelling_is_free(asked: bytes, recorded: bytes) -> None:
    assert differences(post(asked), post(recorded)) == []


@pytest.mark.parametrize(
    ("asked", "recorded", "path"),
    [
        (b'{"stream": true}', b'{"stream": 1}', "stream"),
        (b'{"a": 1.5}', b'{"a": 1}', "a"),
        (b'{"a": "1"}', b'{"a": 1}', "a"),
        (b'{"a": NaN}', b'{"a": null}', "a"),
        (b'{"a": 1}', b"", "body"),
        (b"plain", b"other", "body"),
        (b"1", b"plain", "body"),
    ],
)
def test_other_bodies_differ(asked: bytes, recorded: bytes, path: str) -> None:
    assert [difference.path for difference in differences(post(asked), post(recorded))] == [path]


@pytest.mark.parametrize(
    "url",
    [
        "https://Host.example:443/a:b/c?x=1&y=2&y=1",
        "https://host.example/a%3Ab/c?y=1&y=2&x=1#part",
        "HTTPS://anna:secret@host.example/%61:b/c?y=1&x=1&y=2",
        "https://host.example/a:b/c?y=1&x=1&y=2&api_key=abc&X-Amz-Date=now",
    ],
)
def test_urls_are_the_same_in_every_spelling_and_with_any_key(url: str) -> None:
    recorded = post(url="https://host.example/a%3ab/c?x=1&y=1&y=2&api_key=REDACTED")
    assert differences(post(url=url), recorded) == []


def test_each_part_of_a_url_that_differs_is_named() -> None:
    recorded = post(url="https://host.example/v1/a%2Fb?alt=sse&n=1&n=2&v=1")
    asked = replace(post(url="http://host.example:81/v2/a/b?alt=json&page=1&v=1"), method="get")
    assert said(asked, recorded) == [
        "method: recorded 'POST', asked 'GET'",
        "url.host: recorded 'https://host.example', asked 'http://host.example:81'",
        "url.path: recorded '/v1/a%2Fb', asked '/v2/a/b'",
        "url.query.alt: recorded 'sse', asked 'json'",
        'url.query.n: recorded ["1","2"], asked nothing',
        "url.query.page: recorded nothing, asked '1'",
    ]


def test_a_url_that_is_none_is_compared_as_it_is() -> None:
    assert differences(post(url="http://[::1"), post(url="http://[::1")) == []
    assert len(differences(post(url="http://[::1"), post(url="http://[::2"))) == 1


def test_any_host_does_for_the_client_of_a_server_on_this_machine() -> None:
    asked = post(url="http://127.0.0.1:8080/api/v1/chat/completions")
    assert Matching(any_host=True)(asked, post()) == []
    assert len(Matching()(asked, post())) == 1


def test_forms_are_compared_by_their_fields_and_without_their_secrets() -> None:
    recorded = post(b"grant=code&scope=a+b&client_secret=REDACTED", headers=FORM)
    asked = post(b"scope=a%20b&grant=code&client_secret=another-one", headers=FORM)
    assert differences(asked, recorded) == []
    other = post(b"grant=other&scope=a+b&client_secret=x", headers=FORM)
    assert said(other, recorded) == ["grant[0]: recorded 'code', asked 'other'"]
    assert differences(other, recorded, ignore=["grant"]) == []
    (difference,) = differences(replace(asked, headers={}), recorded)
    assert difference.path == "body"


def test_the_boundary_of_a_multipart_body_is_not_compared() -> None:
    def upload(boundary: str) -> RecordedRequest:
        kind = {"content-type": (f'multipart/form-data; boundary="{boundary}"',)}
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--{boundary}--'
        )
        return post(body.encode(), headers=kind)

    assert differences(upload("one"), upload("another")) == []


def test_binary_bodies_are_compared_byte_by_byte() -> None:
    (difference,) = differences(post(b"\xff\x00\x01\x02"), post(b"\xff\x00\x01\x03"))
    assert difference.recorded == "4 bytes, from byte 3 on: 03"
    assert difference.asked == "4 bytes, from byte 3 on: 02"
    (longer,) = differences(post(b"\xff\x00"), post(b"\xff"))
    assert longer.asked == "2 bytes, from byte 1 on: 00"
    (nothing,) = differences(post(b""), post(b"\xff"))
    assert nothing.asked is ABSENT


@pytest.mark.parametrize("depth", [99, 100, 101, 1000, 100_000])
def test_json_however_deep_is_compared(depth: int) -> None:
    deep = b"[" * depth + b"1" + b"]" * depth
    assert differences(post(deep), post(deep)) == []
    assert len(differences(post(deep), post(deep.replace(b"1", b"2")))) == 1


def test_ignored_paths_are_not_compared() -> None:
    recorded = post({"messages": [{"tool_call_id": "a"}, {"role": "user"}], "seed": 1})
    asked = post({"messages": [{"tool_call_id": "b"}, {"role": "user", "tool_call_id": "c"}]})
    assert len(differences(asked, recorded)) == 3
    assert differences(asked, recorded, ignore=["messages[].tool_call_id", "seed"]) == []
    assert differences(asked, recorded, ignore=["messages[]", "seed"]) == []
    with pytest.raises(JSONPathError):
        differences(asked, recorded, ignore=["messages[x]"])


def test_normalised_ids_match_what_another_client_rewrote(seeds: Any) -> None:
    """The second seed's client rewrote ``add:0`` to ``test-3``; another writes something else."""
    recorded = load_cassette(seeds.novita).interactions[1].request
    body = recorded.body.replace(b"test-", b"call_")
    asked = replace(recorded, body=body)
    assert body != recorded.body
    assert len(differences(asked, recorded)) == 4
    assert differences(asked, recorded, normalise_ids=True) == []
    wrong = replace(recorded, body=body.replace(b'"tool_call_id":"call_3"', b'"tool_call_id":"no"'))
    found = differences(wrong, recorded, normalise_ids=True)
    assert {item.path.rpartition(".")[2] for item in found} == {"tool_call_id"}


def test_headers_are_not_compared() -> None:
    assert differences(post(headers={"x-title": ("a",)}), post()) == []


def test_a_recorded_request_matches_one_with_other_secrets_in_its_body() -> None:
    def ask(secret: str) -> RecordedRequest:
        body = {
            "tools": [{"authorization": secret, "headers": {"X-Any": secret}}],
            "password": secret,
            "image_url": f"https://a.example/?sig={secret}&n=1",
            "pairs": [{"value": secret, "name": "Cookie"}],
        }
        return post(json.dumps(body).encode())

    for kept, asked in (("hush-7f3a-Quiet", "another-9b-of-mine"), ("ab1", "cd34"), ("ab", "abc1")):
        assert differences(ask(asked), redact_request(ask(kept))) == []


def test_a_form_of_several_parts_matches_one_with_another_secret() -> None:
    def ask(secret: str, boundary: str) -> RecordedRequest:
        lines = [f"--{boundary}", 'Content-Disposition: form-data; name="api_key"', "", secret]
        body = "\r\n".join([*lines, f"--{boundary}--", ""]).encode()
        return post(body, headers={"content-type": (f"multipart/form-data; boundary={boundary}",)})

    assert differences(ask("another-9b", "x2"), redact_request(ask("hush-7f3a", "x1"))) == []


def test_a_packed_request_is_recorded_plain_and_matches_one_that_is_packed_again() -> None:
    def ask(seconds: int, coding: str = "gzip") -> RecordedRequest:
        packed = gzip.compress(b'{"model": "m", "password": "hush-7f3a"}', mtime=seconds)
        return post(packed, headers={"Content-Encoding": (coding,)})

    recorded = redact_request(ask(1))
    assert json.loads(recorded.body) == {"model": "m", "password": "REDACTED_"}
    assert recorded.content_length == len(recorded.body)
    assert differences(ask(2), recorded) == []
    assert redact_request(post(ask(1).body)).body == recorded.body  # without a header, too


def test_every_shared_recording_matches_itself_after_redaction(shared_cassettes: Path) -> None:
    for path in sorted(shared_cassettes.glob("*/*.yaml")):
        for item in load_cassette(path).interactions:
            assert differences(item.request, redact_request(item.request)) == [], path.name


@pytest.mark.parametrize("key", ["another-key-that-is-longer", "short"])
def test_a_redacted_recording_matches_the_request_with_another_key(key: str) -> None:
    def ask(key: str) -> RecordedRequest:
        return post(
            {"messages": [{"content": f"my key is {key}, and {KEY}"}], "user": key},
            url=f"https://host.example/{key}/chat?key={key}",
            headers={"Authorization": (f"Bearer {key}",)},
        )

    recorded = redact_request(ask("my-own-key-1234"))
    assert b"my-own-key" not in recorded.body
    assert differences(ask("my-own-key-1234"), recorded) == []
    assert (differences(ask(key), recorded) == []) == (key != "short")


def test_a_dummy_key_may_be_a_word_of_the_body_and_of_the_url() -> None:
    recorded = post({"model": "openrouter/auto"})
    asked = replace(recorded, headers={"Authorization": ("Bearer openrouter",)})
    assert differences(asked, recorded) == []


def test_a_pattern_that_cuts_through_json_takes_its_values_alone() -> None:
    matching = Matching(rules=RedactionRules(patterns=('":1,',)))
    assert matching(post({"a": 1, "b": 2}), post({"a": 1, "b": 2})) == []
    (difference,) = matching(post({"a": 1, "b": 2}), post({"a": 1, "b": 3}))
    assert difference.path == "b"


def test_each_recorded_request_is_prepared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared: list[RecordedRequest] = []
    prepare = normal_form.Preparation.prepare

    def count(self: normal_form.Preparation, request: RecordedRequest) -> normal_form.NormalForm:
        prepared.append(request)
        return prepare(self, request)

    monkeypatch.setattr(normal_form.Preparation, "prepare", count)
    recorded = [post({"n": number}) for number in range(50)]
    matching = Matching()
    for number in range(0, 50, 10):
        asked = post({"n": number})
        assert [matches(asked, request, matching) for request in recorded].index(True) == number
    assert len(prepared) == 50 + 5


def test_the_nearest_is_the_one_with_the_fewest_differences() -> None:
    talk = {"model": "m", "messages": [{"role": "user", "content": "a"}]}
    recorded = [
        interaction(post(talk, url="https://elsewhere.example/")),
        interaction(post({**talk, "model": "n", "seed": 2})),
        interaction(post({**talk, "seed": 2})),
        interaction(post({**talk, "seed": 3})),
    ]
    place, found = nearest(post({**talk, "seed": 1}), recorded, Matching())
    assert (place, [str(item) for item in found]) == (2, ["seed: recorded 2, asked 1"])


def test_the_nearest_of_many_is_found_by_what_they_have_in_common() -> None:
    def talk(topic: int, seed: int, url: str = URL) -> RecordedRequest:
        messages = [{"role": "user", "content": f"{topic} apples " * 20}]
        return post({"messages": messages, "seed": seed}, url)

    recorded = [interaction(talk(number, number)) for number in range(99)]
    recorded[3:30] = [interaction(talk(60, 100, "https://elsewhere.example/"))] * 27
    place, found = nearest(talk(60, 100), recorded, Matching())
    assert (place, [str(item) for item in found]) == (60, ["seed: recorded 60, asked 100"])


def test_a_function_of_the_user_matches_too() -> None:
    def by_model(request: RecordedRequest, recorded: RecordedRequest) -> list[Difference | str]:
        models = (json.loads(item.body)["model"] for item in (request, recorded))
        return ["another model"] if len(set(models)) > 1 else []

    recorded = [interaction(post({"model": model})) for model in "ab"]
    assert matches(post({"model": "b"}), recorded[1].request, by_model)
    assert not matches(post({"model": "b"}), recorded[0].request, by_model)
    assert nearest(post({"model": "b"}), recorded, by_model) == (1, [])
    assert nearest(post({"model": "c"}), recorded, by_model) == (0, ["another model"])


@pytest.mark.parametrize("found", [True, None, "differs", 5])
def test_a_matcher_that_lists_nothing_is_told_what_is_wanted(found: Any) -> None:
    """As the matchers of other tools, which say yes or no."""
    interaction = Interaction(post({"a": 1}), RecordedResponse(200))
    for use in (
        lambda: matches(post({"a": 1}), interaction.request, lambda *_: found),
        lambda: nearest(post({"a": 1}), [interaction], lambda *_: found),
    ):
        with pytest.raises(TypeError, match=r"match= is to return the list of what differs"):
            use()
