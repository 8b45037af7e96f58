"""What the SDKs' own streams make of each fault at each chunk of a packaged recording.

Run ``python benchmarks/fault_matrix_sdks.py``. Of each fault: how many chunks gave the right
answer, an error, or a wrong answer without one, and for how many of these something on the wire
tells. An SDK that is not installed is passed over. Nothing must hang; what else comes of it is the
SDKs' own.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import chatviz as cv


def main() -> int:
    """Try all and return the exit code."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    hung = 0
    for package, sample, test in (
        ("openai", "openrouter_kimi-k2_fireworks", read_chat),
        ("openai", "openai_gpt-4o-mini", read_responses),
        ("anthropic", "anthropic_claude-sonnet-4", read_messages),
    ):
        try:
            print(f"\n{package} {version(package)}, {test.__name__}, {sample}")
        except PackageNotFoundError:
            print(f"\n{package} is not installed")
            continue
        hung += report(sample, test)
    return int(hung > 0)


def read_chat(http_client: Any) -> dict[str, Any]:
    """Return what openai's stream of a chat completion ends with."""
    import openai

    client = openai.OpenAI(api_key="none", http_client=http_client)
    asked: Any = [{"role": "user", "content": "?"}]
    with client.chat.completions.stream(model="m", messages=asked) as stream:
        choice = stream.get_final_completion().choices[0]
    functions = [call.function for call in choice.message.tool_calls or []]
    calls = [(one.name, one.arguments) for one in functions]
    return {"text": choice.message.content, "calls": calls, "end": choice.finish_reason}


def read_responses(http_client: Any) -> dict[str, Any]:
    """Return what openai's stream of the Responses API ends with."""
    import openai

    client = openai.OpenAI(api_key="none", http_client=http_client)
    with client.responses.stream(model="m", input="?") as stream:
        final = stream.get_final_response()
    calls = [(one.name, one.arguments) for one in final.output if one.type == "function_call"]
    return {"text": final.output_text, "calls": calls, "end": final.status}


def read_messages(http_client: Any) -> dict[str, Any]:
    """Return what anthropic's stream of a message ends with."""
    import anthropic

    client = anthropic.Anthropic(api_key="none", http_client=http_client)
    asked: Any = [{"role": "user", "content": "?"}]
    with client.messages.stream(model="m", max_tokens=9, messages=asked) as stream:
        message = stream.get_final_message()
    calls = [(one.name, one.input) for one in message.content if one.type == "tool_use"]
    text = "".join(one.text for one in message.content if one.type == "text")
    return {"text": text, "calls": calls, "end": message.stop_reason}


def report(sample: str, test: Callable[[Any], dict[str, Any]]) -> int:
    """Print what became of each fault; return how many cells came to no end."""
    matrix = cv.fault_matrix(sample, test, match="any", over="httpx2", max_chunks=None)
    print(f"  {'':<16}{'right':>8}{'raised':>8}{'wrong':>8}{'told':>8}")
    for kind in matrix.kinds:
        cells = [cell for cell in matrix.cells if cell.fault == kind.name]
        counts = Counter(cell.verdict for cell in cells)
        told = sum(cell.verdict == "wrong" and cell.is_failure for cell in cells)
        numbers = (*(counts[one] for one in ("right", "raised", "wrong")), told)
        print(f"  {kind.words:<16}" + "".join(f"{number:>8}" for number in numbers))
    print(f"  {matrix.seconds:.0f} s")
    return sum(cell.verdict in ("hung", "died") for cell in matrix.cells)


if __name__ == "__main__":
    sys.exit(main())
