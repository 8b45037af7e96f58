"""Make the packaged recording with times: a synthetic server streams with real pauses, we record.

No model answers: the words and the pauses are made up here, and the recording says so in its
first line and in the name of its model. The times in it are measured, on this machine's loopback:
they show what a time axis shows, and nothing about any provider.

    python data/make_synthetic_timed.py
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx

from chatviz.transports.clients.record import RecordTransport

PATH = Path(__file__).parent / "cassettes" / "recorded" / "synthetic_timed.yaml"

NOTICE = ": synthetic: no model answered; the words and the pauses are made up\n\n"

QUESTION = {"role": "user", "content": "How warm is it in Bern?"}
TOOL = {
    "type": "function",
    "function": {
        "name": "temperature",
        "description": "The temperature in a city, in degrees Celsius",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def chunk(delta: dict[str, Any] | None = None, **more: Any) -> str:
    """Return one event of a chat completion."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": None}]
    if finish_reason := more.pop("finish_reason", None):
        choices = [{"index": 0, "delta": {}, "finish_reason": finish_reason}]
    event = {"id": "synthetic-1", "object": "chat.completion.chunk", "model": "synthetic"}
    return f"data: {json.dumps({**event, 'choices': choices, **more})}\n\n"


def call(arguments: str, **first: Any) -> str:
    """Return one event with a fragment of the tool call's arguments."""
    function = {**first.pop("function", {}), "arguments": arguments}
    return chunk({"tool_calls": [{"index": 0, **first, "function": function}]})


def count(prompt: int, completion: int) -> str:
    """Return the event with the usage."""
    counted = {"prompt_tokens": prompt, "completion_tokens": completion}
    return chunk(usage={**counted, "total_tokens": prompt + completion})


# Each piece with the seconds before it: steady words, a pause before the call, and a burst.
STEPS: list[list[tuple[float, str]]] = [
    [
        (0.12, NOTICE),
        (0.18, chunk({"role": "assistant", "content": ""})),
        (0.06, chunk({"content": "I"})),
        (0.05, chunk({"content": " will"})),
        (0.05, chunk({"content": " look"})),
        (0.06, chunk({"content": " that"})),
        (0.04, chunk({"content": " up."})),
        (
            0.60,
            call("", id="call_7Qd2", type="function", function={"name": "temperature"}),
        ),
        (0.08, call('{"ci')),
        (0.08, call('ty": ')),
        (0.25, call('"Bern"') + call("}") + chunk(finish_reason="tool_calls")),
        (0.02, count(61, 17) + "data: [DONE]\n\n"),
    ],
    [
        (0.10, NOTICE),
        (0.25, chunk({"role": "assistant", "content": ""})),
        *((0.04, chunk({"content": word})) for word in ("It", " is", " 18", " degrees")),
        (0.35, chunk({"content": " in"})),
        (0.01, chunk({"content": " Bern"})),
        (0.01, chunk({"content": "."})),
        (0.04, chunk(finish_reason="stop")),
        (0.02, count(89, 9) + "data: [DONE]\n\n"),
    ],
]


class Handler(BaseHTTPRequestHandler):
    """Streams the next step, with its pauses."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    steps = iter(STEPS)

    def do_POST(self) -> None:
        """Answer one question."""
        self.rfile.read(int(self.headers["content-length"]))
        time.sleep(0.15)
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for pause_s, text in next(self.steps):
            time.sleep(pause_s)
            data = text.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def questions() -> Iterable[list[dict[str, Any]]]:
    """Yield the messages of each step."""
    function = {"name": "temperature", "arguments": '{"city": "Bern"}'}
    yield [QUESTION]
    yield [
        QUESTION,
        {
            "role": "assistant",
            "content": "I will look that up.",
            "tool_calls": [{"id": "call_7Qd2", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call_7Qd2", "content": "18"},
    ]


def main() -> None:
    """Record both steps into a new file."""
    PATH.unlink(missing_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        with httpx.Client(transport=RecordTransport(PATH), trust_env=False) as client:
            for messages in questions():
                asked = {"model": "synthetic", "messages": messages, "tools": [TOOL]}
                client.post(url, json={**asked, "stream": True}).raise_for_status()
        server.shutdown()


if __name__ == "__main__":
    main()
