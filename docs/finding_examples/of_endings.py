"""Examples of what is odd about how an answer ends: finish reasons and errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample, answer, call, says, stream

__all__ = ["OF_ENDINGS"]

_CALL: Final = (
    r'"index":0,"id":"call_a1","function":{"name":"add","arguments":"{\"a\": 2, \"b\": 3}"}'
)
_FAILED: Final = (
    '{"id":"mcp_1","type":"mcp_call","status":"failed","server_label":"files","name":"read_file",'
    '"arguments":"{}","output":null,"error":{"type":"mcp_tool_execution_error"}}'
)
_SORRY: Final = '{"type":"message","content":[{"type":"output_text","text":"I cannot read it."}]}'
_LAST_REASON: Final = """\
reason = None
for chunk in chunks:
    reason = chunk["choices"][0].get("finish_reason") or reason
reason"""

_TEXT_ALONE: Final = """\
"".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)"""

OF_ENDINGS: Final[Mapping[str, FindingExample]] = {
    "finish_repeated": FindingExample(
        about="The finish reason comes twice in 100 of 1,040 streams, here once more beside the "
        "usage, and three times in 4. What is done at the end is then done twice.",
        origin="OpenRouter with Claude",
        recording="go-vcr/openrouter_claude_cache_multi_tool.yaml",
        exchanges=answer(
            stream(
                says('"content":"","role":"assistant"', "tool_calls"),
                says(
                    '"content":"","role":"assistant"',
                    "tool_calls",
                    '"usage":{"prompt_tokens":685,"completion_tokens":120,"total_tokens":805}',
                ),
            )
        ),
        careless="""\
endings = []
for chunk in chunks:
    if chunk["choices"][0]["finish_reason"]:
        endings.append(chunk["choices"][0]["finish_reason"])  # run the tools
endings""",
        read="[run.finish_reason]",
    ),
    "finish_changed": FindingExample(
        about="One stream of 1,040 says `tool_calls`, then `stop`. The last word counts, and "
        "`stop` with tool calls means `tool_calls`.",
        exchanges=answer(stream(call(_CALL, finish="tool_calls"), says("", "stop"))),
        careless=_LAST_REASON,
        read="run.finish_reason",
    ),
    "finish_missing": FindingExample(
        about="The stream ended without a finish reason (in 4 of 1,040): it may be cut short, even "
        "where `[DONE]` came.",
        exchanges=answer(stream(says('"role":"assistant","content":"The answer is"'))),
        careless='chunks[-1]["choices"][0].get("finish_reason") or "stop"',
        read="run.finish_reason",
    ),
    "finish_stop_with_tools": FindingExample(
        about="The finish reason says `stop` although tools were called, as Gemini's own API does. "
        "Who looks for `tool_calls` never runs them.",
        exchanges=answer(stream(call(_CALL), says("", "stop"))),
        careless=_LAST_REASON,
        read="run.finish_reason",
    ),
    "finish_unknown": FindingExample(
        about="A word that is in no list that chatviz knows. It is shown as it was sent.",
        exchanges=answer(stream(says('"role":"assistant","content":"The answer is"', "paused"))),
        careless="""\
done = {"stop": True, "tool_calls": True, "length": False, "content_filter": False}
done[chunks[-1]["choices"][0]["finish_reason"]]""",
        read="run.finish_reason",
    ),
    "finish_filtered": FindingExample(
        about="A filter of the provider's ended the answer: the words are not all there, and no "
        "error says so. The reason is `content_filter`, `SAFETY`, `RECITATION` and more.",
        exchanges=answer(stream(says('"content":"The answer is"'), says("", "content_filter"))),
        careless=_TEXT_ALONE,
        read="(run.message.text, run.finish_reason)",
    ),
    "finish_failed": FindingExample(
        about="The stream ends in order, and its last word is that something failed (Mistral's "
        "`error`, Gemini's `OTHER`). There is no error object: `run.error` is None.",
        exchanges=answer(stream(says('"content":"The answer is"'), says("", "error"))),
        careless=_TEXT_ALONE,
        read="(run.message.text, run.finish_reason)",
    ),
    "server_tool_failed": FindingExample(
        about="A tool that the provider runs gave an error, or the item's status says that it "
        "failed; the answer as a whole is completed all the same. So it is with the results of "
        "Anthropic's tools (`error_code`, `is_error`), Bedrock's (`status`) and Gemini's.",
        exchanges=answer(
            f'{{"object":"response","status":"completed","output":[{_FAILED},{_SORRY}]}}'.encode()
        ),
        careless="""\
[item["output"] for item in chunks[0]["output"] if item["type"] == "mcp_call"]""",
        read='[part.json for part in run.message.parts if hasattr(part, "json")]',
    ),
    "error_in_stream": FindingExample(
        about="The status was 200 when the answer began; then something failed. Groq sends an "
        "`event: error`, OpenRouter an `error` beside `choices`. What came before it is kept.",
        origin="Groq with gpt-oss-120b",
        recording="vcrpy/groq_error_inside_stream.yaml",
        exchanges=answer(
            stream(says('"reasoning":"We"'), says('"reasoning":" need"'), done=False)
            + b'event: error\ndata: {"error":{"message":"Tool call validation failed: tool call '
            b"validation failed: parameters for tool get_something_by_name did not match schema: "
            b"errors: [missing properties: 'name', additionalProperties 'invalid_param' not "
            b'allowed]","code":"tool_use_failed","status_code":400}}\n\n'
        ),
        careless='"".join(chunk["choices"][0]["delta"]["reasoning"] for chunk in chunks)',
        read="(run.message.reasoning, run.error.code)",
    ),
    "http_error": FindingExample(
        about="The answer as a whole is an error: too many requests, a bad request, a gateway's "
        "page of HTML. It is a run like any other, with `run.error` set; a retry of it is the "
        "same step.",
        origin="OpenRouter, rate-limited",
        recording="go-vcr/openrouter_429_then_retry.yaml",
        exchanges=answer(
            b'{"error":{"message":"Provider returned error","code":429}}',
            status=429,
            url="https://openrouter.ai/api/v1/chat/completions",
        ),
        careless='chunks[0]["choices"][0]["message"]["content"]',
        read="(run.error.status, run.error.message)",
    ),
}
