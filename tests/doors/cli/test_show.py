"""``show``: what happened, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import chatviz as cv
from tests.doors.cli.conftest import BODY, KIMI, Run


def test_steps_calls_results_and_numbers_are_shown(cli: Run) -> None:
    told = cli("show", KIMI, "--width", 100)
    assert told.code == 0 and told.err == ""
    lines = told.out.splitlines()
    assert "  user      Add and multiply the number 2 and 3" in lines
    assert "Fireworks · moonshotai/kimi-k2-0905 · step 1: tool_calls" in lines
    assert '  call      add {"a": 2, "b": 3}' in lines and "  result    multiply: 6" in lines
    assert "210 input tokens · 55 output tokens · 0.0002635 USD" in " ".join(told.out.split())
    assert "Findings: 10 notes" in lines
    assert max(map(len, lines)) <= 100 and "\x1b" not in told.out


def test_findings_come_the_worst_first_and_notes_when_asked_for(cli: Run, tmp_path: Path) -> None:
    odd = b'data: {"choices":[{"index":0,"delta":{"content":"\\u00e9","frobnicate":1}}]}\n\n'
    (tmp_path / "odd.sse").write_bytes(odd + b'data: {"choi')
    told = cli("show", tmp_path / "odd.sse")
    assert "\n  warning  " in told.out and "\n  info " not in told.out
    assert "not shown (--notes)" in told.out
    all_told = cli("show", tmp_path / "odd.sse", "--notes").out
    listed = [line.split()[0] for line in all_told.splitlines()
              if line.split()[:1] and line.split()[0] in ("error", "warning", "info")]  # fmt: skip
    assert listed == sorted(listed, key=["error", "warning", "info"].index)
    assert len(listed) == len(cv.read_conversation(tmp_path / "odd.sse").findings)


def test_streamed_text_cannot_control_the_terminal(cli: Run, tmp_path: Path) -> None:
    evil = "\\u001b]0;pwned\\u0007\\u001b[2J\\u202e\\u009b31m\\ud800"
    (tmp_path / "evil.sse").write_text(
        f'data: {{"choices":[{{"index":0,"delta":{{"content":"{evil}"}}}}]}}\n\n'
    )
    told = cli("show", tmp_path / "evil.sse")
    assert told.code == 0 and "\\u001b]0;pwned\\u0007" in told.out
    assert not set(told.out) & set("\x1b\x07\u202e\x9b")


def test_long_texts_are_cut_unless_asked_for(cli: Run, tmp_path: Path) -> None:
    words = "\\n".join(f"line {number}" for number in range(40))
    (tmp_path / "long.sse").write_text(
        f'data: {{"choices":[{{"index":0,"delta":{{"content":"{words}"}}}}]}}\n\n'
    )
    told = cli("show", tmp_path / "long.sse").out
    assert "line 11" in told and "line 12" not in told and "… 28 more lines (--full" in told
    assert "line 39" in cli("show", tmp_path / "long.sse", "--full").out


def test_what_repeats_is_counted_unless_asked_for(cli: Run, tmp_path: Path) -> None:
    asked = {"model": "m", "messages": [{"role": "user", "content": f"word {n}"} for n in range(9)],
             "tools": [{"type": "function", "function": {"name": "add"}}]}  # fmt: skip
    calls = [{"index": n, "id": None, "function": {"name": f"f{n}", "arguments": "{"}}
             for n in range(5)]  # fmt: skip
    body = f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'tool_calls': calls}}]})}\n\n"
    interaction = {
        "request": {"method": "POST", "url": "https://a.example/v1/chat/completions",
                    "body": json.dumps(asked)},
        "response": {"code": 200, "body": body},
    }  # fmt: skip
    (tmp_path / "a.yaml").write_text(json.dumps({"version": 2, "interactions": [interaction]}))
    told = cli("show", tmp_path / "a.yaml").out
    assert "… 3 earlier messages (--full shows them)" in told
    assert "word 3" in told and "word 2" not in told and "tools     add" in told
    assert "… 2 more findings arguments_not_json (--full shows them)" in told
    whole = cli("show", tmp_path / "a.yaml", "--full").out
    assert "word 0" in whole and whole.count(" arguments_not_json") == 5


def test_reasoning_is_not_said_to_be_among_the_output(cli: Run, tmp_path: Path) -> None:
    """Some providers count it beside the output, as xAI does: 390 + 26 + 126 = 542."""
    usage = {"prompt_tokens": 390, "completion_tokens": 26, "total_tokens": 542,
             "completion_tokens_details": {"reasoning_tokens": 126}}  # fmt: skip
    choice = {"index": 0, "delta": {"content": "Hi\n"}, "finish_reason": "stop"}
    (tmp_path / "a.sse").write_text(
        f"data: {json.dumps({'choices': [choice], 'usage': usage})}\n\ndata: [DONE]\n\n"
    )
    told = cli("show", tmp_path / "a.sse").out
    assert "26 output tokens · 126 reasoning tokens" in told
    assert "  assistant Hi\n  openai-chat" in told  # a line break at the end of a text is not seen


def test_json_holds_what_was_read(cli: Run) -> None:
    (talk,) = json.loads(cli("show", KIMI, "--json").out)["conversations"]
    run = cv.read_conversation(cv.sample(KIMI)).runs[0]
    step = talk["steps"][0]
    assert step["text"] == run.message.text and step["cost_usd"] == "0.0002635"
    assert [one["arguments"] for one in step["tool_calls"]] == ['{"a": 2, "b": 3}'] * 2
    assert [one["text"] for one in step["tool_results"]] == ["5", "6"]
    assert step["usage"]["input_tokens"] == 210
    assert [one["code"] for one in step["findings"]] == [one.code for one in run.findings]


def test_standard_input_globs_folders_and_samples_are_sources(cli: Run, tmp_path: Path) -> None:
    assert "assistant Hi" in cli("show", "-", stdin=BODY).out
    for name in ("a.sse", "b.sse"):
        (tmp_path / name).write_bytes(BODY)
    (tmp_path / "settings.yaml").write_text("a: 1\n")
    for source in (tmp_path, tmp_path / "*.sse"):
        told = cli("show", source)
        assert told.out.count("assistant Hi") == 2 and "a.sse" in told.out
    assert "1 file is no recording, and was passed over." in cli("show", tmp_path).err
    assert cli("show", tmp_path / "settings.yaml").code == 2  # it was named
    assert len(json.loads(cli("show", tmp_path / "a.sse", KIMI, "--json").out)) == 2


def test_a_source_that_holds_nothing_says_so(cli: Run, tmp_path: Path) -> None:
    assert "no file matches" in cli("show", tmp_path / "*.sse").err
    assert "holds no file that may be a recording" in cli("show", tmp_path).err
    (tmp_path / "empty.yaml").write_text("version: 2\ninteractions: []\n")
    assert "No answer of a chat" in cli("show", tmp_path / "empty.yaml").out


@pytest.mark.parametrize("words", [["show"], ["show", "--json"], ["table", "runs"], ["lint"]])
def test_a_folder_without_any_recording_is_never_all_well(
    cli: Run, tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "settings.yaml").write_text("a: 1\n")
    told = cli(*words, tmp_path)
    assert told.code == 2 and "wanted recordings, and the file is no recording" in told.err
    (tmp_path / "more.yaml").write_text("a: 1\n")
    assert "none of 2 files is one" in cli(*words, tmp_path).err


def test_a_torn_recording_in_a_folder_is_told_and_the_rest_is_shown(
    cli: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.sse").write_bytes(BODY)
    (tmp_path / "torn.yaml").write_text("version: 2\ninteractions:\n- request: {")
    told = cli("show", tmp_path)
    assert told.code == 2 and "assistant Hi" in told.out and "torn.yaml', line 3" in told.err
    (document,) = json.loads(cli("show", tmp_path, "--json").out)  # a folder is always a list
    assert document["source"].endswith("a.sse")
    assert cli("table", "runs", tmp_path).code == 2


def test_all_choices_are_shown_and_all_steps_are_summed(cli: Run, tmp_path: Path) -> None:
    choices = [
        {"index": index, "delta": {"content": text}, "finish_reason": "stop"}
        for index, text in enumerate(("Heads", "Tails"))
    ]
    chunks = [json.dumps({"choices": [choice]}) for choice in choices]
    (tmp_path / "two.sse").write_text("".join(f"data: {one}\n\n" for one in chunks))
    told = cli("show", tmp_path / "two.sse").out
    assert "choice 0  Heads" in told and "choice 1  Tails" in told
    step = json.loads(cli("show", tmp_path / "two.sse", "--json").out)["conversations"][0]["steps"]
    assert [one["text"] for one in step[0]["other_choices"]] == ["Tails"]
    total = "All steps: 493 input tokens · 84 output tokens · 0.0005058 USD"
    assert total in cli("show", KIMI).out


def test_colours_are_for_terminals(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in cli("show", KIMI).out
