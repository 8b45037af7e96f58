"""Who answers under which host, and how models think: what no answer says of itself."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

__all__ = [
    "FALLBACK_VARIABLES",
    "KNOWN_SERVERS",
    "UNSIGNED_KEY_VARIABLE",
    "Host",
    "KnownServer",
    "find_host",
    "find_known_server",
    "sums_up_reasoning",
]

# Models whose makers document that the reasoning which is sent is a summary of it:
# https://platform.claude.com/docs/en/build-with-claude/extended-thinking (from Claude 4 on, whose
# names begin with a family), https://ai.google.dev/gemini-api/docs/thinking#summaries and
# https://platform.openai.com/docs/guides/reasoning#reasoning-summaries.
_SUMS_UP: Final = re.compile(r"claude-(?!instant)[a-z]|gemini-|(?:^|/)(?:gpt-[5-9]|o[1-9]\b)")


@dataclass(frozen=True, slots=True)
class Host:
    """A known server of chat APIs.

    Attributes
    ----------
    provider : str
        Who runs it.
    ends : tuple of str
        Its host name, or what its host names end in (with a leading dot).
    starts : str
        What its host names begin with, where the end alone does not tell; ``""`` for anything.
    key_variable : str
        Where its users keep their key in the environment, ``""`` where that is not known.
    key_header : str
        The header that carries the key, where it is another than the dialect's own.
    sends_cost : bool
        Whether its answers hold what they cost.
    """

    provider: str
    ends: tuple[str, ...]
    starts: str = ""
    key_variable: str = ""
    key_header: str = ""
    sends_cost: bool = False


@dataclass(frozen=True, slots=True)
class KnownServer:
    """A server that can be named without its URL.

    Attributes
    ----------
    name : str
        One word, in lower case.
    origin : str
        Scheme and host, without a path: ``"https://openrouter.ai"``.
    api_path : str
        The path of the base URL that its users give to clients: ``"/api/v1"``.
    variables : dict of str to str
        Environment variables that clients of it read a base URL from, and of each the path that
        is expected in it behind the origin.
    """

    name: str
    origin: str
    api_path: str = ""
    variables: dict[str, str] = field(default_factory=dict)


HOSTS: Final = (
    Host("OpenAI", ("api.openai.com",), key_variable="OPENAI_API_KEY"),
    Host("Anthropic", ("api.anthropic.com",), key_variable="ANTHROPIC_API_KEY"),
    Host("Azure", (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
         key_variable="AZURE_OPENAI_API_KEY", key_header="api-key"),
    Host("Google", ("generativelanguage.googleapis.com",), key_variable="GEMINI_API_KEY"),
    Host("Google Vertex AI", ("aiplatform.googleapis.com", ".aiplatform.googleapis.com",
                              "-aiplatform.googleapis.com")),
    Host("Amazon Bedrock", (".amazonaws.com", ".api.aws"), starts="bedrock",
         key_variable="AWS_BEARER_TOKEN_BEDROCK"),
    Host("OpenRouter", ("openrouter.ai",), key_variable="OPENROUTER_API_KEY", sends_cost=True),
    Host("Vercel", ("ai-gateway.vercel.sh",), key_variable="AI_GATEWAY_API_KEY"),
    Host("Groq", ("api.groq.com",), key_variable="GROQ_API_KEY"),
    Host("xAI", ("api.x.ai",), key_variable="XAI_API_KEY"),
    Host("Mistral", ("api.mistral.ai",), key_variable="MISTRAL_API_KEY"),
    Host("DeepSeek", ("api.deepseek.com",), key_variable="DEEPSEEK_API_KEY"),
    Host("Cerebras", ("api.cerebras.ai",), key_variable="CEREBRAS_API_KEY"),
    Host("Moonshot AI", ("api.moonshot.ai", "api.moonshot.cn"), key_variable="MOONSHOT_API_KEY"),
    Host("Alibaba", (".aliyuncs.com",), starts="dashscope", key_variable="DASHSCOPE_API_KEY"),
    Host("Together", ("api.together.xyz", "api.together.ai"), key_variable="TOGETHER_API_KEY"),
    Host("Fireworks", ("api.fireworks.ai",), key_variable="FIREWORKS_API_KEY"),
    Host("Perplexity", ("api.perplexity.ai",), key_variable="PERPLEXITY_API_KEY"),
    Host("Cohere", ("api.cohere.com", "api.cohere.ai"), key_variable="COHERE_API_KEY"),
    Host("Hugging Face", ("router.huggingface.co",), key_variable="HF_TOKEN"),
    Host("GitHub", ("models.inference.ai.azure.com", "models.github.ai",
                    "api.githubcopilot.com")),
    Host("Ollama", ("ollama.com",), key_variable="OLLAMA_API_KEY"),
)  # fmt: skip


KNOWN_SERVERS: Final = (
    KnownServer("openai", "https://api.openai.com", "/v1", {"OPENAI_BASE_URL": "/v1"}),
    KnownServer("anthropic", "https://api.anthropic.com", "", {"ANTHROPIC_BASE_URL": ""}),
    KnownServer("gemini", "https://generativelanguage.googleapis.com", "",
                {"GOOGLE_GEMINI_BASE_URL": ""}),
    KnownServer("ollama", "http://127.0.0.1:11434", "", {"OLLAMA_HOST": ""}),
    KnownServer("openrouter", "https://openrouter.ai", "/api/v1"),
    KnownServer("groq", "https://api.groq.com", "/openai/v1", {"GROQ_BASE_URL": ""}),
    KnownServer("together", "https://api.together.xyz", "/v1", {"TOGETHER_BASE_URL": "/v1"}),
    KnownServer("mistral", "https://api.mistral.ai", "/v1"),
    KnownServer("deepseek", "https://api.deepseek.com", "/v1"),
    KnownServer("fireworks", "https://api.fireworks.ai", "/inference/v1"),
    KnownServer("cerebras", "https://api.cerebras.ai", "/v1", {"CEREBRAS_BASE_URL": ""}),
    KnownServer("xai", "https://api.x.ai", "/v1"),
)  # fmt: skip

FALLBACK_VARIABLES: Final = ("OPENAI_BASE_URL",)
"""What clients read that speak to a server of no API of its own: most of them speak this one."""

_BEDROCK: Final = {"AWS_ENDPOINT_URL_BEDROCK_RUNTIME": ""}

UNSIGNED_KEY_VARIABLE: Final = "AWS_BEARER_TOKEN_BEDROCK"
"""Where a key is kept that needs no signature, for servers whose requests are usually signed."""


@lru_cache(maxsize=256)
def find_host(name: str) -> Host | None:
    """Return what is known of a host; None for one that is not known."""
    name = name.lower()
    for host in HOSTS:
        if name.startswith(host.starts) and any(_ends(name, end) for end in host.ends):
            return host
    return None


def find_known_server(origin: str) -> KnownServer | None:
    """Return what is known of the server at a scheme and host; None for one that is not known.

    One that is known only by what its host names look like has the host itself for its name.
    """
    origin = origin.lower()
    for server in KNOWN_SERVERS:
        if server.origin == origin:
            return server
    host = origin.partition("://")[2]
    found = find_host(host)
    if found is not None and found.provider == "Amazon Bedrock":
        return KnownServer(host, origin, "", _BEDROCK)
    return None


def _ends(name: str, end: str) -> bool:
    return name.endswith(end) if end[0] in ".-" else name == end


def sums_up_reasoning(model: str) -> bool:
    """Whether what is sent of a model's reasoning is known to be a summary of it."""
    return _SUMS_UP.search(model.lower()) is not None
