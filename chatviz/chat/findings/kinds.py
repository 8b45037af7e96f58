"""The kinds of findings that any dialect can show: their codes, severities and sentences.

``docs/findings.md`` and ``chatviz/explanations`` are made from it and from the examples in
``docs/finding_examples``.
A number with a noun behind it, as in ``{count:chunk|chunks}``, is told in the singular or plural.
"""

from __future__ import annotations

from typing import Final

from chatviz.chat.findings.call_kinds import CALL_ROWS
from chatviz.chat.findings.finding_kind import FindingKind, Severity, finding_kinds

__all__ = ["KINDS", "FindingKind", "Severity", "finding_kinds"]

KINDS: Final = finding_kinds(
    # ---- the bytes
    (
        "keep_alive",
        "info",
        "{count:keep-alive comment|keep-alive comments} came on the wire ({text}).",
    ),
    (
        "keep_alive_white_space",
        "info",
        "{count:byte|bytes} of white space came before the JSON, to keep the connection alive.",
    ),
    (
        "unfinished_event",
        "warning",
        "The body ends inside an event: its last {size:byte is|bytes are} {how} ({text}).",
    ),
    (
        "frame_damaged",
        "error",
        "{count:frame is|frames are} damaged ({text}): what is read of it may be wrong.",
    ),
    (
        "fields_without_data",
        "info",
        "{count:event|events} came without data, which the standard says to pass over ({text}).",
    ),
    (
        "error_outside_data",
        "warning",
        "An error came outside of data lines, which the standard says to pass over: "
        "it is read as the error of the answer.",
    ),
    (
        "blank_lines_missing",
        "warning",
        "No blank line follows {count:event|events}: the standard joins the data lines; "
        "each is a JSON document, and is read as an event.",
    ),
    (
        "bytes_after_end",
        "warning",
        "{count:event|events} came after [DONE]; they are read as well.",
    ),
    ("done_missing", "info", "The stream ended without [DONE]."),
    ("empty_body", "error", "The body of the answer is empty."),
    ("not_json", "error", "{count:chunk holds|chunks hold} no JSON ({text})."),
    (
        "lenient_json",
        "warning",
        "{count:chunk is|chunks are} JSON only leniently (NaN, a lone surrogate or broken UTF-8).",
    ),
    (
        "not_an_object",
        "warning",
        "{count:chunk holds|chunks hold} JSON that is no object ({text}); nothing is read from it.",
    ),
    (
        "answer_empty",
        "warning",
        "The answer says nothing that is read: no text, reasoning, tool call, refusal or error.",
    ),
    # ---- who answers
    ("empty_first_chunk", "info", "The first chunk says nothing: no text, reasoning or tool call."),
    (
        "identity_late",
        "info",
        "The {part} of the answer is empty or missing at first; it came with chunk {chunk}.",
    ),
    (
        "identity_changed",
        "info",
        "The {part} of the answer changed {count:time|times} inside the stream: first {before}, "
        "then {after}.",
    ),
    ("role_repeated", "info", "The role is sent with {count} chunks, not once."),
    ("role_missing", "info", "The role is never sent; it is taken to be 'assistant'."),
    (
        "role_changed",
        "warning",
        "The role changed inside the stream, from {before} to {after}; the first is kept.",
    ),
    (
        "unknown_fields",
        "info",
        "A field {part} that is not modelled came {count:time|times}; it is kept as it was sent.",
    ),
    (
        "dialect_not_read",
        "warning",
        "The answer is in a dialect that is not read ({text}): its chunks are shown as they are.",
    ),
    ("no_clock", "info", "No times of the chunks are recorded: they are shown by their number."),
    (
        "coarse_clock",
        "info",
        "The only clock is the provider's, in steps of {resolution} s: no rate is derived from it.",
    ),
    # ---- the pace, where it was measured
    (
        "silent_start",
        "info",
        "Nothing came for {seconds} s before the first chunk, and no keep-alive either.",
    ),
    (
        "stall",
        "info",
        "The stream paused {count:time|times} for more than 1 s and 5 times its usual gap; the "
        "longest pause, of {seconds} s, came before chunk {chunk}.",
    ),
    (
        "burst",
        "info",
        "{count:read|reads} brought 5 or more chunks at once (up to {most}{text}): they were "
        "collected on the way.",
    ),
    (
        "faked_stream",
        "warning",
        "{text} chunks came together at the end of {seconds} s: the answer was not streamed.",
    ),
    # ---- text and reasoning
    (
        "message_in_stream",
        "warning",
        "{count:chunk holds|chunks hold} a whole message, not a delta: only what did not come in "
        "pieces is read from it.",
    ),
    (
        "content_cumulative",
        "warning",
        "Each of {count} chunks repeats all the {part} so far: it is read once.",
    ),
    (
        "content_repeated",
        "warning",
        "The last chunk with {part} repeats all of it ({size:character|characters}): "
        "it is read once.",
    ),
    (
        "character_split",
        "warning",
        "{count:character is|characters are} split over two chunks of {part}: joined.",
    ),
    (
        "choice_index_missing",
        "warning",
        "{count:choice has|choices have} no index: its place in the list counts.",
    ),
    (
        "content_as_list",
        "warning",
        "The content came as a list of parts, not as text: {count:text|texts} in all, joined.",
    ),
    (
        "reasoning_in_two_fields",
        "info",
        "{count:chunk holds|chunks hold} the same reasoning in several fields ({text}); "
        "counted once.",
    ),
    (
        "reasoning_fields_differ",
        "warning",
        "{count:chunk holds|chunks hold} different reasoning in several fields ({text}); "
        "the first field is read.",
    ),
    (
        "reasoning_repeated",
        "info",
        "Chunk {chunk} repeats all the reasoning so far in another field; counted once.",
    ),
    (
        "think_tags",
        "info",
        "The text holds a <think> tag: reasoning that was sent as text is shown as text.",
    ),
    (
        "repetition_differs",
        "warning",
        "What is sent again as a whole ({part}) has {size:character|characters}, and is not what "
        "came in pieces ({came}): the pieces are read.",
    ),
    *CALL_ROWS,
    # ---- finish
    ("finish_repeated", "info", "The finish reason {reason} is sent {count} times."),
    ("finish_changed", "warning", "The finish reason changed: {text}; the last one counts."),
    ("finish_missing", "warning", "No finish reason came: the answer may be cut short."),
    (
        "finish_stop_with_tools",
        "warning",
        "The finish reason is {reason}, but tools were called: it counts as 'tool_calls'.",
    ),
    ("finish_unknown", "info", "The finish reason {reason} is none of the usual ones."),
    (
        "finish_filtered",
        "warning",
        "A filter ended the answer ({reason}): what came before may be cut off.",
    ),
    ("finish_failed", "error", "The answer ended because something failed ({reason})."),
    # ---- tools of the provider
    (
        "server_tool_failed",
        "warning",
        "The provider's own tool {part} failed: the answer was written without its result.",
    ),
    # ---- usage and cost
    ("usage_missing", "info", "No usage came with the answer: its tokens and cost are not known."),
    ("usage_repeated", "info", "The same usage is sent again {count:time|times}; counted once."),
    (
        "usage_running",
        "info",
        "Usage is a running total: it is sent again {count:time|times}, and no number falls; "
        "the last one counts.",
    ),
    (
        "usage_changed",
        "warning",
        "Usage that was sent changed {count:time|times}; the last one counts.",
    ),
    ("usage_elsewhere", "info", "The usage is in {text}, not at the top level of the chunk."),
    (
        "usage_reasoning_outside",
        "warning",
        "The {reasoning:reasoning token is|reasoning tokens are} not among the "
        "{output:output token|output tokens}: total {total} = {input} + {output} + {reasoning}.",
    ),
    (
        "usage_reasoning_uncounted",
        "warning",
        "There are {reasoning} reasoning tokens, more than the {output:output token|output tokens} "
        "that should hold them, and they are not in the total of {total} either.",
    ),
    (
        "usage_impossible",
        "warning",
        "What was counted cannot be right: {text}. The numbers are given as they were sent.",
    ),
    (
        "usage_total_off",
        "warning",
        "The total of {total:token|tokens} is not {input} + {output} = {expected}.",
    ),
    ("cost_missing", "info", "The provider sent no cost."),
    (
        "cost_details_differ",
        "warning",
        "The cost {total} USD is not the sum of its parts, {parts} = {expected}.",
    ),
    (
        "cost_differs",
        "warning",
        "The recorded cost is {total} USD, the price comes to {expected} USD ({text}).",
    ),
    # ---- errors
    ("error_in_stream", "error", "The server sent an error inside the answer: {text}."),
    ("http_error", "error", "The server answered with HTTP status {status}: {text}."),
)
