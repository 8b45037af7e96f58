"""What Ollama's last line counts: tokens of the prompt and of the answer, and durations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatviz.chat.usage import Usage
from chatviz.dialects.json_values import count_of
from chatviz.wire.json_text import dump_json

__all__ = ["read_usage"]


def read_usage(metrics: Mapping[str, Any]) -> Usage | None:
    """Read the metrics of a line; None where no tokens are counted.

    The answer's tokens include those of its thinking; cached ones are not told apart, nor is a
    total sent. The durations stay in ``Usage.sent``.
    """
    if "prompt_eval_count" not in metrics and "eval_count" not in metrics:
        return None
    return Usage(
        count_of(metrics.get("prompt_eval_count")),
        count_of(metrics.get("eval_count")),
        sent=dump_json(dict(metrics)),
    )
