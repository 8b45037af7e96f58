"""Heads of requests and responses, as far as reading needs them."""

from __future__ import annotations

import pytest

from chatviz.wire.exchange import RequestHead, ResponseHead


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        (
            "https://openrouter.ai/api/v1/chat/completions?a=b",
            "openrouter.ai",
            "/api/v1/chat/completions",
        ),
        ("http://[::1]:8000/x", "::1", "/x"),
        ("http://[broken/x", "", ""),
        ("", "", ""),
    ],
)
def test_host_and_path_are_read_from_the_url(url: str, host: str, path: str) -> None:
    head = RequestHead("POST", url)
    assert (head.host, head.path) == (host, path)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ({"content-TYPE": ["Text/Event-Stream; charset=utf-8"]}, "text/event-stream"),
        ({"Content-Type": [], "X": ["y"]}, ""),
        ({}, ""),
    ],
)
def test_the_media_type_is_found_whatever_its_case(
    headers: dict[str, list[str]], wanted: str
) -> None:
    assert ResponseHead(headers=headers).content_type == wanted
