"""What every test may use, and what no test may do: open a socket off this machine."""

from __future__ import annotations

import ipaddress
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import hypothesis
import pytest

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

ROOT = Path(__file__).parents[1]

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
# .ci/slow: other examples each time, and many of them.
many = int(os.environ.get("CHATVIZ_EXAMPLES", "100"))
hypothesis.settings.register_profile("slow", deadline=None, max_examples=many)
if many > 100:
    hypothesis.settings.load_profile("slow")
else:
    hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")


class Seeds(NamedTuple):
    """The two packaged recordings: the same model and question, two providers."""

    fireworks: Path
    novita: Path


@pytest.fixture(scope="session")
def seeds() -> Seeds:
    """The paths of both packaged recordings."""
    folder = ROOT / "data" / "cassettes" / "openai_chat"
    return Seeds(
        fireworks=folder / "multi_tool_streaming_kimi-k2_fireworks.yaml",
        novita=folder / "stream_unique_tool_call_ids.yaml",
    )


@pytest.fixture(scope="session")
def shared_cassettes() -> Path:
    """The folder of other people's recordings, which are no part of the project."""
    shared = os.environ.get("CHATVIZ_SHARED")
    folder = (Path(shared) if shared else ROOT.parent / "shared") / "cassettes"
    if not folder.is_dir():
        pytest.skip("no shared recordings: set CHATVIZ_SHARED to the folder that holds cassettes/")
    return folder


@pytest.fixture(scope="session")
def without_program() -> Callable[[str], NoReturn]:
    """Skip for want of a program, or fail where CHATVIZ_REQUIRE_BROWSER=1 says that it is there."""

    def skip_or_fail(reason: str) -> NoReturn:
        if os.environ.get("CHATVIZ_REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} (and CHATVIZ_REQUIRE_BROWSER=1)")
        pytest.skip(reason)

    return skip_or_fail


@pytest.fixture(scope="session")
def sse() -> Callable[..., bytes]:
    """Build a body of server-sent events: a dict is a chunk, bytes are as they are."""

    def build(*events: dict[str, Any] | bytes, done: bool = True) -> bytes:
        lines = [
            event if isinstance(event, bytes) else b"data: %s\n\n" % json.dumps(event).encode()
            for event in events
        ]
        return b"".join(lines) + (b"data: [DONE]\n\n" if done else b"")

    return build


@pytest.fixture(scope="session")
def read() -> Callable[..., StreamRun]:
    """Read a body whole, by 1 byte and by 7: where bytes are cut must not matter."""

    def read_thrice(body: bytes, request: Any = None, **options: Any) -> StreamRun:
        runs = []
        for size in (max(len(body), 1), 1, 7):
            reader = StreamReader(request, **options)
            for start in range(0, len(body), size):
                reader.feed(body[start : start + size])
            runs.append(reader.close())
        whole, *others = runs
        for run in others:
            assert run == whole
            assert run.findings == whole.findings
            assert run.messages == whole.messages
        return whole

    return read_thrice


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that reaches for another machine, even where its code swallows the error."""
    attempts: list[str] = []

    def guard(method: str, address_of: Callable[..., Any]) -> None:
        original = getattr(socket.socket, method)

        def guarded(self: socket.socket, *args: Any) -> Any:
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse_unless_loopback(address_of(*args)[0])
            return original(self, *args)

        monkeypatch.setattr(socket.socket, method, guarded)

    def refuse_unless_loopback(host: Any) -> None:
        if not _is_loopback(host):
            attempts.append(repr(host))
            raise OSError(f"tests stay on this machine: {host!r} is off loopback")

    guard("connect", lambda address: address)
    guard("connect_ex", lambda address: address)
    guard("sendto", lambda *args: args[-1])
    look_up = socket.getaddrinfo

    def guarded_look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_unless_loopback(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    if attempts:
        pytest.fail(f"the test reached off loopback: {', '.join(attempts)}", pytrace=False)


def _is_loopback(host: str | bytes | None) -> bool:
    """Tell this machine's own names and addresses (those to listen on, too) from the rest."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
