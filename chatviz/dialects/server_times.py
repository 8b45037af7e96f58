"""Where servers say how long they took: fields of chunks by dialect, and headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chatviz.chat.server_time import Measure, ServerTimeField, TimeUnit

__all__ = [
    "CHAT_TIMES",
    "CONVERSE_TIMES",
    "HEADERS",
    "INVOKE_TIMES",
    "LINE_TIMES",
    "RESPONSE_TIMES",
]

# Azure sends these without documents: the meanings are those that their names give.
_CHECKPOINTS: Final[tuple[tuple[str, Measure, str], ...]] = (
    ("total_duration_ms", "total", "the whole request"),
    ("service_ttlt_ms", "total", "to the last token, as the service sees it"),
    ("engine_ttlt_ms", "completion", "to the last token, as the engine sees it"),
    ("pre_inference_ms", "before_prompt", "what comes before the engine"),
    ("service_ttft_ms", "first_token", "to the first token, as the service sees it"),
    ("user_visible_ttft_ms", "first_token", "to the first token that the user sees"),
    ("engine_ttft_ms", "first_token", "to the first token, as the engine sees it"),
    ("service_tbt_ms", "per_token", "between two tokens, as the service sees it"),
    ("engine_tbt_ms", "per_token", "between two tokens, as the engine sees it"),
)
# https://console.groq.com/docs/api-reference#chat-create: seconds, in the usage.
_QUEUED: Final[tuple[tuple[str, Measure, str], ...]] = (
    ("queue_time", "queue", "waiting until the prompt was read"),
    ("prompt_time", "prompt", "reading the prompt"),
    ("completion_time", "completion", "writing the answer"),
    ("total_time", "total", "reading the prompt and writing the answer, without the queue"),
)


def _queued(*path: str) -> tuple[ServerTimeField, ...]:
    return tuple(
        ServerTimeField((*path, key), "s", measure, meaning) for key, measure, meaning in _QUEUED
    )


CHAT_TIMES: Final = (
    *_queued("usage"),  # Groq
    *_queued("x_groq", "usage"),
    *_queued("time_info"),  # Cerebras: https://inference-docs.cerebras.ai/api-reference
    # llama.cpp: tools/server/README.md, timings
    ServerTimeField(("timings", "prompt_ms"), "ms", "prompt", "reading the prompt"),
    ServerTimeField(("timings", "predicted_ms"), "ms", "completion", "writing the tokens so far"),
    *(
        ServerTimeField(("latency_checkpoint", key), "ms", measure, f"{meaning}, by its name")
        for key, measure, meaning in _CHECKPOINTS
    ),
)
# https://docs.ollama.com/api/usage
LINE_TIMES: Final = (
    ServerTimeField(("total_duration",), "ns", "total", "the whole request"),
    ServerTimeField(("load_duration",), "ns", "load", "loading the model"),
    ServerTimeField(("prompt_eval_duration",), "ns", "prompt", "reading the prompt"),
    ServerTimeField(("eval_duration",), "ns", "completion", "writing the tokens"),
)
# https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseMetrics.html
CONVERSE_TIMES: Final = (
    ServerTimeField(("metrics", "latencyMs"), "ms", "total", "the whole call"),
)
_METRICS: Final = "amazon-bedrock-invocationMetrics"
INVOKE_TIMES: Final = (
    ServerTimeField((_METRICS, "invocationLatency"), "ms", "total", "the whole call"),
    ServerTimeField((_METRICS, "firstByteLatency"), "ms", "first_token", "to the first byte"),
)
# https://platform.openai.com/docs/api-reference/responses/object: whole seconds since 1970
_WHEN: Final = "from its creation to its completion, in whole seconds"
RESPONSE_TIMES: Final = (
    ServerTimeField(
        ("response", "completed_at"), "s", "total", _WHEN, since=("response", "created_at")
    ),
    ServerTimeField(("completed_at",), "s", "total", _WHEN, since=("created_at",)),
)

# Headers, in lower case.
HEADERS: Final[Mapping[str, tuple[TimeUnit, Measure, str]]] = {
    "openai-processing-ms": ("ms", "processing", "the server's work before its answer began"),
    "x-envoy-upstream-service-time": (
        "ms",
        "processing",
        "the server behind the proxy, until its headers came",
    ),
}
