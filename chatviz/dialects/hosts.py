"""Who answers under which host: what cannot be read in an answer itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["Host", "find_host"]


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


@lru_cache(maxsize=256)
def find_host(name: str) -> Host | None:
    """Return what is known of a host; None for one that is not known."""
    name = name.lower()
    for host in HOSTS:
        if name.startswith(host.starts) and any(_ends(name, end) for end in host.ends):
            return host
    return None


def _ends(name: str, end: str) -> bool:
    return name.endswith(end) if end[0] in ".-" else name == end
