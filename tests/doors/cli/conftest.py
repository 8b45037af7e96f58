"""Runs the command line as a program does, and keeps what it wrote."""

from __future__ import annotations

import io
import signal
import sys
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from chatviz.doors.cli.main import run


class Outcome(NamedTuple):
    """What a command wrote, and its exit code."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]

KIMI = "openrouter_kimi-k2_fireworks"
BODY = (
    b'data: {"model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line; ``stdin=`` is what it reads there."""

    monkeypatch.setenv("COLUMNS", "200")

    def call(*words: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = run([str(word) for word in words])
        sys.stdout.flush()
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Let programs that are started hear Ctrl-C, where the tests themselves were told not to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
