"""A secret in pieces: among interleaved choices, calls and blocks, and in lists of bytes."""

from __future__ import annotations

import json
import re
import time
from base64 import b64encode
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.matching.matcher import differences
from chatviz.cassettes.redaction.framed import FramedBody
from chatviz.cassettes.redaction.redaction import RedactionRules, redact
from chatviz.cassettes.sharing.share import share
from chatviz.cassettes.storage import load_cassette, save_cassette
from chatviz.doors.cli.main import main
from tests.wire.aws_building import frame

KEY = "sk-proj-abcdefgh1234567890ABCDEFGH"
PIECES = [KEY[n : n + 4] for n in range(0, len(KEY), 4)]
WORDS = ["zz", "the", "day", "of", "all", " x", "yy", "no", "we"]

Make = Callable[[int, str], dict[str, Any]]


def in_turn(make: Make) -> list[dict[str, Any]]:
    """Two texts in chunks of their own, turn by turn."""
    pairs = zip(PIECES, WORDS, strict=True)
    return [event for piece, word in pairs for event in (make(0, piece), make(1, word))]


def in_one(make: Make, wrap: Callable[[list[Any]], dict[str, Any]]) -> list[dict[str, Any]]:
    """Two texts in each chunk."""
    pairs = zip(PIECES, WORDS, strict=True)
    return [wrap([make(0, piece), make(1, word)]) for piece, word in pairs]


def choice(index: int, **fields: Any) -> dict[str, Any]:
    return {"id": "c-1", "created": 1_700_000_000, "choices": [{"index": index, **fields}]}


def call(index: int, text: str, **fields: Any) -> dict[str, Any]:
    return {"index": index, "function": {"arguments": text}, **fields}


def candidate(index: int, *parts: dict[str, Any]) -> dict[str, Any]:
    """A number that is 0 is left out, as protobufs do."""
    return {"content": {"parts": [*parts]}, **({"index": index} if index else {})}


def thought(index: int, text: str) -> dict[str, Any]:
    return {"text": text, **({"thought": True} if index else {})}


def responses(**ids: str) -> Make:
    numbers = count()

    def make(index: int, text: str) -> dict[str, Any]:
        told = {name: value.format(index) for name, value in ids.items()}
        return {"type": "text.delta", "sequence_number": next(numbers), **told, "delta": text}

    return make


INTERLEAVED: dict[str, list[dict[str, Any]]] = {
    "choices": in_turn(lambda n, text: choice(n, delta={"content": text})),
    "choices, the index last": in_turn(
        lambda n, text: {"choices": [{"delta": {"content": text}, "index": n}]}
    ),
    "choices in one chunk": in_one(
        lambda n, text: {"index": n, "delta": {"content": text}}, lambda both: {"choices": both}
    ),
    "choices told by their position": in_one(
        lambda n, text: {"delta": {"content": text}}, lambda both: {"choices": both}
    ),
    "completions": in_turn(lambda n, text: choice(n, text=text)),
    "calls": in_turn(lambda n, text: choice(0, delta={"tool_calls": [call(n, text)]})),
    "calls in one chunk": in_one(call, lambda both: choice(0, delta={"tool_calls": both})),
    "calls that all have the index 0": in_one(
        lambda n, text: call(0, text), lambda both: choice(0, delta={"tool_calls": both})
    ),
    "calls told by their id": in_turn(
        lambda n, text: choice(0, delta={"tool_calls": [call(0, text, id=f"call_{n}")]})
    ),
    "calls of two choices": [
        choice(one, delta={"tool_calls": [call(other, piece if one > other else word)]})
        for piece, word in zip(PIECES, WORDS, strict=True)
        for one in (0, 1)
        for other in (0, 1)
    ],
    "blocks": in_turn(
        lambda n, text: {"type": "delta", "index": n, "delta": {"type": "text", "text": text}}
    ),
    "blocks of arguments": in_turn(
        lambda n, text: {"type": "delta", "index": n, "delta": {"partial_json": text}}
    ),
    "items": in_turn(lambda n, text: {"output_index": n, "content_index": 0, "delta": text}),
    "parts of an item": in_turn(
        lambda n, text: {"output_index": 0, "content_index": n, "delta": text}
    ),
    "items told by their id": in_turn(responses(item_id="msg_{}")),
    "items told by their type": in_turn(responses(type="text_{}.delta")),
    "candidates": in_turn(lambda n, text: {"candidates": [candidate(n, {"text": text})]}),
    "candidates in one chunk": in_one(
        lambda n, text: candidate(n, {"text": text}), lambda both: {"candidates": both}
    ),
    "thoughts in one chunk": in_one(thought, lambda both: {"candidates": [candidate(0, *both)]}),
    "thoughts": in_turn(lambda n, text: {"candidates": [candidate(0, thought(n, text))]}),
    "blocks with padding": in_turn(
        lambda n, text: {"contentBlockIndex": n, "delta": {"text": text}, "p": "uvw"}
    ),
}  # fmt: skip


