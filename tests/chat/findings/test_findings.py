"""The findings: how they are counted and told, and an example of each kind, run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import make_findings as docs
from chatviz.chat.findings.log import FindingLog, in_order, shorten
from chatviz.explanations import explain
from chatviz.runs.reader import StreamReader, read_stream
from finding_examples import EXAMPLES
from finding_examples.example import FindingExample, answer, says, stream

ROOT = Path(__file__).parents[3]
RECORDED = [code for code, example in EXAMPLES.items() if example.recording]


ALL_KINDS = docs.ALL_KINDS  # those of the dialects included

# ---- the log


def test_a_finding_is_told_once_for_each_code_and_part() -> None:
    log = FindingLog()
    for chunk in (3, 4, 9):
        log.add("call_id_null", "'a'", chunk)
    log.add("call_id_null", "'b'", 5)
    first, second = log.findings()
    assert (first.part, first.count, first.chunk, first.last_chunk) == ("'a'", 3, 3, 9)
    assert (second.part, second.count, second.chunk, second.last_chunk) == ("'b'", 1, 5, 5)


def test_the_details_of_the_first_time_tell_the_sentence() -> None:
    log = FindingLog()
    log.add("not_json", chunk=1, text="'first'")
    log.add("not_json", chunk=2, text="'second'")
    assert [one.message for one in log.findings()] == ["2 chunks hold no JSON ('first')."]


def test_one_is_told_in_the_singular() -> None:
    log = FindingLog()
    log.add("not_json", chunk=1, text="'x'")
    log.add("unfinished_event", size=1, text="'d'", how="kept, but not read")
    told = [one.message for one in log.findings()]
    assert told == [
        "1 chunk holds no JSON ('x').",
        "The body ends inside an event: its last 1 byte is kept, but not read ('d').",
    ]


def test_a_log_takes_over_what_another_has_noted() -> None:
    log, slot = FindingLog(), FindingLog()
    slot.add("arguments_null", chunk=2)
    slot.add("arguments_null", chunk=6)
    log.add("keep_alive", chunk=0, text="'x'", count=2, last_chunk=4)
    log.merge(slot, "'call_a1'")
    log.merge(slot)
    log.merge(slot)
    assert [(one.part, one.count, one.chunk, one.last_chunk) for one in log.findings()] == [
        ("", 4, 2, 6),
        ("'call_a1'", 2, 2, 6),
        ("", 2, 0, 4),
    ]


def test_errors_come_first_then_the_order_of_the_stream() -> None:
    log = FindingLog()
    log.add("role_repeated", chunk=0)
    log.add("cost_missing")
    log.add("finish_missing")
    log.add("call_without_function", chunk=7)
    log.add("error_in_stream", chunk=9, text="'x'")
    codes = [one.code for one in log.findings()]
    assert codes == [
        "error_in_stream",
        "finish_missing",
        "call_without_function",
        "cost_missing",
        "role_repeated",
    ]
    assert in_order(reversed(log.findings())) == log.findings()


def test_a_part_that_the_sentence_does_not_name_stands_before_it() -> None:
    log = FindingLog()
    log.add("finish_missing", "choice 1")
    assert log.findings()[0].message.startswith("choice 1: No finish reason came")


def test_a_detail_that_is_a_sentence_ends_in_one_full_stop() -> None:
    log = FindingLog()
    log.add("schema_fault", "'call_a1'", text="It is of draft 3.")
    assert log.findings()[0].message.endswith("cannot be used: It is of draft 3.")


@pytest.mark.parametrize("part", ["{count.__class__}", "a\nb", "k" * 100_000, "\ud83d", "<b>"])
def test_a_hostile_name_is_shown_and_does_no_more(part: str) -> None:
    log = FindingLog()
    log.add("unknown_fields", part, 1)
    (finding,) = log.findings()
    assert finding.part == part
    assert len(finding.message) < 400
    assert "\n" not in finding.message
    finding.message.encode()
    assert part in finding.message or shorten(part, 200) in finding.message


def test_a_value_is_quoted_and_cut_with_a_mark() -> None:
    assert shorten("a" * 60) == repr("a" * 60)
    assert shorten("a" * 61) == repr("a" * 59 + "…")
    assert shorten("\ud83d") == r"'\ud83d'"
    assert shorten({"a": 1}) == "{'a': 1}"


# ---- the kinds


def test_every_kind_has_an_example_and_every_example_a_kind() -> None:
    assert set(EXAMPLES) == set(ALL_KINDS)


def test_every_kind_is_noted_somewhere() -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "chatviz").rglob("*.py")
        if "finding" not in str(path.relative_to(ROOT))
    ]
    assert [code for code in ALL_KINDS if not any(f'"{code}"' in text for text in texts)] == []


def test_a_plain_answer_in_one_chunk_has_nothing_to_tell() -> None:
    usage = (
        '"usage":{"prompt_tokens":4,"completion_tokens":1,"total_tokens":5,"cost":0.1,'
        '"completion_tokens_details":{"reasoning_tokens":1}}'
    )
    run = read_stream(stream(says('"role":"assistant","content":"Hi"', "stop", usage)))
    assert run.findings == ()


# ---- the examples


@pytest.mark.parametrize("code", ALL_KINDS)
def test_the_bytes_of_an_example_show_its_finding(code: str) -> None:
    finding = docs.finding_of(code)
    assert finding.severity == ALL_KINDS[code].severity
    assert finding.message
    assert finding.count >= 1


@pytest.mark.parametrize("code", ALL_KINDS)
def test_careless_code_does_not_get_what_chatviz_reads(code: str) -> None:
    example = EXAMPLES[code]
    read, careless = docs.chatviz_result(example), docs.careless_result(example)
    assert isinstance(careless, Exception) or careless != read
    assert not isinstance(careless, NameError | SyntaxError), "the snippet itself is broken"


@pytest.mark.parametrize("size", [1, 7])
@pytest.mark.parametrize("code", ALL_KINDS)
def test_findings_do_not_depend_on_where_the_bytes_are_cut(code: str, size: int) -> None:
    for exchange in EXAMPLES[code].exchanges:
        pieces, whole = StreamReader(exchange.request), StreamReader(exchange.request)
        for start in range(0, len(exchange.body), size):
            pieces.feed(exchange.body[start : start + size])
        whole.feed(exchange.body)
        assert pieces.close().findings == whole.close().findings


@pytest.mark.parametrize("code", RECORDED)
def test_bytes_that_are_said_to_be_recorded_are_part_of_the_recording(
    code: str, request: pytest.FixtureRequest
) -> None:
    example = EXAMPLES[code]
    folder = ROOT / "data" / "cassettes" / "openai_chat"
    if "/" in example.recording:
        folder = request.getfixturevalue("shared_cassettes")
    recorded = read_bodies(folder / example.recording)
    lines = {line for body in recorded for line in body.split(b"\n")}
    chunks = [chunk for body in recorded for chunk in docs.decode_chunks(body)]
    (exchange,) = example.exchanges
    for line in exchange.body.split(b"\n"):
        assert line in lines or line.removeprefix(b"data: ").startswith(b"{"), line
    for part in docs.decode_chunks(exchange.body):
        assert any(is_part_of(part, chunk) for chunk in chunks), part


def test_a_part_with_another_value_is_no_part_of_a_recording() -> None:
    whole = {"a": [{"b": 1, "c": 2}], "d": None}
    assert is_part_of({"a": [{"b": 1}]}, whole)
    assert not is_part_of({"a": [{"b": 2}]}, whole)
    assert not is_part_of({"a": []}, whole)
    assert not is_part_of({"e": None}, whole)


def test_careless_code_reaches_nothing_outside() -> None:
    for careless in ("__import__('os')", "open('/etc/passwd')", "import os\nos"):
        example = FindingExample(about="", exchanges=answer(b""), careless=careless, read="")
        assert isinstance(docs.careless_result(example), NameError | ImportError)


# ---- the page


def test_the_page_says_what_the_code_says_now() -> None:
    page = docs.PAGE.read_text(encoding="utf-8")
    assert page == docs.page(), "write it again: python docs/make_findings.py"


def test_the_explanations_are_those_of_the_examples() -> None:
    written = {path.stem for path in docs.EXPLANATIONS.glob("*.md")}
    assert written == set(ALL_KINDS), "write them again: python docs/make_findings.py"
    assert {code: explain(code) for code in ALL_KINDS} == {
        code: docs.explanation(code) for code in ALL_KINDS
    }


@pytest.mark.parametrize("code", ["no_such", "", "../errors", "__init__"])
def test_an_unknown_code_is_refused(code: str) -> None:
    with pytest.raises(LookupError, match=f"found {code!r}: take finding.code"):
        explain(code)


def test_the_page_has_a_linked_section_for_each_kind_in_their_order() -> None:
    page = docs.page()
    headings = [line[3:] for line in page.splitlines() if line.startswith("## ")]
    assert headings == list(ALL_KINDS)
    assert all(f"(#{code})" in page for code in ALL_KINDS)


def is_part_of(part: Any, whole: Any) -> bool:
    """Whether a JSON value is another one with fields left out."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and is_part_of(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return len(part) == len(whole) and all(map(is_part_of, part, whole))
    return type(part) is type(whole) and part == whole


def read_bodies(path: Path) -> list[bytes]:
    """Read the answers' bodies of a cassette with YAML alone."""
    data = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    bodies = []
    for interaction in data["interactions"]:
        body = interaction["response"]["body"]
        body = body["string"] if isinstance(body, dict) else body
        bodies.append(body.encode() if isinstance(body, str) else body)
    return bodies
