"""The reader: any bytes in, in any pieces; a run out, and never an error."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatviz.cassettes.storage import load_cassette
from chatviz.runs.given_runs import conversations_of
from chatviz.runs.reader import StreamReader, read_stream
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead

Build = Callable[..., bytes]
Read = Callable[..., StreamRun]

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
REQUEST = {
    "model": "m",
    "messages": [{"role": "user", "content": "x"}],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": SCHEMA}}],
}
USUAL = {"choices": [{"index": 0, "delta": {"content": "hi"}}], "created": 1}


def codes(run: StreamRun) -> set[str]:
    return {finding.code for finding in run.findings}


def use(run: StreamRun) -> StreamRun:
    """Ask for everything that a run can be asked for; nothing of it may raise."""
    asked: list[object] = [run.usage, run.cost, run.finish_reason, run.time_per_output_token_s]
    asked += [repr(run), [chunk.json for chunk in run.chunks], [event.data for event in run.events]]
    asked += [list(run.deltas), conversations_of([run, run])[0].findings]
    for call in (call for message in run.messages for call in message.tool_calls):
        asked += [call.parsed, call.check, call.paths, call.growth.error]
        asked += map(call.state_after, range(len(call.fragments)))
    for finding in run.findings:
        for chunk in (finding.chunk, finding.last_chunk):
            assert chunk is None or 0 <= chunk < len(run.chunks)
        assert len(finding.message) < 1_000
        finding.message.encode()
    return run


# ---- pieces


def test_a_run_is_the_same_in_any_pieces_for_both_packaged_recordings(
    seeds: tuple[Path, ...], read: Read
) -> None:
    for path in seeds:
        for interaction in load_cassette(path).interactions:
            use(read(interaction.response.body, interaction.request.head))


def test_a_run_is_the_same_in_any_pieces_for_other_peoples_recordings(
    shared_cassettes: Path, read: Read
) -> None:
    for path in sorted((shared_cassettes / "go-vcr").glob("*.yaml")):
        for interaction in load_cassette(path).interactions:
            response = interaction.response
            use(read(response.body, interaction.request.head, response=response.head))


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_a_piece_may_be_any_bytes(wrap: Any) -> None:
    reader = StreamReader()
    reader.feed(wrap(b'{"choices": []}'))
    assert reader.close().body == b'{"choices": []}'


def test_a_text_is_refused_with_advice() -> None:
    with pytest.raises(TypeError, match=r"wants the bytes of a body, found 'str': encode it\."):
        read_stream("data: x")  # type: ignore[arg-type]


def test_a_closed_reader_takes_no_more_and_gives_the_same_run() -> None:
    reader = StreamReader()
    reader.feed(b"data: {}\n\n")
    run = reader.close()
    assert reader.close() == reader.run == run
    assert run.is_complete
    with pytest.raises(ValueError, match="make a new StreamReader"):
        reader.feed(b"")


# ---- requests


@pytest.mark.parametrize("wrap", [dict, json.dumps, lambda body: json.dumps(body).encode()])
def test_a_request_is_a_dict_or_its_text(wrap: Callable[[Any], Any]) -> None:
    run = read_stream(b"", wrap(REQUEST))
    assert run.request == REQUEST
    assert run.model == "m"
    assert run.chat_request.tools[0].schema == SCHEMA


@pytest.mark.parametrize("request_", [None, b"", "", b"{", "[1]", b"[" * 9_999])
def test_a_request_that_is_no_object_is_not_known(request_: Any) -> None:
    assert read_stream(b"", request_).request is None


def test_a_request_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="found 'int'"):
        read_stream(b"", 5)  # type: ignore[arg-type]


def test_a_request_without_messages_is_kept_unread() -> None:
    run = read_stream(b"", {"model": "m", "input": "x"})
    assert (run.model, run.chat_request.messages, run.dialect) == ("m", (), "unknown")
    assert read_stream(b"", {"model": 5}).model == ""


# ---- the end, and what is around the chunks


def test_comments_are_kept_alive_and_said(sse: Build, read: Read) -> None:
    """OpenRouter: before the first chunk, and in the middle of the stream."""
    comment = b": OPENROUTER PROCESSING\n\n"
    run = read(sse(comment, comment, USUAL, comment, USUAL))
    (finding,) = [found for found in run.findings if found.code == "keep_alive"]
    assert (finding.count, finding.chunk, finding.last_chunk) == (3, None, 0)
    assert "OPENROUTER PROCESSING" in finding.message


def test_a_missing_end_is_said(sse: Build, read: Read) -> None:
    """Cerebras."""
    assert "done_missing" in codes(read(sse(USUAL, done=False)))
    assert "done_missing" not in codes(read(sse(USUAL)))


@pytest.mark.parametrize(
    "ending", [b"data: [DONE]", b"data: [DONE] ", b"data: [DONE]\n", b"data:[DONE]\r"]
)
def test_an_end_without_its_blank_line_is_an_end(sse: Build, read: Read, ending: bytes) -> None:
    found = codes(read(sse(USUAL, ending, done=False)))
    assert "unfinished_event" in found
    assert "done_missing" not in found


def test_what_comes_after_the_end_is_read_and_said(sse: Build, read: Read) -> None:
    run = read(sse(USUAL) + sse(USUAL))
    assert run.message.text == "hihi"
    (finding,) = [found for found in run.findings if found.code == "bytes_after_end"]
    assert (finding.count, finding.chunk) == (2, 1)


@pytest.mark.parametrize("tail", [b'data: {"choices"', b"data: {}\n", b"id: 1"])
def test_an_unfinished_last_event_is_kept_and_said(sse: Build, read: Read, tail: bytes) -> None:
    run = read(sse(USUAL, tail, done=False))
    assert run.events[-1].raw == tail
    (finding,) = [found for found in run.findings if found.code == "unfinished_event"]
    assert f"last {len(tail)} bytes" in finding.message


def test_events_without_data_are_said_once(sse: Build, read: Read) -> None:
    run = read(sse(b"id: 1\n\n", USUAL, b"event: ping\n\n"))
    (finding,) = [found for found in run.findings if found.code == "fields_without_data"]
    assert finding.count == 2
    assert repr("id: 1\n\n") in finding.message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "not_json"),
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[1]", "not_an_object"),
        (b"5", "not_an_object"),
        (b"null", "not_an_object"),
        (b'{"choices": [], "x": NaN}', "lenient_json"),
        (b'{"choices": [{"delta": {"content": "\\ud800"}}]}', "lenient_json"),
        (b'{"choices": [{"delta": {"content": "\xff"}}]}', "lenient_json"),
    ],
)
def test_a_chunk_that_is_no_strict_json_object_is_said(
    sse: Build, read: Read, data: bytes, code: str
) -> None:
    run = use(read(sse(USUAL, b"data: " + data + b"\n\n", USUAL)))
    assert run.message.text.startswith("hi")
    assert run.message.text.endswith("hi")
    (finding,) = [found for found in run.findings if found.code == code]
    assert (finding.chunk, run.chunks[1].data) == (1, data)


@pytest.mark.parametrize("body", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_body_is_a_run(read: Read, body: bytes) -> None:
    run = use(read(body))
    assert (len(run.chunks), run.message.text, run.dialect) == (0, "", "unknown")
    assert ("empty_body" in codes(run)) == (body == b"")


# ---- other dialects, and bodies that are no chat at all


URLS = {
    "anthropic-messages": "https://api.anthropic.com/v1/messages",
    "gemini": "https://host/v1beta/models/g:streamGenerateContent?alt=sse",
    "bedrock-invoke": "https://host/model/m/invoke-with-response-stream",
}
BODIES = {
    "bedrock-invoke": b"\0\0\0\x1adata",
}


@pytest.mark.parametrize("dialect", BODIES)
def test_another_dialect_is_shown_raw_with_one_finding(read: Read, dialect: str) -> None:
    run = use(read(BODIES[dialect], RequestHead("POST", URLS[dialect])))
    assert run.dialect == dialect
    assert codes(run) - {"no_clock"} == {"dialect_not_read"}
    assert run.error is None
    assert b"".join(chunk.raw for chunk in run.chunks) == BODIES[dialect]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"type":"error","error":{"message":"boom"}}', 200), (b'{"message":"boom"}', 400)],
)
@pytest.mark.parametrize("url", [*URLS.values(), ""])
def test_an_error_is_read_in_every_dialect(read: Read, url: str, body: bytes, status: int) -> None:
    run = read(body, RequestHead("POST", url), response=ResponseHead(status))
    assert run.error is not None
    assert run.error.message == "boom"
    assert run.finish_reason == "error"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    "body",
    [
        b'{"detail":"boom"}',
        b'{"message":"boom"}',
        b'{"errors":[{"message":"boom"}]}',
        b'{"title":"Bad Gateway","status":502,"detail":"boom"}',
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        *URLS.values(),
        "https://host/v1/chat/completions",
        "https://host/v1/responses",
        "https://host/api/chat",
        "https://host/model/m/converse-stream",
    ],
)
def test_an_error_of_what_stands_between_is_no_unknown_field(
    read: Read, url: str, body: bytes, status: int
) -> None:
    run = read(body, RequestHead("POST", url), response=ResponseHead(status))
    assert run.error is not None
    assert "boom" in run.error.message
    assert codes(run) - {"dialect_not_read"} <= {"http_error", "error_in_stream"}


@pytest.mark.parametrize("body", [b"<html>\n<p>hi", b"\0\1\2", b"plain text\n\nmore", b"[1, 2]"])
def test_what_is_no_chat_is_kept_and_said(read: Read, body: bytes) -> None:
    run = use(read(body))
    assert run.dialect == "unknown"
    assert run.body == body
    assert codes(run) & {"not_json", "not_an_object", "fields_without_data", "unfinished_event"}


# ---- clocks


def stamped(*stamps: str) -> bytes:
    return b"".join(
        b'{"model":"m","created_at":"%s","done":false}\n' % stamp.encode() for stamp in stamps
    )


def test_the_clock_of_ollama_is_read_to_its_fractions(read: Read) -> None:
    run = read(
        stamped("2026-01-05T11:27:44.5Z", "2026-01-05T11:27:44.75Z", "2026-01-05T12:27:46+01:00")
    )
    assert run.timing == "provider_clock"
    assert [chunk.at for chunk in run.chunks] == pytest.approx([0, 0.25, 1.5])
    assert run.time_to_first_chunk_s is run.duration_s is None
    assert run.clock_resolution_s == 1e-6
    assert not codes(run) & {"no_clock", "coarse_clock"}


@pytest.mark.parametrize(
    "stamp", ["soon", "", "2026-02-31T00:00:00Z", "0001-01-01T00:00:00", "2026-01-05T11:27:44.5e9Z"]
)
def test_a_stamp_that_is_no_time_is_no_clock(read: Read, stamp: str) -> None:
    assert read(stamped("2026-01-05T11:27:44.5Z", stamp)).timing == "none"


def test_created_that_moves_in_seconds_is_a_coarse_clock(sse: Build, read: Read) -> None:
    """xAI; Azure's first chunk has 0, which is no time."""
    usage = {"completion_tokens": 5}
    chunks = [{**USUAL, "created": created} for created in (0, 100, 100, 102)]
    run = read(sse(*chunks, {**USUAL, "created": 103, "usage": usage}))
    assert run.timing == "provider_clock"
    assert [chunk.at for chunk in run.chunks] == [None, 0, 0, 2, 3]
    assert "coarse_clock" in codes(run)
    assert run.time_per_output_token_s is None


