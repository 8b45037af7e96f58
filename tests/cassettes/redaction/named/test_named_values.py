"""Secrets that their name gives away, in bodies of any kind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.named.named_values import find_named
from chatviz.cassettes.redaction.redaction import redact
from chatviz.cassettes.redaction.rules import DEFAULT_RULES, RedactionRules

SECRET = "hush-7f3a-Quiet"
OPAQUE = "aB3dE5fG7hJ9kL1mN3pQ5rS7"


def found(text: str, rules: RedactionRules = DEFAULT_RULES) -> list[str]:
    data = text.encode()
    spans = {(span.start, span.end) for span in find_named(data, rules)}
    return [data[start:end].decode() for start, end in sorted(spans)]


# ---- members of JSON


@pytest.mark.parametrize(
    "name",
    [
        *("apiKey", "accessToken", "clientSecret", "password", "token", "authorization"),
        *("authorization_token", "access_token", "refresh_token", "api_key", "SecretAccessKey"),
        *("contraseña", "private_key", "OPENAI_API_KEY", "db.password"),
    ],
)
@pytest.mark.parametrize("depth", [0, 1, 2, 3])
def test_a_secret_field_is_found_at_any_depth_of_json_in_json(name: str, depth: int) -> None:
    text = json.dumps({"a": 'q"\\', name: SECRET, "b": [1]}, ensure_ascii=False)
    for _ in range(depth):
        text = json.dumps({"arguments": text}, ensure_ascii=False)
    assert found(text) == [SECRET]


@pytest.mark.parametrize(
    "text",
    [
        '{"password"  :  "%s"}',
        '{\n  "password":\n    "%s"\n}',
        "{'password': '%s'}",
        '"{\\n \\"password\\":\\n \\"%s\\"}"',
        'data: {"password":"%s"}\n\n',
        '{"password":"%s',
        '{"password":["%s"]}',
        '{"passwords":["%s"]}',
        '{"credentials":{"user_name":"","it":"%s"}}',
        '{"name":"Authorization","value":"%s"}',
        '{"value":"%s","secure":true,"name":"X-Api-Key"}',
        '{\\"name\\": \\"cookie\\", \\"value\\": \\"%s\\"}',
        '{"key":"Authorization","value":"%s"}',
        'export OPENAI_API_KEY="%s"\n',
        "OPENAI_API_KEY=%s\n",
        "password: %s",
        "client = Client(api_key='%s')",
        'my_password := "%s"',
        '"password" => "%s"',
        "AccountName=a;AccountKey=%s;Endpoint=b",
    ],
)
def test_a_secret_field_is_found_in_many_notations(text: str) -> None:
    assert [each for each in found(text % SECRET) if each] == [SECRET]


def test_quotes_and_backslashes_in_a_secret_belong_to_it() -> None:
    for secret in ('a"b\\c', "\\", '"', "a\nb", 'x\\"y'):
        for text in (json.dumps({"password": secret, "b": 1}),):
            for _ in range(3):
                data = text.encode()
                (span,) = find_named(data, DEFAULT_RULES)
                masked = data[: span.start] + b"_" * (span.end - span.start) + data[span.end :]
                inner: Any = masked.decode()
                while isinstance(inner, str):
                    inner = json.loads(inner)
                    inner = inner.get("arguments", inner)
                assert set(inner["password"]) == {"_"}
                assert inner["b"] == 1
                text = json.dumps({"arguments": text})


def test_a_password_that_is_a_number_stays_one() -> None:
    body = b'{"password": 123456, "token": 123456, "max_tokens": 4000}'
    (cleaned, _) = redact(Interaction(RecordedRequest(), RecordedResponse(200, body=body)))
    assert json.loads(cleaned.response.body)["password"] == 999999
    assert json.loads(cleaned.response.body)["token"] == 123456


@pytest.mark.parametrize(
    "value",
    [
        *({"max_tokens": 4000}, {"token_count": "many of them"}, {"tokens": ["Hello", "there"]}),
        {"content": [{"token": "Hello-there", "logprob": -0.1, "bytes": [72], "top_logprobs": []}]},
        {"top": [{"bytes": [72], "logprob": -1.0, "token": "Hello-there"}]},
        {"chosen": [{"token": "Hello-there", "tokenId": 5, "logProbability": -0.1}]},
        {"token": {"id": 5, "text": "Hello-there", "special": False}},
        {"properties": {"password": {"type": "string", "description": "The one to be set"}}},
        {"properties": {"headers": {"type": "object", "description": "What to send besides"}}},
        {"required": ["password", "api_key"], "token": "string", "api_key": "<your key>"},
        {"password": "********", "api_key": "YOUR_API_KEY", "secret": "${SECRET}", "jwt": ""},
        {"type": "thinking", "thinking": "Hm.", "signature": OPAQUE * 4},
        {"error": {"code": "invalid_api_key", "message": "wrong"}, "session_id": "abc-123-def"},
        {"name": "get_weather", "value": "an ordinary value"},
        {"key": "colour", "value": "an ordinary value"},
        {"password": None, "token": True, "secret": 1.5, "api_key": {}},
        {"text": "Your password: must contain 8 characters. The key: listen. A token: 'a'"},
        {"text": "if token == end_of_text: pass; api_key=os.environ['OPENAI_API_KEY']"},
    ],
)
def test_what_only_has_the_name_of_a_secret_is_left_alone(value: Any) -> None:
    text = json.dumps(value)
    assert found(text) == []
    assert found(json.dumps({"arguments": text})) == []


def test_an_ordinary_name_gives_away_what_looks_drawn_by_lot() -> None:
    assert found(json.dumps({"key": OPAQUE, "pass": OPAQUE, "code": OPAQUE})) == [OPAQUE] * 2
    assert found(json.dumps({"key": "user_1234", "pass": "all of them"})) == []
    assert found(f"cloud_iam_key = '{OPAQUE}'") == [OPAQUE]


def test_what_a_mcp_server_is_asked_with_is_secret() -> None:
    """OpenAI's ``tools[].authorization`` and ``tools[].headers``, Anthropic's ``mcp_servers``."""
    asked = {
        "tools": [
            {
                "type": "mcp",
                "server_label": "deepwiki",
                "authorization": SECRET,
                "headers": {"X-Team": "blue-5", "Authorization": f"Bearer {OPAQUE}"},
            }
        ],
        "mcp_servers": [{"url": "https://a.example/", "authorization_token": SECRET}],
        "extra_headers": {"Accept": "text/plain", "X-One": "one"},
    }
    assert found(json.dumps(asked)) == [SECRET, "blue-5", f"Bearer {OPAQUE}", SECRET, "one"]
    assert found(json.dumps(json.dumps(asked)))[0] == SECRET
    assert len(found(json.dumps(json.dumps(asked)))) == 5


def test_names_of_the_user_are_heeded() -> None:
    rules = RedactionRules(names=("badge",))
    assert found('{"badge": "blue", "Badge": "red", "badges": "all"}', rules) == ["blue", "red"]


@pytest.mark.parametrize(
    "text",
    [
        '"password":"' * 20_000,
        '{"headers":{' * 20_000,
        '{"headers":{"a":"b",' * 5_000,
        '"secrets":[' + '"a",' * 50_000,
        '{"password":"' + "\\" * 200_000,
        "token" * 50_000,
        "token=" * 50_000,
        '{"value":"a"' * 20_000,
        "'" * 100_000 + "key",
        '{"secrets":{"b":{"c":{' + '"a":"b",' * 50_000,
        '{"secrets":{"secrets":{"secrets":{"a":"b"}},' * 10_000,
        '{"headers":[["a","b"],' * 10_000,
        '[["api_key",' * 20_000,
        '[["api_key","a1b2c3d4"],' * 10_000,
        "--api-key " * 30_000,
        "Basic YWJjZGVm" * 20_000,
    ],
    ids=lambda text: str(text)[:14],
)
@pytest.mark.timeout(20)
def test_nothing_that_is_sent_makes_the_search_slow(text: str) -> None:
    assert sum(1 for _ in find_named(text.encode(), DEFAULT_RULES)) <= 100_000
