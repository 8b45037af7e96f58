"""InnerTests: tests that run inside a test, and the server that they ask.

They run in a process of their own: what they import and change is nothing to the tests around them.
"""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import pytest

__all__ = ["PLUGIN", "InnerTests", "answer"]

PLUGIN: Final = "chatviz.doors.pytest_plugin.hooks"
ALWAYS: Final = ("-p", PLUGIN, "-p", "no:cacheprovider", "--import-mode=importlib", "-rA")


class InnerTests:
    """A folder of tests that are run with our plugin, and no other but those that are named."""

    def __init__(self, pytester: pytest.Pytester, server: Any) -> None:
        self._pytester = pytester
        self.server = server
        self.path: Path = pytester.path
        server.answer = answer

    def write(self, source: str, *, raw: bool = False) -> None:
        """Write the file of tests; ``{url}`` is the server's, other braces are doubled."""
        text = source if raw else dedent(source).replace("{url}", self.server.url)
        if not raw:
            text = text.replace("{{", "{").replace("}}", "}")
        (self.path / "test_inner.py").write_text(text, encoding="utf-8")

    def run(self, *words: str) -> pytest.RunResult:
        """Run them in a process of their own."""
        return self._pytester.runpytest_subprocess(*ALWAYS, *words)

    def stop_server(self) -> None:
        """Let every request fail from now on."""
        self.server.answer = refuse

    def cassettes(self) -> list[Path]:
        """Return what was recorded."""
        return sorted(self.path.rglob("*.yaml"))


def answer(handler: Any) -> None:
    """Answer ten words, as Anthropic or as OpenAI does; one call of a tool, where one is asked."""
    handler.begin()
    if handler.path == "/v1/messages":
        for event in anthropic_events():
            handler.send(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    else:
        for event in handler.server.events:
            handler.send(event)
    handler.end()


def refuse(handler: Any) -> None:
    handler.begin(500)
    handler.end()


def anthropic_events() -> list[dict[str, Any]]:
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m"}
    message |= {"usage": {"input_tokens": 1, "output_tokens": 1}}
    text = {"type": "text", "text": ""}
    return [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": text},
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": f"w{number}"},
            }
            for number in range(10)
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {}},
        {"type": "message_stop"},
    ]
