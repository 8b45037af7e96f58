"""Secrets in texts and lists, where no key of JSON names them, and deep in maps of secrets."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from chatviz.cassettes.redaction.masks import merge_spans
from chatviz.cassettes.redaction.named.named_values import find_named
from chatviz.cassettes.redaction.rules import DEFAULT_RULES

SECRET = "hush-7f3a-Quiet"
BASIC = base64.b64encode(b"anna:hush hush").decode()


def found(value: Any, *, depth: int = 0) -> list[str]:
    text = value if isinstance(value, str) and not depth else json.dumps(value)
    for _ in range(depth):
        text = json.dumps({"arguments": text})
    data = text.encode()
    spans = merge_spans(data, find_named(data, DEFAULT_RULES))
    return [data[span.start : span.end].decode() for span in spans]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "text",
    [
        'curl -H "Authorization: Basic %s" https://a.example/',
        "authorization=basic%%20%s",
        "sent was 'Basic %s', and the answer 401",
        "GET / HTTP/1.1\r\nProxy-Authorization: BASIC %s\r\n",
    ],
)
def test_the_credentials_of_basic_are_found_in_a_text(text: str, depth: int) -> None:
    for coded in (BASIC, base64.b64encode(b"user:pass").decode()):
        assert found(text.replace("%%", "%").replace("%s", coded), depth=depth) == [coded]


@pytest.mark.parametrize(
    "text",
    [
        *("Basic authentication", "basic internationalization", "Basic arithmetics2024/25"),
        *("basic YWJjZGVmZ2hp", "Basic " + base64.b64encode(b"\xff\xfe:\x00abcdef").decode()),
        *("Authorization: Basic", "Authorization: Basic auth is what it wants", "Basic abc="),
    ],
)
def test_other_words_behind_basic_are_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "text",
    [
        *("Authorization: Bearer %s", "authorization='Bearer %s'", "Authorization: ApiKey %s\n"),
        *("tool --api-key %s -v", "mysql --password %s", "x --db-password '%s' -u me"),
    ],
)
def test_a_secret_may_have_a_word_or_a_space_before_it(text: str, depth: int) -> None:
    assert found(text % SECRET, depth=depth) == [SECRET]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "tool --max-tokens 4000abcd -v",
            "--password-file secrets2.txt",
            "--token-type bearer1234",
        ),
        *("--password is what hides it", "--password --host a1b2c3d4e5", "-- token abcd1234efgh"),
    ],
)
def test_what_stands_behind_other_options_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ({"env": [["API_KEY", SECRET], ["HOME", "/home/a1"]]}, [SECRET]),
        ({"sent": [["Accept", "a/b"], ["Authorization", f"Bearer {SECRET}"]]}, [SECRET]),
        ({"args": ["run", "--api-key", SECRET, "--verbose"]}, [SECRET]),
        ({"credentials": {"google": {"id": "me", "key": SECRET}}}, [SECRET]),
        ({"credentials": {"a": {"b": "c"}, "user": SECRET}}, [SECRET]),
        ({"secrets": [{"name": "DB", "value": SECRET}, {"name": "x"}]}, [SECRET]),
        ({"cookies": [{"name": "sid", "value": SECRET, "path": "/"}]}, [SECRET]),
    ],
)
def test_secrets_in_lists_and_deep_in_maps_are_found(
    value: Any, secrets: list[str], depth: int
) -> None:
    assert found(json.dumps(value) if not depth else value, depth=depth) == secrets


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "value",
    [
        {"required": ["password", "address2"], "fields": ["api_key", "username1"]},
        {"rows": [["password", "the user types it"], ["token", "text"]]},
        {"rows": [["password", "address2", "c"], ["token", "b1b2b3b4"]][:1]},
        {"args": ["--password", "--host", "--api-key", "${KEY}", "--token-file", "a1b2c3d4"]},
        {"properties": {"credentials": {"google": {"type": "object", "key": "a1b2c3d4"}}}},
        {"credentials": {"google": {"id": "me", "name": "a1b2c3d4"}}},
        {"secrets": {"a": {"b": {"c": {"key": "too deep for anybody"}}}}},
    ],
)
def test_lists_of_names_and_descriptions_hold_no_secret(value: Any, depth: int) -> None:
    assert found(json.dumps(value) if not depth else value, depth=depth) == []
