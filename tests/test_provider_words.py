"""No provider's word outside ``dialects/``: what one API calls a thing, its dialect alone knows.

Looked at are names and texts in the code; docstrings and comments may give examples.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "chatviz"

# Providers, hosts and models; and what only some of them call a field, a type, an event or a path.
WORDS = re.compile(
    r"""anthropic|openai|gemini|google|bedrock|ollama|vertex|openrouter|azure|mistral|cohere|groq|xai
    |claude|gpt-|kimi|deepseek|fireworks|novita|amazonaws
    |/chat/completions|/v1/messages|/responses|generateContent|/converse|/invoke|/api/chat|/api/generate
    |choices\[|tool_calls\[|\breasoning_details\b|\breasoning_content\b|\bsystem_fingerprint\b
    |native_finish_reason|service_tier|\bcontent_block|\btool_use\b|tool_use_id|\btool_result\b
    |message_start|message_stop|message_delta|\bend_turn\b|max_tokens_reached|cache_control
    |\bfunctionCall\b|\bfunctionResponse\b|\bcandidates\b|thoughtSignature|usageMetadata
    |promptFeedback|generationConfig|\btoolUse\b|toolResult|contentBlock|messageStop|stopReason
    |output_item|output_text|\bfunction_call\b|function_call_output|previous_response_id
    |encrypted_content|\bcall_id\b|\bitem_id\b|done_reason|prompt_eval_count|eval_count
    |prompt_tokens|completion_tokens|\btool_call_id\b""",
    re.VERBOSE | re.IGNORECASE,
)

EXEMPT = {
    "dialects/": "where the words belong",
    "cassettes/samples.py": "names of the packaged recordings",
    "key_shapes.py": "how keys begin, which differs by who gave them",
    "cassettes/redaction/rules.py": "headers with a provider's name that hold no secret",
    "transports/endpoint/named_endpoints.py": "the named constructors: Endpoint.anthropic …",
    "transports/endpoint/aws_signer.py": "a signer of requests to Amazon's servers alone",
    "transports/endpoint/endpoint.py": "the dialect of an endpoint that names none",
    "agent/setup.py": "the dialect of an endpoint of one's own that names none",
    "evidence/sdks/": "an adapter for each SDK, by the SDK's name",
    "doors/pytest_plugin/": "its messages name an upstream, as one would write it",
}
# Names of our own values that a provider has for its own, too.
OURS = {"tool_call_id", "call_id", "ToolResult"}


def modules() -> list[str]:
    paths = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.js")]
    return sorted(path.relative_to(PACKAGE).as_posix() for path in paths)


def is_exempt(module: str) -> bool:
    return any(module == one or (one.endswith("/") and module.startswith(one)) for one in EXEMPT)


def words_of(module: str) -> Iterator[tuple[int, str]]:
    """Yield each line's names and texts, without docstrings and comments."""
    source = (PACKAGE / module).read_text(encoding="utf-8")
    if module.endswith(".js"):
        code = re.sub(r"/\*.*?\*/", lambda found: "\n" * found[0].count("\n"), source, flags=re.S)
        yield from enumerate(re.sub(r"(?m)//.*$", "", code).splitlines(), 1)
        return
    tree = ast.parse(source)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant()):
                told.add(id(node.value))  # an attribute's docstring
            case ast.Constant(value=str(text) | bytes(text)) if id(node) not in told:
                yield node.lineno, text if isinstance(text, str) else text.decode("latin-1")
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name


def found_in(module: str) -> list[str]:
    """Return each provider's word in a module, with its line."""
    return [
        f"{module}:{line}: {word}"
        for line, text in sorted(words_of(module))
        for word in WORDS.findall(text)
        if word not in OURS
    ]


@pytest.mark.parametrize("module", [module for module in modules() if not is_exempt(module)])
def test_a_module_outside_the_dialects_has_no_providers_word(module: str) -> None:
    assert found_in(module) == []


@pytest.mark.parametrize("one", EXEMPT)
def test_what_is_exempt_needs_to_be(one: str) -> None:
    mine = [module for module in modules() if module == one or module.startswith(one)]
    assert any(found_in(module) for module in mine), f"{one} is exempt for nothing"


def test_the_search_finds_words_in_names_and_texts_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    text = '"""Of Anthropic."""\n# OpenAI\nWORD = "tool_use"\n\ndef read_gemini(): ...\n'
    (tmp_path / "some.py").write_text(text)
    (tmp_path / "some.js").write_text("// Ollama\n/* Gemini\n */ const a = x.done_reason;\n")
    assert found_in("some.py") == ["some.py:3: tool_use", "some.py:5: gemini"]
    assert found_in("some.js") == ["some.js:3: done_reason"]