@pytest.mark.parametrize(
    "created",
    [[5, 5], [5, 4], [0, 5], [5, 1e12], [5, -1], [5, 10**30], [5, float("nan")], [5, float("inf")]],
)
def test_created_that_does_not_move_forward_is_no_clock(
    sse: Build, read: Read, created: list[float]
) -> None:
    run = read(sse(*({**USUAL, "created": number} for number in created)))
    assert run.timing == "none"
    assert run.clock_resolution_s is None
    assert [chunk.at for chunk in run.chunks] == [None, None]


def test_the_readers_own_clock_goes_before_the_providers(sse: Build) -> None:
    reader = StreamReader()
    for number in (1, 2, 3):
        reader.feed(sse({**USUAL, "created": 100 * number}, done=False), at=number / 10)
    run = reader.close()
    assert run.timing == "measured"
    assert [chunk.at for chunk in run.chunks] == [0.1, 0.2, 0.3]


def test_a_provider_clock_is_not_taken_for_a_measured_one(sse: Build) -> None:
    """The run is made twice of the same columns: the second time they hold times."""
    reader = StreamReader()
    reader.feed(sse({**USUAL, "created": 100}, {**USUAL, "created": 200}))
    assert reader.run.timing == "provider_clock"
    assert reader.close().timing == reader.run.timing == "provider_clock"


