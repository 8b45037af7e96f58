"""Verdicts: what is concluded from a clock, a lifetime, counts and marks, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import chatviz as cv
from chatviz.measures.caching.verdicts import say_duration
from chatviz.wire.exchange import ResponseHead
from tests.measures.caching.talks import TWO_STEPS, ask_again, asked, talk_of

SYSTEM = {"role": "system", "content": "Be brief."}
HELLO = {"role": "user", "content": "Hello"}
MORE = [{"role": "assistant", "content": "ok"}, {"role": "user", "content": "And now?"}]
BODY = {"model": "gpt-4o", "messages": [SYSTEM, HELLO]}
LONGER = {**BODY, "messages": [SYSTEM, HELLO, *MORE]}
IDLE = "nothing changed, idle longer than the known lifetime"
SERVER = "nothing changed: the server's side"
CLAUDE = "https://api.anthropic.com/v1/messages"


def usage(tokens: int, read: int | None = 0, written: int | None = None) -> dict[str, Any]:
    details = {"cached_tokens": read, "cache_write_tokens": written}
    sent = {"prompt_tokens": tokens, "completion_tokens": 1}
    return sent if read is None else {**sent, "prompt_tokens_details": details}


def row_of(*runs: cv.StreamRun, prices: Any = None) -> dict[str, Any]:
    (row,) = cv.cache_table(talk_of(*runs), prices=prices).to_dict("records")
    return row


def verdict(first: dict[str, Any], second: dict[str, Any]) -> tuple[str, str]:
    """Judge two requests of which the second only goes on; each has a usage of 2,000 tokens."""
    before = asked(BODY, **{"usage": usage(2_000), **first})
    after = asked(LONGER, **{"usage": usage(2_100), **second})
    row = row_of(before, after)
    return row["verdict"], row["reason"].replace("\u00a0", " ")


# ---- time


@pytest.mark.parametrize(
    ("seconds", "expected", "reason"),
    [
        (40, SERVER, "idle for 40 s, kept for 5 min to 1 h"),
        (1_200, "nothing changed", "idle for 20 min, kept for 5 min to 1 h"),
        (9_000, IDLE, "idle for 2.5 h, kept for 5 min to 1 h"),
    ],
)
def test_an_idle_time_is_judged_by_the_documented_lifetime(seconds, expected, reason) -> None:
    told = verdict({"created": 1_000_000}, {"created": 1_000_000 + seconds})
    assert told == (expected, reason)


def test_a_request_may_ask_for_another_lifetime() -> None:
    before = asked({**BODY, "prompt_cache_retention": "24h"}, usage=usage(2_000), created=1_000_000)
    row = row_of(before, asked(LONGER, usage=usage(2_100), created=1_009_000))
    assert (row["verdict"], row["gone_after_s"]) == ("nothing changed", 86_400)


def test_without_a_clock_nothing_is_concluded() -> None:
    told = verdict({}, {})
    assert told == (
        "nothing changed",
        "nothing was read from the cache; the idle time is not known",
    )


def test_a_clock_that_goes_back_is_none() -> None:
    assert verdict({"created": 1_000_005}, {"created": 1_000_000})[0] == "nothing changed"


def test_the_date_header_comes_before_the_stamp() -> None:
    dates = ["Fri, 27 Nov 2026 03:44:01 GMT", "Fri, 27 Nov 2026 03:44:31 GMT"]
    row = row_of(
        asked(BODY, usage=usage(2_000), date=dates[0], created=10),
        asked(LONGER, usage=usage(2_000), date=dates[1], created=9_010),
    )
    assert (row["idle_s"], row["idle_clock"], row["verdict"]) == (30, "date", SERVER)


@pytest.mark.parametrize("date", ["yesterday", "Fri, 99 Nov 2026 03:44:01 GMT"])
def test_a_date_that_is_none_leaves_the_stamp(date: str) -> None:
    row = row_of(
        asked(BODY, usage=usage(2_000), date=date, created=10),
        asked(LONGER, usage=usage(2_000), date=date, created=15),
    )
    assert (row["idle_s"], row["idle_clock"]) == (5, "created")


def test_a_simulated_pace_is_no_clock() -> None:
    first = asked(BODY, usage=usage(2_000), created=10)
    again = asked(LONGER, usage=usage(2_000), created=15)
    played = ask_again(again, LONGER, response=ResponseHead(time_source="simulated"))
    row = row_of(first, played)
    assert pd.isna(row["idle_s"]) and "the idle time is not known" in row["reason"]


# ---- what was never cached


def test_what_is_not_reported_is_said_to_be_so() -> None:
    expected, reason = verdict({"created": 10}, {"created": 15, "usage": usage(2_000, None)})
    assert (expected, reason.partition(":")[0]) == ("nothing changed", "not reported")


def test_a_prompt_that_is_too_short_is_not_the_servers_fault() -> None:
    told = verdict({"created": 10, "usage": usage(1_000)}, {"created": 15})
    assert told == ("nothing changed", "the earlier prompt had 1,000 tokens: caches begin at 1,024")


def test_what_was_read_needs_no_excuse() -> None:
    told = verdict({"created": 10}, {"created": 9_999, "usage": usage(2_100, 1_920)})
    assert told == ("nothing changed", "1,920 tokens were read from the cache")


def test_a_host_of_which_nothing_is_documented_is_not_judged() -> None:
    url = "https://openrouter.ai/api/v1/chat/completions"
    told = verdict({"created": 10, "url": url}, {"created": 15, "url": url})
    assert told == (
        "nothing changed",
        "idle for 5 s; how long this host keeps a prompt is not known",
    )


def test_another_upstream_has_a_cache_of_its_own() -> None:
    url = "https://openrouter.ai/api/v1/chat/completions"
    first = {"created": 10, "url": url, "provider": "Novita"}
    expected, reason = verdict(first, {**first, "created": 15, "provider": "Fireworks"})
    assert (expected, reason.partition(":")[0]) == (
        SERVER,
        "answered by Fireworks, before by Novita",
    )
    expected, _ = verdict({**first, "created": None}, {"url": url, "provider": "Fireworks"})
    assert expected == "nothing changed"


# ---- caches that are marked


def claude(body: dict[str, Any], date: str, **counted: int) -> cv.StreamRun:
    """Return an answer of Anthropic's (synthetic) with a usage."""
    answer = asked({}, url=CLAUDE)
    sent = {
        "type": "message", "role": "assistant", "model": "claude-x", "id": "msg_1",
        "content": [{"type": "text", "text": "ok"}], "stop_reason": "end_turn",
        "usage": {"output_tokens": 1, **counted},
    }  # fmt: skip
    reader = cv.StreamReader(
        ask_again(answer, body).head, response=ResponseHead(200, {"Date": [date]})
    )
    reader.feed(json.dumps(sent).encode())
    return reader.close()


