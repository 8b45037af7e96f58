"""Manners: what a dialect declares about itself, so that what it never does is no finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from chatviz.chat.deltas import PartKey
from chatviz.chat.findings.kinds import FindingKind
from chatviz.chat.messages import Reasoning, ServerToolCall, ServerToolResult
from chatviz.chat.prompt_layout import PromptLayout
from chatviz.chat.server_time import ServerTimeField
from chatviz.chat.usage import Usage

__all__ = ["UNDECLARED", "CallIds", "Manners", "SentError", "usual_error"]


class SentError(NamedTuple):
    """An error as a server tells of it in the middle of a stream.

    Attributes
    ----------
    name : str
        The event's name, of an AWS frame the type of its exception; ``""`` for none.
    payload : mapping
        Its JSON.
    """

    name: str
    payload: Mapping[str, Any]


def usual_error(message: str) -> SentError:
    """Return an error as most servers tell of it."""
    return SentError("", {"error": {"message": message, "type": "server_error", "code": 502}})


def is_never_free(call: ServerToolCall, results: Sequence[ServerToolResult]) -> bool:
    """Say of each call that the provider ran that it may be charged."""
    return False


def is_encrypted(part: Reasoning) -> bool:
    """Whether nothing of a part of the reasoning can be read, but something of it came."""
    return not part.text and bool(part.details)


@dataclass(frozen=True, kw_only=True, slots=True)
class CallIds:
    """Where the ids of tool calls are in a dialect's requests.

    Attributes
    ----------
    references : tuple of str
        Keys whose value is the id of the call that an object belongs to.
    call_types : tuple of str
        The ``type`` of objects that are calls.
    call_keys, result_keys : tuple of str
        Keys that hold calls, or results, without a type.
    id_name : str
        The key of a call's own id.
    arguments : tuple of str
        Keys that hold what a tool takes: the user's data, in which no key means an id.
    """

    references: tuple[str, ...] = ()
    call_types: tuple[str, ...] = ()
    call_keys: tuple[str, ...] = ()
    result_keys: tuple[str, ...] = ()
    id_name: str = "id"
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Manners:
    """What can be expected of a dialect's answers.

    Attributes
    ----------
    is_read : bool
        Whether answers are read at all; of one that is not, nothing is concluded.
    parts : str
        What a delta without a part key fills: ``"one"`` part for each kind, in the order of their
        first appearance; or the ``"open"`` part, as long as its kind does not change.
    finish_reasons : mapping of str to str
        The provider's words for why an answer ended, in lower case, and ours for each; ``""``
        for a word that says that the answer still goes on.
    silent_reasons : frozenset of str
        Those of the words with which an answer ends that was to say nothing (a model was only
        loaded): neither words nor usage are missed.
    pausing_reasons : frozenset of str
        Those with which a server pauses: the answer goes on when all of it is sent back.
    told_reasons : mapping of str to str
        For words that say that it ended badly, the code of a finding that says more than the word.
    names_tool_calls : bool
        Whether an answer that calls tools ends with a word of its own; elsewhere ``stop`` with
        calls is as usual.
    end : str
        What ends a stream: ``"[DONE]"``, or the name of the dialect's last event; ``""`` where a
        stream merely stops.
    begins_empty : bool
        Whether the first chunk is one that says nothing.
    sends_role, sends_call_ids, sends_call_indexes, sends_usage : bool
        Whether these come with every answer that is not cut short: else their absence is usual.
    parts_without_id : frozenset
        The keys of parts whose calls have no id by their form, and are answered by name.
    arguments_as : str
        How the arguments of calls come: as JSON ``"text"``, or as an ``"object"`` (in whole
        answers at least).
    may_omit_arguments : bool
        Whether a call without any text of arguments is the usual way to say ``{}``.
    free_text_calls : frozenset of str
        Types of calls whose arguments are a text of any kind, and no JSON.
    json_calls : frozenset of str
        Types of calls whose arguments come as an object or a list, where others' come as text.
    read_usage : callable | None
        Reads a usage object; wanted where usage comes in pieces (``UsageDelta.merge``).
    is_free_call : callable
        Takes a call that the provider ran, and what it gave, to whether nothing is charged for it:
        it failed, or only opened what was found.
    hides_reasoning : callable
        Takes a part of the reasoning to whether it says less than was thought: it is encrypted, or
        a summary.
    passing_errors : frozenset of str
        Codes of errors that pass: the same request may succeed a moment later.
    tell_error : callable
        Takes a message to the error that a server of this dialect would send in mid-stream.
    call_ids : CallIds
        Where requests hold the ids of tool calls.
    prompt : PromptLayout
        How a request becomes the prompt that a cache compares.
    server_times : tuple of ServerTimeField
        Where its chunks hold how long the server took.
    open_chunk : callable | None
        Takes the data of a chunk to the JSON inside it, where a chunk only carries one.
    kinds : mapping of str to FindingKind
        The findings that only this dialect knows.
    """

    is_read: bool = True
    parts: Literal["one", "open"] = "one"
    finish_reasons: Mapping[str, str] = field(default_factory=dict)
    silent_reasons: frozenset[str] = frozenset()
    pausing_reasons: frozenset[str] = frozenset()
    told_reasons: Mapping[str, str] = field(default_factory=dict)
    names_tool_calls: bool = True
    end: str = ""
    begins_empty: bool = False
    sends_role: bool = False
    sends_call_ids: bool = True
    sends_call_indexes: bool = False
    sends_usage: bool = True
    parts_without_id: frozenset[PartKey] = frozenset()
    arguments_as: Literal["text", "object"] = "text"
    may_omit_arguments: bool = False
    free_text_calls: frozenset[str] = frozenset()
    json_calls: frozenset[str] = frozenset()
    read_usage: Callable[[Mapping[str, Any]], Usage] | None = None
    is_free_call: Callable[[ServerToolCall, Sequence[ServerToolResult]], bool] = is_never_free
    hides_reasoning: Callable[[Reasoning], bool] = is_encrypted
    passing_errors: frozenset[str] = frozenset()
    tell_error: Callable[[str], SentError] = usual_error
    call_ids: CallIds = field(default_factory=CallIds)
    prompt: PromptLayout = field(default_factory=PromptLayout)
    server_times: tuple[ServerTimeField, ...] = ()
    open_chunk: Callable[[bytes], bytes] | None = None
    kinds: Mapping[str, FindingKind] = field(default_factory=dict)


UNDECLARED: Final = Manners()
"""Those of a dialect that is not known yet."""