# ---- streams composed of habits


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


HABITS = st.fixed_dictionaries(
    {
        "mark": maybe(b"", b"\xef\xbb\xbf"),
        "end": maybe(b"\n", b"\r\n", b"\r"),
        "colon": maybe(b"data: ", b"data:"),
        "comment": maybe(b"", b": OPENROUTER PROCESSING"),
        "empty_first": st.booleans(),
        "role": maybe("first", "always", "never"),
        "content": maybe("text", "list", "none"),
        "reasoning": maybe((), ("reasoning",), ("reasoning", "reasoning_content")),
        "details": st.booleans(),
        "ids": maybe("first", "null", "empty", "repeated", "absent"),
        "first_index": maybe(0, 1, None),
        "pieces": maybe(1, 2, 13),
        "same_index": st.booleans(),
        "arguments": maybe("text", "object", "none"),
        "finish": maybe("once", "twice", "inside", "never"),
        "usage": maybe("alone", "with choice", "twice", "x_groq", "none"),
        "error": maybe(None, "event", "beside"),
        "created": maybe("still", "moving", "absent"),
        "tail": maybe(b"data: [DONE]", b"", b"data: {"),
        "size": st.integers(1, 40),
    }
)
ARGUMENTS = '{"a": 2, "b": "é€😀"}'