def sse(events: list[Any]) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in events)


def named_sse(events: list[Any]) -> bytes:
    lines = (json.dumps(event, separators=(",", ":")).encode() for event in events)
    return b"".join(b"event: x\nid: %d\ndata: %b\n\n" % pair for pair in enumerate(lines))


def ndjson(events: list[Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def array(events: list[Any]) -> bytes:
    return b"[" + b",\r\n".join(json.dumps(event, indent=2).encode() for event in events) + b"]"


def frames(events: list[Any]) -> bytes:
    return b"".join(frame(event) for event in events)


def encoded_frames(events: list[Any]) -> bytes:
    texts = (b64encode(json.dumps(event).encode()).decode() for event in events)
    return b"".join(frame({"bytes": text, "p": "abc"}) for text in texts)


FRAMINGS = [sse, named_sse, ndjson, array, frames, encoded_frames]


def clean(body: bytes, **fields: Any) -> bytes:
    cleaned, removed = redact(
        Interaction(RecordedRequest(), RecordedResponse(200, body=body)), **fields
    )
    assert removed
    assert len(cleaned.response.body) == len(body)
    assert redact(cleaned, **fields) == (cleaned, ())
    return cleaned.response.body


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("kind", INTERLEAVED)
def test_a_key_that_is_streamed_beside_another_text_is_found(
    kind: str, framing: Callable[[list[Any]], bytes]
) -> None:
    cleaned = clean(framing(INTERLEAVED[kind]))
    said = FramedBody(cleaned).text or cleaned
    assert not [piece for piece in PIECES if f'"{piece}"'.encode() in said]


def test_each_of_three_keys_that_are_streamed_together_is_found() -> None:
    keys = [KEY, "gsk_" + "a1B2c3" * 6, "hf_" + "Zy9xW" * 6]
    pieces = [[key[n : n + 3] for n in range(0, 33, 3)] for key in keys]
    events = [
        choice(n, delta={"content": text})
        for texts in zip(*pieces, strict=True)
        for n, text in enumerate(texts)
    ]
    cleaned = clean(sse(events))
    for n, texts in enumerate(pieces):
        said = [
            json.loads(line[6:])["choices"][0]["delta"]["content"]
            for line in cleaned.splitlines()
            if f'"index": {n}'.encode() in line
        ]
        assert not set(said) & set(texts)


def test_what_is_streamed_beside_no_key_stays() -> None:
    body = sse(in_turn(lambda n, text: choice(n, delta={"content": f"so {text[::-1]} "})))
    interaction = Interaction(RecordedRequest(), RecordedResponse(200, body=body))
    assert redact(interaction) == (interaction, ())


def test_a_key_in_the_lines_of_a_damaged_stream_is_found() -> None:
    """A quote too many: what follows is read by its keys alone."""
    lines = [f'data: {{"a": "x"y", "content": "{piece}"}}\n\n' for piece in PIECES]
    cleaned = clean("".join(lines).encode())
    assert not [piece for piece in PIECES if f'"{piece}"'.encode() in cleaned]


def test_a_last_piece_that_was_cut_off_is_found() -> None:
    body = sse(INTERLEAVED["choices, the index last"])
    cleaned = clean(body[: body.index(PIECES[-1].encode()) + 1])
    assert not [piece for piece in PIECES if f'"{piece}"'.encode() in cleaned]


# ---- lists of bytes


def spelt(text: str) -> list[int]:
    return list(text.encode())


def token(text: str, **fields: Any) -> dict[str, Any]:
    return {"token": text, "logprob": -0.5, "bytes": spelt(text), **fields}


def with_others(text: str, word: str) -> dict[str, Any]:
    return token(text, top_logprobs=[token(text), token(word)])


TOKENS = [with_others(*pair) for pair in zip(PIECES, WORDS, strict=True)]
WHOLE = choice(0, logprobs={"content": TOKENS})

SPELT: dict[str, bytes] = {
    "a stream": sse([choice(0, logprobs={"content": [each]}) for each in TOKENS]),
    "a stream of two choices": sse(
        in_turn(lambda n, text: choice(n, logprobs={"content": [token(text)]}))
    ),
    "tokens beside a delta": sse([{"delta": each["token"], "logprobs": [each]} for each in TOKENS]),
    "a whole answer": json.dumps(WHOLE).encode(),
    "a whole answer, indented": json.dumps(WHOLE, indent=2).encode(),
    "one list": json.dumps({"bytes": spelt(KEY)}).encode(),
    "a buffer": json.dumps({"type": "Buffer", "data": spelt(f"it is {KEY}.")}, indent=1).encode(),
    "JSON in JSON": json.dumps({"content": json.dumps({"data": spelt(KEY)}, indent=2)}).encode(),
}  # fmt: skip


def numbers_in(body: bytes) -> str:
    """Return what all numbers of three digits at most spell, as far as they are ASCII."""
    found = (int(each) for each in re.findall(rb"(?<![\w.-])[0-9]{2,3}(?![\w.])", body))
    return "".join(chr(each) for each in found if each < 128)


@pytest.mark.parametrize("kind", SPELT)
def test_bytes_that_spell_a_key_are_written_over(kind: str) -> None:
    body = SPELT[kind]
    assert "sk-" in numbers_in(body)
    cleaned = clean(body)
    said = numbers_in(cleaned)
    assert not [piece for piece in PIECES if piece in said or f'"{piece}"'.encode() in cleaned]


@pytest.mark.parametrize("kind", ["a whole answer", "one list", "a buffer", "JSON in JSON"])
def test_bytes_in_a_request_are_written_over_and_it_still_matches(kind: str) -> None:
    request = RecordedRequest("POST", "https://a/", body=SPELT[kind])
    cleaned = redact(Interaction(request, RecordedResponse(200)))[0].request
    assert "sk-" not in numbers_in(cleaned.body)
    assert differences(request, cleaned) == []


def test_what_is_written_over_bytes_are_bytes_and_the_rest_stays() -> None:
    body = json.dumps({"data": spelt(f"It is {KEY}."), "n": [1, 2, 300]}).encode()
    cleaned = json.loads(clean(body))
    assert max(cleaned["data"]) < 256
    assert bytes(cleaned["data"][:6]) == b"It is "
    assert bytes(cleaned["data"][-1:]) == b"."
    assert cleaned["n"] == [1, 2, 300]


def test_keys_of_maps_that_are_tokens_are_found() -> None:
    """Completions name each token by a key, with how probable it was."""
    most = [{text: -0.1, word: -2.5} for text, word in zip(PIECES, WORDS, strict=True)]
    body = json.dumps(choice(0, logprobs={"tokens": PIECES, "top_logprobs": most})).encode()
    cleaned = clean(body)
    assert not [piece for piece in PIECES if f'"{piece}"'.encode() in cleaned]


def test_a_secret_of_ones_own_is_found_in_bytes() -> None:
    rules = RedactionRules(secrets=("hush-7f3a",))
    assert b"104, 117, 115" not in clean(
        json.dumps({"b": spelt("hush-7f3a")}).encode(), rules=rules
    )


# ---- who uses it


def hidden() -> Cassette:
    streams = [sse(INTERLEAVED["choices"]), sse(INTERLEAVED["calls"]), SPELT["a stream"]]
    return Cassette(
        tuple(
            Interaction(
                RecordedRequest("POST", "https://a.example/v1/chat/completions", body=b"{}"),
                RecordedResponse(200, headers={"content-type": ("text/event-stream",)}, body=body),
            )
            for body in streams
        )
    )


def test_redact_check_tells_of_keys_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    save_cassette(hidden(), path)
    told = CliRunner().invoke(main, ["redact", "--check", str(path)])
    assert told.exit_code == 1
    assert all(f"interaction {n}:" in told.output for n in range(3))
    assert "in fragments, in numbers" in told.output
    assert not any(piece in told.output for piece in PIECES)


@pytest.mark.parametrize(("text", "most"), [("shapes", 2), ("keep", 0)])
def test_a_shared_recording_has_no_key_in_pieces(tmp_path: Path, text: Any, most: int) -> None:
    """Other words of the same shape, drawn at random, may spell a short piece."""
    path = tmp_path / "shared.yaml"
    report = share(hidden(), path, text=text)
    assert report.holds
    for each in load_cassette(path).interactions:
        body = each.response.body
        found = [one for one in PIECES if f'"{one}"'.encode() in body or one in numbers_in(body)]
        assert len(found) <= most < len(PIECES)


# ---- time

LONG: dict[str, Callable[[int], bytes]] = {
    "a quote that is not closed": lambda n: b'{"a":"' + b'\\"' * n,
    "deep": lambda n: b'{"a":' * n + b'"x"' + b"}" * n,
    "deep lists": lambda n: b"[" * n + b'"x"' + b"]" * n,
    "lists of bytes cut off": lambda n: b"[1," * n,
    "a list of bytes and spaces": lambda n: b"[1" + b" " * n + b"x",
    "events that all differ": lambda n: b"".join(b'data: {"k%d":"v"}\n' % k for k in range(n)),
    "ids": lambda n: b"{" + b",".join(b'"l%d_id":"v","t%d":"x"' % (k, k) for k in range(n)) + b"}",
    "keys in bytes": lambda n: json.dumps({"b": spelt(f"{KEY} ") * (n // 20)}).encode(),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_long_body_takes_no_more_than_its_share_of_time(kind: str) -> None:
    """Four times the bytes take four times as long; sixteen times would be a square."""

    def seconds(n: int) -> float:
        interaction = Interaction(RecordedRequest(), RecordedResponse(200, body=LONG[kind](n)))
        begin = time.process_time()
        redact(interaction)
        return time.process_time() - begin

    short = min(seconds(5_000) for _ in range(3))
    assert seconds(20_000) < 9 * short + 0.2
