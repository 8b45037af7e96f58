"""Which fields are known, by where they are sent.

The sources are Google's reference of ``GenerateContentResponse`` (AI Studio and Vertex AI) and the
types of google-genai 3.6. What is here and is read nowhere describes how the server worked
(ratings, probabilities, times), and stays in the chunk's own JSON; whatever is not here is
kept and noted.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CALL_FIELDS",
    "CANDIDATE_FIELDS",
    "CHUNK_FIELDS",
    "CITED_IN",
    "CONTENT_FIELDS",
    "PART_FIELDS",
]

CHUNK_FIELDS: Final = frozenset(
    [
        *("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "error"),
        "createTime",  # Vertex AI: when the request came; the same in every chunk
        "modelStatus",  # AI Studio: whether the model will be withdrawn
    ]
)
# Where sources are: the field of a candidate, and the list in it.
CITED_IN: Final = (
    ("groundingMetadata", "groundingChunks"),
    ("citationMetadata", "citationSources"),  # AI Studio
    ("citationMetadata", "citations"),  # Vertex AI
    ("urlContextMetadata", "urlMetadata"),
)
CANDIDATE_FIELDS: Final = frozenset(
    [
        *("content", "index", "finishReason"),
        *(field for field, _ in CITED_IN),
        "finishMessage",  # the finish reason in a sentence
        "safetyRatings",
        "avgLogprobs",
        "logprobsResult",
        "tokenCount",  # AI Studio: what usage holds, too
        "groundingAttributions",  # AI Studio: of the AQA model
        "score",  # Vertex AI
    ]
)
CONTENT_FIELDS: Final = frozenset(("parts", "role"))
PART_FIELDS: Final = frozenset(
    [
        *("text", "thought", "thoughtSignature", "functionCall", "executableCode"),
        *("codeExecutionResult", "toolCall", "toolResponse", "inlineData", "fileData"),
        "videoMetadata",  # beside media
        "mediaResolution",  # beside media
        "partMetadata",  # the client's own
    ]
)
CALL_FIELDS: Final = frozenset(("id", "name", "args", "partialArgs", "willContinue"))