def compose(habits: dict[str, Any]) -> bytes:
    """Write a stream with these habits."""
    texts = [json.dumps(chunk, ensure_ascii=False) for chunk in _chunks(habits)]
    lines = [habits["colon"] + text.encode() for text in texts]
    if habits["error"] == "event":
        lines.append(b"event: error" + habits["end"] + b'data: {"error": {"message": "boom"}}')
    if habits["comment"]:
        lines[1:1] = [habits["comment"]]
    blank = habits["end"] * 2
    return bytes(habits["mark"] + b"".join(line + blank for line in lines) + habits["tail"])


def _chunks(habits: dict[str, Any]) -> Iterator[dict[str, Any]]:
    deltas = list(_deltas(habits))
    finish = "tool_calls"
    for number, delta in enumerate(deltas):
        if habits["role"] == "always" or (habits["role"] == "first" and number == 0):
            delta = {"role": "assistant", **delta}
        is_last = number == len(deltas) - 1 and habits["finish"] == "inside"
        chunk: dict[str, Any] = {"choices": [{"index": 0, "delta": delta}]}
        chunk["choices"][0]["finish_reason"] = finish if is_last else None
        if habits["created"] != "absent":
            chunk["created"] = 100 + number * (habits["created"] == "moving")
        yield chunk
    for _ in range({"once": 1, "twice": 2}.get(habits["finish"], 0)):
        yield {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}
    usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12, "cost": 0.5}
    match habits["usage"]:
        case "alone":
            yield {"choices": [], "usage": usage}
        case "with choice":
            yield {"choices": [{"index": 0, "delta": {"content": ""}}], "usage": usage}
        case "twice":
            yield from [{"choices": [], "usage": usage}] * 2
        case "x_groq":
            yield {"choices": [], "x_groq": {"id": "r", "usage": usage}}
    if habits["error"] == "beside":
        yield {"choices": [], "error": {"message": "boom", "code": 502}}


