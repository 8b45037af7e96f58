"""How fast an answer is read: body bytes to a StreamRun, against a minimal orjson loop.

Run ``python benchmarks/reading.py`` (``--quick`` for two small sizes). Every figure is a ratio
within one run: the median of interleaved rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

import orjson

from chatviz.runs.reader import read_stream
from chatviz.runs.run import StreamRun

ROUNDS = 5
WANTED_SPEED = 0.40  # of the minimal loop
WANTED_AGAINST_OPENAI = 30.0
WANTED_BYTES = 600.0  # a chunk, beside the body


def make_body(chunks: int) -> bytes:
    """Return a synthetic stream shaped like the seed recordings: text, then one tool call."""
    head = {
        "id": "gen-0000000000-SyntheticSyntheticS",
        "provider": "Synthetic",
        "model": "synthetic/seed-shaped",
        "object": "chat.completion.chunk",
        "created": 1758647796,
    }
    tail = {"finish_reason": None, "native_finish_reason": None, "logprobs": None}

    def chunk(delta: dict[str, object], **more: object) -> bytes:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, **tail, **more}
        payload = {**head, "choices": [choice]}
        return b"data: " + json.dumps(payload, separators=(",", ":")).encode() + b"\n\n"

    texts = chunks // 2
    rows = [chunk({"content": f" word{number}"}) for number in range(texts)]
    call = {"index": 0, "id": "call_1", "type": "function"}
    function: dict[str, object] = {"name": "save", "arguments": '{"text": "'}
    rows.append(chunk({"content": None, "tool_calls": [{**call, "function": function}]}))
    for number in range(chunks - texts - 3):
        piece = {"index": 0, "id": None, "type": "function"}
        fragment = {"name": None, "arguments": f"{number % 1000} "}
        rows.append(chunk({"content": None, "tool_calls": [{**piece, "function": fragment}]}))
    last = {"index": 0, "type": "function", "function": {"arguments": '"}'}}
    rows.append(chunk({"content": None, "tool_calls": [last]}))
    rows.append(chunk({"content": ""}, finish_reason="tool_calls"))
    usage = {"prompt_tokens": 9, "completion_tokens": chunks, "total_tokens": 9 + chunks}
    end = {**head, "choices": [], "usage": {**usage, "cost": 0.0002635}}
    rows.append(b"data: " + json.dumps(end, separators=(",", ":")).encode() + b"\n\n")
    return b"".join(rows) + b"data: [DONE]\n\n"


def read_minimally(body: bytes) -> tuple[str, str]:
    """Put the message together by split and orjson and nothing else: the ceiling."""
    texts: list[str] = []
    fragments: list[str] = []
    for event in body.split(b"\n\n"):
        if not event.startswith(b"data: ") or event == b"data: [DONE]":
            continue
        payload = orjson.loads(event[6:])
        for choice in payload["choices"]:
            delta = choice["delta"]
            if content := delta.get("content"):
                texts.append(content)
            for call in delta.get("tool_calls") or ():
                fragments.append(call["function"].get("arguments") or "")
    return "".join(texts), "".join(fragments)


def read_wholly(body: bytes) -> StreamRun:
    """Read chunks, deltas, message, usage and findings, as chatviz does."""
    run = read_stream(body)
    assert len(run.chunks) and len(run.deltas) and run.usage
    assert run.findings
    return run


def read_by_openai(body: bytes) -> object:
    """Run openai-python's own accumulator over its own decoder's chunks."""
    from openai._streaming import SSEDecoder
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletionChunk

    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for event in SSEDecoder().iter_bytes(iter([body])):
        if event.data == "[DONE]":
            break
        state.handle_chunk(ChatCompletionChunk.construct(**json.loads(event.data)))
    return state.current_completion_snapshot


def measure(work: Callable[[bytes], object], body: bytes) -> float:
    gc.collect()
    begin = time.perf_counter()
    work(body)
    return time.perf_counter() - begin


def bytes_beside_the_body(body: bytes, chunks: int) -> float:
    gc.collect()
    tracemalloc.start()
    run = read_wholly(body)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del run
    return kept / chunks


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    sizes = [1_000, 10_000] if parser.parse_args().quick else [1_000, 10_000, 100_000, 1_000_000]
    print(f"{'chunks':>9}  {'minimal':>10}  {'chatviz':>10}  {'speed':>6}  {'bytes/chunk':>11}")
    speeds: list[float] = []
    per_chunk: list[float] = []
    fine = True
    for size in sizes:
        body = make_body(size)
        rounds = [
            (measure(read_minimally, body), measure(read_wholly, body)) for _ in range(ROUNDS)
        ]
        least, ours = (statistics.median(column) for column in zip(*rounds, strict=True))
        speed = statistics.median(a / b for a, b in rounds)
        memory = bytes_beside_the_body(body, size)
        speeds.append(speed)
        per_chunk.append(ours / size)
        fine &= speed >= WANTED_SPEED and memory <= WANTED_BYTES
        print(
            f"{size:>9,}  {size / least:>8,.0f}/s  {size / ours:>8,.0f}/s"
            f"  {speed:>6.2f}  {memory:>11.0f}"
        )
    print(f"speed of the minimal loop: {min(speeds):.2f} at least, wanted {WANTED_SPEED}")
    print(f"linear: {per_chunk[-1] / per_chunk[0]:.2f} times the time a chunk, last size to first")
    fine &= _against_openai()
    return 0 if fine else 1


def _against_openai() -> bool:
    try:
        import openai  # noqa: F401  # only to see whether it is there
    except ImportError:
        print("openai is not installed: not compared (pip install 'chatviz-inspector[bench]')")
        return True
    body = make_body(2_000)
    rounds = [(measure(read_by_openai, body), measure(read_wholly, body)) for _ in range(ROUNDS)]
    ratio = statistics.median(theirs / ours for theirs, ours in rounds)
    print(f"against openai-python's accumulator: {ratio:.0f} times, wanted {WANTED_AGAINST_OPENAI}")
    return ratio >= WANTED_AGAINST_OPENAI


if __name__ == "__main__":
    sys.exit(main())
