"""Headers inside bodies are secret; what else is called headers is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chatviz.cassettes.cassette import RecordedRequest
from chatviz.cassettes.matching.matcher import differences
from chatviz.cassettes.redaction.masks import merge_spans
from chatviz.cassettes.redaction.named.named_values import find_named
from chatviz.cassettes.redaction.rules import DEFAULT_RULES, RedactionRules

TOKEN = "Bearer hush-7f3a"


def found(value: Any, rules: RedactionRules = DEFAULT_RULES, *, depth: int = 0) -> list[str]:
    text = json.dumps(value)
    for _ in range(depth):
        text = json.dumps({"arguments": text})
    data = text.encode()
    spans = merge_spans(data, find_named(data, rules))
    return [data[span.start : span.end].decode() for span in spans]


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize(
    "headers",
    [
        ["Name", "Age", "City"],
        ["Name", "Age"],
        ["Token", "Count"],
        ["Password", "Last login"],
        ["Cookie", "Price per box"],
        [["Name", "Age"], ["Token", "Last use"]],
        {"h1": "Introduction", "h2": "Methods"},
        {"date": "Date", "host": "Host of the evening", "key": "Key"},
        {"x-axis": "Time", "y-axis": "Price"},
        {"password": "Password", "first-name": "First name"},
        [{"text": "Name", "value": "name"}, {"text": "Access key", "value": "number"}],
        ["Note: all prices in euros", "Total: 5"],
        ["Authorization", "Content-Type", "X-Api-Key", "Accept"],
        {"type": "object", "properties": {"X-One": "string"}},
        [],
        {},
        "Name",
    ],
)
def test_the_columns_of_a_table_are_no_headers(headers: Any, depth: int) -> None:
    assert found({"headers": headers, "rows": [["Ann", 3]]}, depth=depth) == []


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("holder", ["headers", "extra_headers", "defaultHeaders"])
@pytest.mark.parametrize(
    ("headers", "values"),
    [
        ({"Authorization": TOKEN}, [TOKEN]),
        ({"Authorization": [TOKEN], "Accept": ["a/b"]}, [TOKEN]),
        ({"X-Team": "blue", "Accept": "a/b", "Trace": "5"}, ["blue", "5"]),
        ({"CF-Access-Client-Secret": "hush", "cf-id": "me"}, ["hush", "me"]),
        ({"common": {"Authorization": TOKEN, "Content-Type": "a/b"}}, [TOKEN]),
        ([["Authorization", TOKEN], ["Accept", "a/b"], ["X-Trace", "a-1"]], [TOKEN, "a-1"]),
        ([f"Authorization: {TOKEN}", "Accept: a/b", "X-Trace:a1"], [TOKEN, "a1"]),
        ([{"Authorization": TOKEN}, {"Accept": "a/b"}], [TOKEN]),
        ([{"name": "Authorization", "value": TOKEN}], [TOKEN]),
    ],
)
def test_the_values_of_headers_in_a_body_are_secret(
    holder: str, headers: Any, values: list[str], depth: int
) -> None:
    asked = {"url": "https://a.example/", holder: headers, "method": "GET"}
    assert found(asked, depth=depth) == values


def test_names_and_values_may_come_in_turn() -> None:
    raw = ["Host", "a.example", "Authorization", TOKEN, "X-Api-Key", "hush-7f3a", "Odd"]
    assert found({"rawHeaders": raw}) == [TOKEN, "hush-7f3a"]


def test_a_name_of_the_user_tells_headers_too() -> None:
    headers = {"headers": {"my-badge": "blue", "Trace": "5"}}
    assert found(headers) == []
    assert found(headers, RedactionRules(names=("my-badge",))) == ["blue", "5"]


def test_requests_with_other_columns_are_not_the_same() -> None:
    def ask(headers: Any) -> RecordedRequest:
        body = json.dumps({"model": "m", "headers": headers}).encode()
        return RecordedRequest("POST", "https://a.example/", body=body)

    assert differences(ask(["Size", "Colour"]), ask(["Name", "Age"])) != []
    assert differences(ask({"X-One": "a"}), ask({"X-One": "bcd"})) == []
