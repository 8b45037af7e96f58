"""Anthropic's Messages on Vertex AI: the model is in the path, a version in the body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from chatviz.chat.messages import ChatRequest
from chatviz.dialects.anthropic.stream import AnthropicMessages
from chatviz.dialects.anthropic.writing import write_messages_request
from chatviz.dialects.base import ReasoningSentBack
from chatviz.wire.exchange import RequestHead

__all__ = ["AnthropicOnVertex"]

# https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai
VERSION: Final = "vertex-2023-10-16"
# The model "count-tokens" counts them and answers nothing.
_PATH: Final = re.compile(
    r"/publishers/anthropic/models/(?!count-tokens:)[^/]+:(?:streamR|r)awPredict$"
)


class AnthropicOnVertex(AnthropicMessages):
    """Reads and writes ``…/publishers/anthropic/models/ID:rawPredict`` and ``:streamRawPredict``.

    The base URL holds project and region:
    ``https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION``.
    """

    only_hosts = ("aiplatform.googleapis.com", ".rep.googleapis.com")

    def speaks(self, request: RequestHead) -> bool:
        """Whether it is a POST to one of Anthropic's models on Vertex AI."""
        return request.method.upper() in ("POST", "") and bool(_PATH.search(request.path))

    def recognises(self, payload: Any) -> bool:
        """Return False: an answer does not tell where it comes from."""
        return False

    def recognises_request(self, body: Mapping[str, Any]) -> bool:
        """Whether the body says the version that Vertex AI asks for."""
        return body.get("anthropic_version") == VERSION

    def endpoint_path(self, model: str, *, streamed: bool = True) -> str:
        """Return what is appended to the base URL to ask a model."""
        verb = "streamRawPredict" if streamed else "rawPredict"
        return f"/publishers/anthropic/models/{quote(model, safe='@')}:{verb}"

    def auth_headers(self, key: str) -> dict[str, str]:
        """Return the header that carries an access token of Google's."""
        return {"Authorization": f"Bearer {key}"}

    def write_request(
        self,
        asked: ChatRequest,
        *,
        max_tokens: int | None = None,
        reasoning: ReasoningSentBack = "details",
    ) -> dict[str, Any]:
        """Return the JSON body that asks this; see ``write_messages_request``."""
        body = write_messages_request(asked, max_tokens=max_tokens, reasoning=reasoning)
        body.pop("model", None)
        return {"anthropic_version": VERSION, **body}