def marked(messages: int, *, ttl: str = "", marks: bool = True) -> dict[str, Any]:
    """Return a request whose last message alone is marked: the mark moves with it."""
    said = [{"role": "user", "content": f"Question {n}"} for n in range(messages)]
    mark = {"cache_control": {"type": "ephemeral", **({"ttl": ttl} if ttl else {})}}
    last = {"type": "text", "text": said[-1]["content"], **(mark if marks else {})}
    return {"model": "claude-x", "messages": [*said[:-1], {"role": "user", "content": [last]}]}


NOON, SOON, LATER = (f"Fri, 27 Nov 2026 12:{minute}:00 GMT" for minute in ("00", "04", "10"))
WRITTEN = {"input_tokens": 3, "cache_creation_input_tokens": 5_000, "cache_read_input_tokens": 0}


@pytest.mark.parametrize(
    ("ttl", "date", "expected"),
    [("", SOON, SERVER), ("", LATER, IDLE), ("1h", LATER, SERVER), ("5m", LATER, IDLE)],
)
def test_a_mark_that_moves_is_no_change_and_its_lifetime_counts(ttl, date, expected) -> None:
    row = row_of(
        claude(marked(1, ttl=ttl), NOON, **WRITTEN), claude(marked(2, ttl=ttl), date, **WRITTEN)
    )
    assert (row["verdict"], row["input_tokens"], row["fresh_tokens"]) == (expected, 5_003, 3)


