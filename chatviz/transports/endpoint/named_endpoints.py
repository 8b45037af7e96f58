"""NamedEndpoints: the well-known chat APIs, each by its name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Self, TypedDict, Unpack

from chatviz.transports.clients.modes import Mode
from chatviz.transports.endpoint.own_headers import Signer

__all__ = ["EndpointOptions", "NamedEndpoints"]


class EndpointOptions(TypedDict, total=False):
    """What every named endpoint takes besides the model: as for ``Endpoint``."""

    base_url: str
    api_key: str | Callable[[], str] | None
    signer: Signer | None
    headers: Mapping[str, str] | None
    query: Mapping[str, str] | None
    extra_body: Mapping[str, Any] | None
    cassette: str | os.PathLike[str] | None
    mode: Mode
    transport: Any
    timeout_s: float


class NamedEndpoints:
    """Constructors of ``Endpoint``: each knows the URL and the dialect of one API.

    All take the options of ``Endpoint`` as keywords, ``base_url`` in place of the API's own
    (a proxy, Azure, Vertex AI), and raise what ``Endpoint`` raises.
    """

    @classmethod
    def openrouter(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return OpenRouter's endpoint; it is asked to send usage and cost."""
        extra = options.pop("extra_body", None) or {}
        return cls._named(
            "https://openrouter.ai/api/v1",
            model,
            "openai-chat",
            {**options, "extra_body": {"usage": {"include": True}, **extra}},
        )

    @classmethod
    def openai(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return OpenAI's endpoint for chat completions."""
        return cls._named("https://api.openai.com/v1", model, "openai-chat", options)

    @classmethod
    def openai_responses(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return OpenAI's endpoint for Responses."""
        return cls._named("https://api.openai.com/v1", model, "openai-responses", options)

    @classmethod
    def anthropic(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return Anthropic's endpoint; with the ``base_url`` of Vertex AI, that one."""
        return cls._named("https://api.anthropic.com", model, "anthropic-messages", options)

    @classmethod
    def gemini(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return the endpoint of Google's Gemini API; with the ``base_url`` of Vertex AI, that."""
        base_url = "https://generativelanguage.googleapis.com/v1beta"
        return cls._named(base_url, model, "gemini", options)

    @classmethod
    def ollama(cls, model: str, **options: Unpack[EndpointOptions]) -> Self:
        """Return the endpoint of an Ollama server, by default the one on this machine."""
        return cls._named("http://localhost:11434", model, "ollama-chat", options)

    @classmethod
    def bedrock(
        cls, model: str, *, region: str = "us-east-1", **options: Unpack[EndpointOptions]
    ) -> Self:
        """Return the endpoint of Amazon Bedrock's Converse API.

        A key is sent as a bearer token (``AWS_BEARER_TOKEN_BEDROCK``). Without one, hand in a
        ``signer``: a function that signs an ``httpx.Request`` in place.
        ``chatviz.transports.endpoint.aws_signer.botocore_signer(region)`` is one, where botocore
        is installed.
        """
        base_url = f"https://bedrock-runtime.{region}.amazonaws.com"
        return cls._named(base_url, model, "bedrock-converse", options)

    @classmethod
    def _named(cls, base_url: str, model: str, dialect: str, options: Mapping[str, Any]) -> Self:
        given = {"base_url": base_url, **options}
        unknown = given.keys() - EndpointOptions.__annotations__.keys()
        if unknown:
            found, known = ", ".join(sorted(unknown)), ", ".join(EndpointOptions.__annotations__)
            raise TypeError(f"wanted options of an endpoint ({known}), found {found}.")
        make: Callable[..., Self] = cls
        return make(given.pop("base_url"), model=model, dialect=dialect, **given)