def _deltas(habits: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if habits["empty_first"]:
        yield {"content": ""}
    for piece in ("th", "ink"):
        reasoning: dict[str, Any] = dict.fromkeys(habits["reasoning"], piece)
        if habits["details"] and habits["reasoning"]:
            reasoning["reasoning_details"] = [{"type": "reasoning.text", "text": piece}]
        if reasoning:
            yield reasoning
    for piece in ("hé", "llo"):
        if habits["content"] != "none":
            parts = [{"type": "text", "text": piece}]
            yield {"content": piece if habits["content"] == "text" else parts}
    for number in range(2):
        for call in _call(habits, number):
            yield {"content": None, "tool_calls": [call]}


def _call(habits: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
    index = habits["first_index"]
    place = {} if index is None else {"index": index + number * (not habits["same_index"])}
    later = {"null": {"id": None}, "empty": {"id": ""}, "repeated": {"id": f"x{number}"}}
    id = {} if habits["ids"] == "absent" else {"id": f"x{number}"}
    function: dict[str, Any] = {"name": f"f{number}"}
    if habits["arguments"] == "object":
        function["arguments"] = json.loads(ARGUMENTS)
    yield {**place, **id, "type": "function", "function": function}
    if habits["arguments"] == "text":
        size = -(-len(ARGUMENTS) // habits["pieces"])
        for at in range(0, len(ARGUMENTS), size):
            piece = {"arguments": ARGUMENTS[at : at + size]}
            yield {**place, **later.get(habits["ids"], {}), "function": piece}


@given(HABITS)
def test_a_stream_of_any_habits_is_read_right_in_any_pieces(habits: dict[str, Any]) -> None:
    body = compose(habits)
    whole = use(read_stream(body, REQUEST))
    reader = StreamReader(REQUEST)
    for at in range(0, len(body), habits["size"]):
        reader.feed(body[at : at + habits["size"]])
        if at % 5 == 0:
            reader.run.findings  # noqa: B018  # asked for in between, which must change nothing
    assert reader.close() == whole
    assert reader.run.findings == whole.findings
    assert whole.message.text == ("" if habits["content"] == "none" else "héllo")
    assert whole.message.reasoning == ("think" if habits["reasoning"] else "")
    calls = [(call.id, call.name, call.parsed) for call in whole.message.tool_calls]
    is_named = habits["ids"] != "absent"
    has_place = habits["first_index"] is not None and not habits["same_index"]
    if is_named or has_place or habits["arguments"] != "none":  # else nothing tells two calls apart
        parsed = {} if habits["arguments"] == "none" else json.loads(ARGUMENTS)
        assert calls == [(f"x{n}" if is_named else "", f"f{n}", parsed) for n in range(2)]
    assert (whole.usage is None) == (habits["usage"] == "none")
    assert whole.usage is None or str(whole.cost) == "0.5"
    assert (whole.error is None) == (habits["error"] is None)


# ---- damage


@functools.cache
def bodies() -> tuple[bytes, ...]:
    folder = Path(__file__).parents[2] / "data" / "cassettes" / "openai_chat"
    return tuple(
        interaction.response.body
        for path in sorted(folder.glob("*.yaml"))
        for interaction in load_cassette(path).interactions
    )


def test_a_stream_cut_at_any_byte_is_a_run(seeds: tuple[Path, ...]) -> None:
    """What came before the cut is read as if the rest had never been."""
    body = bodies()[0][-4_000:]
    for end in range(len(body)):
        run = read_stream(body[:end])
        assert run.body == body[:end]
        assert run.findings is not None
    whole = bodies()[0]
    for end in range(0, len(whole), 97):
        use(read_stream(whole[:end]))


@given(st.data())
def test_damage_raises_nothing(data: st.DataObject) -> None:
    """Bytes flipped, cut out and doubled, lines swapped."""
    body = bytearray(data.draw(st.sampled_from(bodies())))
    places = st.integers(0, len(body) - 1)
    for place in data.draw(st.lists(places, max_size=10)):
        body[place] ^= data.draw(st.integers(1, 255))
    first, last = sorted((data.draw(places), data.draw(places)))
    match data.draw(st.sampled_from(["", "cut", "double", "swap"])):
        case "cut":
            del body[first:last]
        case "double":
            body[first:first] = body[first:last]
        case "swap":
            lines = bytes(body).split(b"\n")
            a, b = first % len(lines), last % len(lines)
            lines[a], lines[b] = lines[b], lines[a]
            body = bytearray(b"\n".join(lines))
    whole = use(read_stream(bytes(body), REQUEST))
    reader = StreamReader(REQUEST)
    for at in range(0, len(body), 7):
        reader.feed(bytes(body[at : at + 7]))
    assert reader.close() == whole
    assert reader.run.findings == whole.findings


@given(
    st.binary(max_size=200), st.sampled_from([b"", b"data: ", b"{", b"<", b'data: {"choices":['])
)
def test_random_bytes_raise_nothing(noise: bytes, start: bytes) -> None:
    use(read_stream(start + noise))


CHUNK: dict[str, Any] = {
    "id": "i",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "m",
    "provider": "p",
    "system_fingerprint": "s",
    "x_groq": {"id": "x", "usage": {"prompt_tokens": 1}, "error": None},
    "error": None,
    "usage": {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "cost": 0.1,
        "is_byok": True,
        "cost_in_usd_ticks": None,
        "cost_details": {
            "upstream_inference_cost": 0.1,
            "upstream_inference_prompt_cost": 0.05,
            "upstream_inference_completions_cost": 0.05,
        },
        "prompt_tokens_details": {"cached_tokens": 1},
        "completion_tokens_details": {"reasoning_tokens": 1},
    },
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "native_finish_reason": "x",
            "logprobs": None,
            "usage": None,
            "error": None,
            "delta": {
                "role": "assistant",
                "content": "hi",
                "reasoning": "r",
                "reasoning_content": "r",
                "reasoning_details": [{"type": "t", "text": "r"}],
                "refusal": "no",
                "function_call": {"name": "f", "arguments": "{}"},
                "tool_calls": [
                    {
                        "index": 0,
                        "id": "c",
                        "type": "function",
                        "function": {"name": "f", "arguments": '{"a":1}'},
                    }
                ],
            },
        }
    ],
}
ODD_VALUES = [
    '"a"', '""', "1", "-1", "0", "1.5", "true", "false", "null", "[]", "{}", "[1]", '{"a":1}',
    "[null]", '["a"]', "[[]]", "[{}]", '["a", null, 1, {"text": "x"}]', '{"text": 5}',
    "NaN", "1e999", "-Infinity", "1" * 400, "1" * 5_000, str(2**63), str(2**64), "1E-400",
    "1e99999", "1e99999999999999999999",
    '"1e999999999"', '"NaN"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u0000<b>{0} %s"',
    '"\udcff"',
    '"' + "x" * 3_000 + '"', "[" * 390 + "]" * 390, "[" * 700 + "]" * 700,
    "[" * 2_000 + "]" * 2_000,
    '{"a":' * 1_000 + "1" + "}" * 1_000,
]  # fmt: skip


def places_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if not isinstance(value, dict | list):
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in inner:
        yield from places_in(item, (*path, key))


def named(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path)) or "$"


