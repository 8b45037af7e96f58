"""What is documented of prompt caches: by the host's provider and the model."""

from __future__ import annotations

import pytest

from chatviz.dialects.caches import RULES, find_cache_rule
from chatviz.dialects.hosts import HOSTS


@pytest.mark.parametrize(
    ("host", "model", "tokens", "kept_s"),
    [
        ("api.openai.com", "gpt-4o-mini", (1024, 1024), (300, 3600)),
        ("api.openai.com", "gpt-5.4", (1024, 1024), (300, 3600)),
        ("api.openai.com", "gpt-5.5-2026-04-01", (1024, 1024), (300, 86_400)),
        ("x.openai.azure.com", "gpt-4o", (1024, 1024), (300, 3600)),
        ("api.anthropic.com", "claude-sonnet-4-5", (512, 4096), (300, 300)),
        ("bedrock-runtime.us-east-1.amazonaws.com", "amazon.nova-pro", (512, 4096), (300, 300)),
        ("us-east5-aiplatform.googleapis.com", "claude-haiku", (512, 4096), (300, 300)),
        ("generativelanguage.googleapis.com", "gemini-2.5-pro", (1024, 4096), None),
        ("api.groq.com", "moonshotai/kimi-k2-instruct", (128, 1024), (7200, 7200)),
        ("api.deepseek.com", "deepseek-chat", (64, 64), None),
    ],
)
def test_a_rule_is_found_by_host_and_model(host, model, tokens, kept_s) -> None:
    rule = find_cache_rule(host, model)
    assert rule is not None and rule.source.startswith("https://")
    assert (rule.tokens, rule.kept_s) == (tokens, kept_s)


@pytest.mark.parametrize("host", ["openrouter.ai", "127.0.0.1", ""])
def test_a_gateway_and_an_unknown_host_have_no_rule(host: str) -> None:
    assert find_cache_rule(host, "gpt-4o") is None


def test_each_rule_is_of_a_provider_that_is_known() -> None:
    assert RULES.keys() <= {host.provider for host in HOSTS}
