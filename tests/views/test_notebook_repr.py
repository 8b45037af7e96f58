from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chatviz.cassettes.reading import read_conversation, read_runs
from chatviz.cassettes.storage import load_cassette
from chatviz.chat.usage import Usage
from chatviz.views.notebook_repr import show_cassette
from chatviz.wire.exchange import RequestHead, ResponseHead


def test_a_run_shows_what_it_turned_out_to_be(seeds: Any) -> None:
    bundle = read_runs(seeds.fireworks)[0]._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "Answer of moonshotai/kimi-k2-0905: 44 chunks, tool_calls, 2 tool calls, "
        "210 input tokens, 55 output tokens, 0.0002635 USD."
    )
    for text in ("Fireworks", "openai-chat", "the recording holds no times", "add({&quot;a&quot;"):
        assert text in bundle["text/html"]


def test_a_failed_run_shows_its_error(streams: Any) -> None:
    run = streams.read([b'{"error":{"message":"Slow <down>","code":429}}'], head=ResponseHead(429))
    assert run._repr_mimebundle_()["text/plain"] == "Answer of model-1: 1 chunk, HTTP 429."
    assert "Slow &lt;down&gt;" in run._repr_mimebundle_()["text/html"]


def test_a_run_with_many_calls_says_how_many_more(streams: Any) -> None:
    chunks = [streams.chunk(streams.call(n, "{}", id=f"c{n}", name="t")) for n in range(25)]
    html = streams.read(chunks)._repr_mimebundle_()["text/html"]
    assert "5 more calls" in html


def test_a_conversation_shows_a_row_for_each_step(seeds: Any) -> None:
    bundle = read_conversation(seeds.novita)._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "Conversation: 2 steps, 2 answers, 394 input tokens, 88 output tokens, 0.0004564 USD."
    )
    assert "<td>step 2</td>" in bundle["text/html"]


def test_a_call_shows_its_paths_and_verdict(seeds: Any) -> None:
    call = read_runs(seeds.fireworks)[0].message.tool_calls[0]
    bundle = call._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "Tool call add: 13 fragments, 16 characters, right by its schema."
    )
    assert "<td>$.b</td>" in bundle["text/html"]


def test_a_call_without_schema_and_a_wrong_one_say_so(streams: Any) -> None:
    chunk = streams.chunk(streams.call(0, "[1]", id="c", name="t"))
    bare = streams.read([chunk]).message.tool_calls[0]
    assert bare._repr_mimebundle_()["text/plain"].endswith("no JSON object, no schema known.")
    function = {"name": "t", "parameters": {"type": "object"}}
    request = {"model": "m", "tools": [{"type": "function", "function": function}]}
    wrong = streams.read([chunk], request=request).message.tool_calls[0]
    assert "against its schema: " in wrong._repr_mimebundle_()["text/plain"]


def test_usage_shows_what_is_known(seeds: Any) -> None:
    usage = read_runs(seeds.fireworks)[0].usage
    assert usage is not None
    bundle = usage._repr_mimebundle_()
    assert bundle["text/plain"] == "Usage: 210 input tokens, 55 output tokens, 0.0002635 USD."
    assert '<td align="right">0.0002635</td>' in bundle["text/html"]
    assert Usage()._repr_mimebundle_()["text/plain"] == "Usage: nothing counted."


def test_a_cassette_shows_its_interactions_without_secrets(seeds: Any) -> None:
    bundle = load_cassette(seeds.fireworks)._repr_mimebundle_()
    assert bundle["text/plain"] == (
        "Cassette of 2 interactions: 2 chat interactions, 0 of other traffic."
    )
    assert "https://openrouter.ai/api/v1/chat/completions" in bundle["text/html"]

    interactions = (
        _interaction("https://me:hunter2@example.com/list?key=secret#f"),
        _interaction("http://[::bad"),
    )

    html = show_cassette(SimpleNamespace(interactions=interactions)).html
    assert "https://example.com/list?…" in html
    assert "(no URL)" in html
    assert "hunter2" not in html
    assert "secret" not in html


def _interaction(url: str) -> Any:
    request = SimpleNamespace(method="GET", url=url, head=RequestHead("GET", url))
    return SimpleNamespace(request=request, response=SimpleNamespace(status=200, body=b"abc"))
