"""What a tap does not pass on: it says why, and upstream never sees it."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatviz.transports.tap.tap import Tap
from tests.transports.conftest import Server

CHAT = "/v1/chat/completions"
PAGE = "http://localhost:3000"
WEBSOCKET = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}


def refused(tap: Tap, server: Server, status: int, words: str, **options: Any) -> httpx.Response:
    """Ask; nothing reaches upstream, and the log has it."""
    method, path = options.pop("method", "POST"), options.pop("path", CHAT)
    with httpx.Client(trust_env=False) as client:
        response = client.request(method, tap.url + path, **options)
    assert response.status_code == status
    told = response.json()
    assert words in told["error"]["message"]
    assert told["message"] == told["error"]["message"]  # where the clients of AWS look for it
    assert server.seen == []
    assert tap.answers == []
    assert [each.status for each in tap.refusals] == [status]
    return response


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
def test_a_request_for_another_host_is_refused(tap: Tap, server: Server, host: str) -> None:
    refused(tap, server, 421, "names another host", headers={"host": host})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]:8080"])
def test_this_machine_has_several_names(tap: Tap, server: Server, host: str) -> None:
    response = httpx.post(tap.url + CHAT, headers={"host": host}, trust_env=False)
    assert response.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": PAGE},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"},
        {"sec-fetch-site": "same-origin"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_browser_is_refused(tap: Tap, server: Server, headers: Any, method: str) -> None:
    """Of its own origin, too: what an upstream sends is never shown as a page of the tap."""
    refused(tap, server, 403, "browser", headers=headers, method=method)


def test_the_question_of_a_browser_is_refused_before_it_asks(tap: Tap, server: Server) -> None:
    headers = {"origin": PAGE, "access-control-request-method": "POST"}
    response = refused(tap, server, 403, "--allow-origin", headers=headers, method="OPTIONS")
    assert "access-control-allow-origin" not in response.headers


def test_a_named_page_is_let_through_and_no_other(server: Server, tmp_path: Path) -> None:
    with Tap(server.url, to=tmp_path / "kept", allow_origins=[PAGE + "/"]) as tap:
        asks_first = {
            "origin": PAGE,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        }
        with httpx.Client(trust_env=False) as client:
            first = client.request("OPTIONS", tap.url + CHAT, headers=asks_first)
            assert first.status_code == 200
            assert first.headers["access-control-allow-origin"] == PAGE
            assert "authorization" in first.headers["access-control-allow-headers"]
            assert server.seen == []
            headers = {"origin": PAGE, "sec-fetch-site": "cross-site"}
            response = client.post(tap.url + CHAT, headers=headers)
            assert response.headers["access-control-allow-origin"] == PAGE
            assert response.content == b"".join(server.events)
            other = client.post(tap.url + CHAT, headers={"origin": "http://localhost:3001"})
            assert other.status_code == 403


@pytest.mark.parametrize("origins", ["http://localhost:3000", ["*"], ["localhost:3000"]])
def test_a_page_is_allowed_by_its_name_alone(origins: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="allow_origins should be a list of pages"):
        Tap("openai", to=tmp_path, allow_origins=origins)


def test_an_upgrade_is_refused(tap: Tap, server: Server) -> None:
    refused(tap, server, 501, "WebSocket", headers=WEBSOCKET, method="GET", path="/v1/realtime")


def test_what_java_offers_with_every_request_is_not_taken_up(tap: Tap, server: Server) -> None:
    headers = {
        "connection": "Upgrade, HTTP2-Settings",
        "upgrade": "h2c",
        "http2-settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    }
    response = httpx.post(tap.url + CHAT, headers=headers, trust_env=False)
    assert response.content == b"".join(server.events)
    ((_, seen, _),) = server.seen
    assert not {"upgrade", "http2-settings", "connection"} & {name.lower() for name in seen}


@pytest.mark.parametrize(
    "signature",
    [
        {"headers": {"authorization": "AWS4-HMAC-SHA256 Credential=AKIA/20250101/us-east-1/…"}},
        {"headers": {"authorization": "AWS4-ECDSA-P256-SHA256 Credential=AKIA/…"}},
        {"path": "/model/m/converse?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=ab"},
    ],
)
def test_what_aws_has_signed_is_refused_with_the_way_out(
    tap: Tap, server: Server, signature: Any
) -> None:
    if "headers" in signature:
        signature = {"headers": {k: v.encode() for k, v in signature["headers"].items()}}
    refused(tap, server, 400, "AWS_BEARER_TOKEN_BEDROCK", **signature)


def test_a_bearer_key_of_aws_passes(tap: Tap, server: Server) -> None:
    headers = {"authorization": "Bearer bedrock-api-key-YWJj"}
    httpx.post(f"{tap.url}/model/m/converse-stream", headers=headers, trust_env=False)
    assert server.seen[0][1]["authorization"] == headers["authorization"]


@pytest.mark.parametrize(
    "line", [b"CONNECT api.openai.com:443 HTTP/1.1", b"GET http://a.test/v1/models HTTP/1.1"]
)
def test_a_tap_is_no_forward_proxy(tap: Tap, server: Server, line: bytes) -> None:
    host, port = tap.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(line + b"\r\nhost: a.test\r\n\r\n")
        told = connection.makefile("rb").read()  # until the tap closes it
    assert told.startswith(b"HTTP/1.1 400")
    assert b"no forward proxy" in told
    assert server.seen == []


def test_a_body_that_is_too_long_is_refused(server: Server, tmp_path: Path) -> None:
    with Tap(server.url, to=tmp_path / "kept", max_body_bytes=1_000) as tap:
        refused(tap, server, 413, "Tap(…, max_body_bytes=…)", content=b"x" * 1_500)


def test_a_request_that_breaks_off_is_nothing(tap: Tap, server: Server) -> None:
    host, port = tap.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"POST /v1/x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nab")
    assert (server.seen, tap.answers, tap.refusals) == ([], [], [])
