"""Certificates are read once, and again when the environment names others."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest

from chatviz.errors import EndpointConnectionError
from chatviz.transports.endpoint.certificates import certificates
from chatviz.transports.endpoint.endpoint import Endpoint


def test_they_are_read_once_and_verified() -> None:
    context = certificates()
    assert context is certificates()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_others_are_read_when_the_environment_names_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = certificates()
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert certificates() is not before
    monkeypatch.undo()
    assert certificates() is before


def test_an_endpoint_asks_by_them(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []

    class Client(httpx.Client):
        def __init__(self, *, verify: object, **options: object) -> None:
            given.append(verify)
            super().__init__(verify=verify, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(httpx, "Client", Client)
    endpoint = Endpoint("http://127.0.0.1:9", model="m")  # the port that discards: nobody is there
    for _ in range(2):
        with pytest.raises(EndpointConnectionError):
            endpoint.ask({"model": "m", "messages": []})
    assert given == [certificates()] * 2