def put(path: tuple[Any, ...], text: str) -> bytes:
    """Write the usual chunk with another JSON text in one place."""
    chunk = json.loads(json.dumps({"": CHUNK}))
    place = functools.reduce(lambda value, key: value[key], ("", *path)[:-1], chunk)
    place[("", *path)[-1]] = "@@"
    return json.dumps(chunk[""]).replace('"@@"', text).encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("path", [*places_in(CHUNK)], ids=named)
def test_no_value_of_any_field_raises(sse: Build, path: tuple[Any, ...]) -> None:
    for text in ODD_VALUES:
        data = put(path, text)
        streamed = sse(USUAL, b"data: %s\n\n" % data, USUAL)
        for body in (streamed, data):
            run = use(read_stream(body, REQUEST))
            again = read_stream(body, REQUEST)
            assert run == again
            assert run.findings == again.findings


@pytest.mark.parametrize("path", [*places_in(REQUEST)], ids=named)
def test_no_value_of_a_request_raises(sse: Build, path: tuple[Any, ...]) -> None:
    call = {"index": 0, "id": "c", "function": {"name": "f", "arguments": '{"a": "x"}'}}
    body = sse({"choices": [{"index": 0, "delta": {"tool_calls": [call]}}]})
    for text in ODD_VALUES:
        request = json.loads(json.dumps({"": REQUEST}))
        place = functools.reduce(lambda value, key: value[key], ("", *path)[:-1], request)
        place[("", *path)[-1]] = "@@"
        sent = json.dumps(request[""]).replace('"@@"', text)
        use(read_stream(body, sent.encode("utf-8", "surrogateescape")))