def test_nothing_is_cached_that_was_not_marked() -> None:
    row = row_of(
        claude(marked(1, marks=False), NOON, **WRITTEN),
        claude(marked(2, marks=False), SOON, **WRITTEN),
    )
    assert (row["verdict"], row["reason"]) == ("nothing changed", "nothing was marked to be cached")


def test_a_mark_that_wrote_nothing_is_named() -> None:
    none = {**WRITTEN, "cache_creation_input_tokens": 0, "input_tokens": 2_000}
    row = row_of(claude(marked(1), NOON, **none), claude(marked(2), SOON, **none))
    assert row["verdict"] == "nothing changed"
    assert row["reason"].startswith("the earlier request wrote nothing to the cache")


def test_a_prompt_that_some_models_do_not_cache_is_not_judged() -> None:
    """Groq's caches begin between 128 and 1,024 tokens, by model."""
    url = "https://api.groq.com/openai/v1/chat/completions"
    for tokens, said in ((700, "caches begin between"), (None, "is not known")):
        first = {"url": url, "created": 10, "usage": usage(tokens)}
        expected, reason = verdict(first, {"url": url, "created": 15})
        assert expected == "nothing changed" and said in reason
    first = {"url": url, "created": 10, "usage": usage(700, 10)}
    assert verdict(first, {"url": url, "created": 15})[0] == SERVER


# ---- which requests are compared


def test_a_refused_request_saw_no_cache() -> None:
    first, second = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks")).runs
    refused = ask_again(second, second.request or {}, response=ResponseHead(429))
    table = cv.cache_table([first, refused, second])
    assert table[["run", "earlier_run"]].to_numpy().tolist() == [[2, 0]]


def test_recordings_in_one_list_are_compared_by_their_first_requests() -> None:
    first = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    other = cv.read_conversation(cv.sample("openrouter_kimi-k2_novita"))
    table = cv.cache_table([first, other])
    assert table["same_conversation"].tolist() == [True, False, True]
    assert table["earlier_run"].tolist() == [0, 0, 2]
    row = table.iloc[1]
    assert (row["region"], row["path"]) == ("options", "provider.only[0]")


def test_recordings_of_other_hosts_have_nothing_in_common() -> None:
    talks = [cv.read_conversation(cv.sample(name)) for name in TWO_STEPS]
    table = cv.cache_table(talks)
    same = table[~table["same_conversation"].astype(bool)]
    assert len(table) == len(TWO_STEPS) + len(same) and len(same) == 1  # both of OpenRouter


def test_a_history_that_the_server_keeps_is_no_change() -> None:
    url = "https://api.openai.com/v1/responses"

    def ask(id: str, **more: Any) -> cv.StreamRun:
        run = asked({"model": "gpt-4o", "instructions": "Be brief.", **more}, url=url)
        body = {"object": "response", "id": id, "status": "completed", "output": []}
        reader = cv.StreamReader(run.head)
        reader.feed(json.dumps(body).encode())
        return reader.close()

    first = ask("resp_1", input="Hello")
    row = row_of(first, ask("resp_2", input="And now?", previous_response_id="resp_1"))
    assert row["verdict"] == "nothing changed" and row["changed_options"] == "previous_response_id"
    changed = ask("resp_2", input="x", instructions="Be long.", previous_response_id="resp_1")
    assert row_of(first, changed)["region"] == "system"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.25, "0.25 s"), (59, "59 s"), (90, "1.5 min"), (9e4, "25 h")],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert say_duration(seconds) == words.replace(" ", "\u00a0")
