"""The server that gives one answer: what it gives, and that no proxy is between."""

from __future__ import annotations

import httpx
import pytest

from chatviz.evidence.sdks.answering import answering


@pytest.fixture(autouse=True)
def proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that is not there, for all that is asked."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")  # put back after the test
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def test_it_answers_whatever_is_asked_with_the_body() -> None:
    with answering(b"data: {}\n\n") as url:
        for path in ("/v1/messages", "/x"):
            response = httpx.post(url + path, json={"a": 1})
            assert response.content == b"data: {}\n\n"
            assert response.headers["content-type"] == "text/event-stream"
    with answering(b"{}\n", "application/x-ndjson") as url:
        assert httpx.post(url).headers["content-type"] == "application/x-ndjson"


def test_it_is_gone_afterwards() -> None:
    with answering(b"") as url:
        pass
    with pytest.raises(httpx.ConnectError):
        httpx.post(url)