LATE = [
    b'{"model":"m","message":{"role":"assistant","content":"a"}}',
    b'{"model":"m","created_at":"2026-01-05T11:28:02.5Z","message":{"content":"b"},"done":false}',
    b'{"model":"m","created_at":"2026-01-05T11:28:03.5Z","message":{"content":"c"},"done":true}',
]


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("is_measured", [True, False])
def test_what_came_before_the_dialect_was_told_is_read_in_it(size: int, is_measured: bool) -> None:
    body = b"\n".join(LATE)
    readers = [StreamReader(), StreamReader(RequestHead("POST", "http://localhost/api/chat"))]
    for reader in readers:
        for number, start in enumerate(range(0, len(body), size)):
            reader.feed(body[start : start + size], at=float(number) if is_measured else None)
    late, known = (reader.close() for reader in readers)
    assert late.message.text == "abc" == known.message.text
    assert late.wire == known.wire
    assert list(late.deltas) == list(known.deltas)
    assert [one.code for one in late.findings] == [one.code for one in known.findings]


WHOLE = {
    "anthropic-messages": lambda id, text: {
        "id": id,
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": text}, *CALLED],
        "stop_reason": "tool_use",
        "usage": {"input_tokens": 1, "output_tokens": 2},
    },
    "openai-responses": lambda id, text: {
        "id": id,
        "object": "response",
        "created_at": 1,
        "model": "m",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    },
}
CALLED = [{"type": "tool_use", "id": "toolu_x1", "name": "f", "input": {"a": 1}}]


@pytest.mark.parametrize("dialect", WHOLE)
def test_a_second_whole_answer_in_a_body_is_told(dialect: str) -> None:
    one, other = (json.dumps(WHOLE[dialect](*said)).encode() for said in (("x", "a"), ("y", "b")))
    run = read_stream(one + b"\n" + other)
    assert (run.dialect, run.message.text) == (dialect, "a")
    assert {"message_in_stream", "repetition_differs"} <= {found.code for found in run.findings}
    same = {found.code for found in read_stream(one + b"\n" + one).findings}
    assert "message_in_stream" in same
    assert "repetition_differs" not in same


@pytest.mark.parametrize("dialect", WHOLE)
def test_a_whole_answer_that_comes_as_an_event_is_read(dialect: str) -> None:
    sent = json.dumps(WHOLE[dialect]("x", "Hello")).encode()
    run = read_stream(b"data: %b\n\n" % sent)
    assert (run.message.text, run.usage and run.usage.output_tokens) == ("Hello", 2)
    assert [call.name for call in run.message.tool_calls] == ["f"] * (dialect[0] == "a")
    assert "message_in_stream" in {found.code for found in run.findings}
