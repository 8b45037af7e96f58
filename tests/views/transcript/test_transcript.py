from __future__ import annotations

import re
from typing import Any

from chatviz.cassettes.reading import read_runs
from chatviz.views.transcript.transcript import transcript
from chatviz.wire.exchange import ResponseHead


def texts(view: Any) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", view.svg)


def test_a_seed_reads_as_a_conversation(seeds: Any) -> None:
    view = transcript(read_runs(seeds.fireworks))
    assert view.sentence == (
        "Transcript of 1 conversation: 2 steps, 1 user message, 2 answer texts, 2 tool calls, "
        "2 tool results."
    )
    assert [row[1:] for row in view.tables[0].rows] == [
        (
            "system",
            "You are a helpful assistant. Always use both add and multiply at the same time.",
        ),
        ("user", "Add and multiply the number 2 and 3"),
        ("assistant", "I'll add and multiply the numbers 2 and 3 for you."),
        ("calls 0", 'add({"a": 2, "b": 3})'),
        ("calls 1", 'multiply({"a": 2, "b": 3})'),
        ("result of add", "5"),
        ("result of multiply", "6"),
        ("assistant", "The results are:\n- Addition: 2 + 3 = 5\n- Multiplication: 2 × 3 = 6"),
    ]
    assert {"system", "user", "assistant", "calls 0", "result of multiply"} <= set(texts(view))


def test_every_step_has_its_heading_and_conversations_are_numbered(seeds: Any) -> None:
    runs = [run for path in seeds for run in read_runs(path)]
    written = texts(transcript(runs))
    assert {"Conversation 1", "Conversation 2"} <= set(written)
    assert "Novita · moonshotai/kimi-k2-0905 · step 2: stop" in written


def test_failed_attempts_errors_and_unread_answers_are_said(streams: Any) -> None:
    failed = streams.read([b'{"error":{"message":"Slow down","code":429}}'], head=ResponseHead(429))
    cut = streams.read(
        [streams.chunk({"content": "Half"}), b'data: {"error":{"message":"Gone"}}\n\n']
    )
    said = [row[1:] for row in transcript([failed, cut, streams.read([])]).tables[0].rows]
    assert said == [
        ("error", "HTTP 429: Slow down"),
        ("assistant", "Half"),
        ("error", "Gone"),
        ("nothing read", "(0 chunks came, and nothing was read)"),
    ]


def test_reasoning_refusals_and_unknown_parts_are_told_apart(streams: Any) -> None:
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    odd = [{"role": "critic", "content": "Hm."}, {"role": "user", "content": [image]}]
    details = [{"type": "reasoning.encrypted", "data": "abc"}]
    run = streams.read(
        [streams.chunk({"reasoning_details": details}), streams.chunk({"refusal": "No."})],
        request={"model": "m", "messages": odd},
    )
    rows = [row[1:] for row in transcript(run).tables[0].rows]
    assert rows[0] == ("critic", "Hm.")
    assert rows[1][0] == "image_url"
    assert rows[2:] == [("reasoning", "(1 signed or encrypted detail)"), ("refusal", "No.")]


def test_long_text_is_cut_with_an_exact_count_in_the_table(streams: Any) -> None:
    run = streams.read([streams.chunk({"content": "word " * 10_000})])
    view = transcript(run)
    assert view.tables[0].rows[0][2].endswith("… (47,000 more characters)")
    assert any(re.match(r"… \(about 4\d,\d{3} more characters\)", text) for text in texts(view))


def test_a_long_conversation_stays_small_and_says_what_is_left_out(streams: Any) -> None:
    talk = [{"role": "user", "content": f"<&{n}> " + "<" * 2_000} for n in range(300)]
    run = streams.read(
        [streams.chunk({"content": "Yes"})], request={"model": "m", "messages": talk}
    )
    view = transcript(run)
    assert len(view.svg.encode()) <= 25_000
    assert any("more parts in the table only" in text for text in texts(view))


def test_nothing_to_show_is_said() -> None:
    assert transcript([]).sentence == "Transcript of 0 conversations: 0 steps."
    assert "There are no answers to show." in texts(transcript([]))


def test_hostile_text_becomes_no_markup(streams: Any, hostile: str) -> None:
    talk = [{"role": hostile, "content": hostile}, {"role": "tool", "content": hostile}]
    run = streams.read(streams.every_kind(hostile), request={"model": hostile, "messages": talk})
    view = transcript(run)
    view.html.encode()
    for markup in ("<script", "<!--", "<img src=x", "\x00", "\u202e"):
        assert markup not in view.svg
        assert markup not in view.html
