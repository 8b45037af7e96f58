"""Which fields are known: of the events, of the response, of each kind of item and part.

The sources are the types of openai-python 3.57 (``openai.types.responses``) and, where one is
named, the recorded answers of that server. A field that is here and is read nowhere repeats
the request, or describes how the server worked (tiers, filters, padding); whatever is not
here is kept and noted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = [
    "ECHOED_FIELDS",
    "EVENT_FIELDS",
    "ITEM_FIELDS",
    "PART_FIELDS",
    "RESPONSE_FIELDS",
    "SILENT_EVENTS",
]

_EVERY_EVENT: Final = ("type", "sequence_number")
_OF_ITEM: Final = (*_EVERY_EVENT, "item_id", "output_index")
_OF_PART: Final = (*_OF_ITEM, "content_index")
_OF_SUMMARY: Final = (*_OF_ITEM, "summary_index")
_LIFECYCLE: Final = (*_EVERY_EVENT, "response")
_PADDING: Final = "obfuscation"  # makes pieces equally long; it says nothing


def _of(prefix: str, names: str, fields: tuple[str, ...]) -> dict[str, frozenset[str]]:
    return {f"{prefix}{name}": frozenset(fields) for name in names.split()}


# What an event of the server's tools says of their progress only: the items say it all.
SILENT_EVENTS: Final[Mapping[str, frozenset[str]]] = {
    **_of("response.web_search_call.", "in_progress searching completed", _OF_ITEM),
    **_of("response.file_search_call.", "in_progress searching completed", _OF_ITEM),
    **_of("response.code_interpreter_call.", "in_progress interpreting completed", _OF_ITEM),
    **_of("response.image_generation_call.", "in_progress generating completed", _OF_ITEM),
    **_of("response.mcp_call.", "in_progress completed failed", _OF_ITEM),
    **_of("response.mcp_list_tools.", "in_progress completed failed", _OF_ITEM),
    **_of("response.compaction.", "compacting", _OF_ITEM),
    # The commands and what they gave come again, whole, with their items.
    **_of("response.shell_call_command.", "added delta done",
          (*_OF_ITEM, "command", "command_index", "delta", _PADDING)),
    **_of("response.shell_call_output_content.", "delta done",
          (*_OF_ITEM, "command_index", "delta", "output", _PADDING)),
    # So does the patch (recorded of OpenAI, June 2026).
    **_of("response.apply_patch_call_operation_diff.", "delta done",
          (*_OF_ITEM, "delta", "diff", _PADDING)),
    # Audio comes again, whole, with its part.
    **_of("response.audio.", "delta done", (*_EVERY_EVENT, "delta", "response_id")),
    **_of("response.audio.transcript.", "delta done", (*_EVERY_EVENT, "delta", "response_id")),
    **_of("", "keepalive ping", _EVERY_EVENT),
    # Perplexity's searches: the items say it all.
    **_of("response.reasoning.",
          "started search_queries search_results fetch_url_queries fetch_url_results stopped",
          (*_EVERY_EVENT, "call_id", "thought", "queries", "results", "urls", "contents")),
}  # fmt: skip
EVENT_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    **_of("response.", "created queued in_progress completed incomplete failed cancelled",
          _LIFECYCLE),
    **_of("response.output_item.", "added done", (*_EVERY_EVENT, "output_index", "item")),
    **_of("response.content_part.", "added done", (*_OF_PART, "part")),
    **_of("response.reasoning_part.", "added done", (*_OF_PART, "part")),  # vLLM
    **_of("response.reasoning_summary_part.", "added done", (*_OF_SUMMARY, "part", "status")),
    **_of("response.output_text.", "delta", (*_OF_PART, "delta", "logprobs", _PADDING)),
    **_of("response.output_text.", "done", (*_OF_PART, "text", "logprobs")),
    **_of("response.output_text.annotation.", "added",
          (*_OF_PART, "annotation", "annotation_index")),
    **_of("response.refusal.", "delta", (*_OF_PART, "delta", _PADDING)),
    **_of("response.refusal.", "done", (*_OF_PART, "refusal")),
    **_of("response.reasoning_text.", "delta", (*_OF_PART, "delta", _PADDING)),
    **_of("response.reasoning_text.", "done", (*_OF_PART, "text")),
    **_of("response.reasoning_summary_text.", "delta", (*_OF_SUMMARY, "delta", _PADDING)),
    **_of("response.reasoning_summary_text.", "done", (*_OF_SUMMARY, "text")),
    **_of("response.function_call_arguments.", "delta", (*_OF_ITEM, "delta", _PADDING)),
    **_of("response.function_call_arguments.", "done", (*_OF_ITEM, "arguments", "name")),
    **_of("response.custom_tool_call_input.", "delta", (*_OF_ITEM, "delta", _PADDING)),
    **_of("response.custom_tool_call_input.", "done", (*_OF_ITEM, "input")),
    **_of("response.mcp_call_arguments.", "delta", (*_OF_ITEM, "delta", _PADDING)),
    **_of("response.mcp_call_arguments.", "done", (*_OF_ITEM, "arguments")),
    **_of("response.code_interpreter_call_code.", "delta", (*_OF_ITEM, "delta", _PADDING)),
    **_of("response.code_interpreter_call_code.", "done", (*_OF_ITEM, "code")),
    **_of("response.image_generation_call.", "partial_image",
          (*_OF_ITEM, "partial_image_b64", "partial_image_index", "background", "output_format",
           "quality", "size", "revised_prompt")),
    **_of("", "error", (*_EVERY_EVENT, "error", "code", "message", "param", "status", "headers")),
    **SILENT_EVENTS,
}  # fmt: skip

# What a response repeats of its request, or tells of the server's work beside the answer.
ECHOED_FIELDS: Final = frozenset(
    (
        *("access_programs", "background", "completed_at", "conversation", "image"),
        *("input_transformations", "instructions", "max_output_tokens", "max_tool_calls"),
        *("metadata", "moderation", "object", "parallel_tool_calls", "previous_response_id"),
        *("prompt", "prompt_cache_diagnostics", "prompt_cache_key", "prompt_cache_options"),
        *("prompt_cache_retention", "reasoning", "safety_identifier", "service_tier"),
        *("temperature", "text", "tool_choice", "tool_usage", "tools", "top_logprobs", "top_p"),
        *("truncation", "user"),
        *("billing", "frequency_penalty", "presence_penalty", "store"),  # OpenAI's recorded ones
        "output_text",  # OpenRouter: always ""
        "content_filters",  # Azure
        "copilot_usage",  # GitHub Copilot: what its user is charged, in its own units
    )
)
RESPONSE_FIELDS: Final = ECHOED_FIELDS | frozenset(
    ("id", "model", "created_at", "status", "output", "usage", "error", "incomplete_details")
)

_EVERY_ITEM: Final = ("type", "id", "status", "created_by")
ITEM_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset((*_EVERY_ITEM, *fields.split()))
    for kind, fields in {
        "message": "role content phase",
        "reasoning": "summary content encrypted_content",
        "compaction": "encrypted_content",
        "function_call": "arguments call_id name namespace caller async",
        "custom_tool_call": "input call_id name namespace caller async",
        "local_shell_call": "action call_id",
        "shell_call": "action call_id environment caller",
        "apply_patch_call": "operation call_id caller",
        "computer_call": "action actions call_id pending_safety_checks",
        "tool_search_call": "arguments call_id execution",
        "web_search_call": "action",
        "file_search_call": "queries results",
        "code_interpreter_call": "code container_id outputs arguments name call_id",
        "x_search_call": "arguments name call_id",
        "mcp_call": "arguments name server_label output error approval_request_id",
        "mcp_approval_request": "arguments name server_label",
        "image_generation_call": "result action background error output_format quality "
        "revised_prompt size svg_usage",
        "program": "code call_id fingerprint",
    }.items()
}
PART_FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "output_text": frozenset(("type", "text", "annotations", "logprobs")),
    "refusal": frozenset(("type", "refusal")),
    "reasoning_text": frozenset(("type", "text")),
    "summary_text": frozenset(("type", "text")),
    "output_audio": frozenset(("type", "data", "transcript")),
}
