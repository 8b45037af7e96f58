"""What of a recording's JSON stays: the protocol's words, names of models and tools, schemas.

A key tells what its value is, by the last of its words: ``finish_reason``, ``stopReason``. What no
rule keeps is taken for what somebody wrote: a provider's new field is replaced, not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Final, Literal

from chatviz.cassettes.sharing.json_tokens import JSONToken
from chatviz.dialects import DIALECTS

__all__ = ["Role", "Vocabulary"]

Role = Literal["kept", "id", "text", "data"]

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ONE_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/+-]{0,79}")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]{5,18}(?:Z|[+-][0-9:]{4,6})?")
_POSITION: Final = re.compile(
    r"(?:functions\.)?([\w.-]*):[0-9]{1,3}|()[0-9]{1,3}|()call_[0-9]{1,3}"
)
# fmt: off
_PROTOCOL: Final = frozenset([
    "betas", "category", "channel", "choice", "code", "cost", "detail", "effort", "encoding",
    "event", "fingerprint", "format", "include", "kind", "language", "level", "mode", "model",
    "modalities", "modality", "object", "outcome", "phase", "probability", "provider", "quality",
    "reason", "retention", "role", "severity", "status", "tier", "truncation", "ttl", "type",
    "verbosity", "version",
])
_ANYWHERE: Final = frozenset([
    "any", "auto", "concise", "default", "detailed", "disabled", "enabled", "ephemeral", "high",
    "low", "medium", "minimal", "none", "required", "standard",
])
_WRITTEN: Final = frozenset([
    "arguments", "content", "delta", "description", "input", "message", "output", "prompt",
    "reasoning", "refusal", "response", "system", "text", "thinking",
])
_SCHEMA_HOLDERS: Final = frozenset([
    "$defs", "definitions", "inputSchema", "input_schema", "json_schema", "parametersJsonSchema",
    "properties", "responseJsonSchema", "responseSchema", "response_schema", "schema",
])
_SCHEMA_TEXTS: Final = frozenset(["$comment", "default", "description", "examples", "title"])
_TOOL_HOLDERS: Final = frozenset(["functions", "toolConfig", "tools"])
_SPELLED_IN_NUMBERS: Final = frozenset(["bytes", "context", "tokens"])
# fmt: on
_ID_WORDS: Final = frozenset(["id", "ids"])


@dataclass(slots=True)
class Vocabulary:
    """The words of one recording that stay, and what each place of its JSON holds.

    Attributes
    ----------
    tools : set of str
        Names of tools, as they were defined or called.
    words : set of str
        Names of models and providers, and the words for why an answer ended.
    choices : set of str
        The values that a schema allows.
    properties : set of str
        The keys that a schema names.
    """

    tools: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    choices: set[str] = field(default_factory=set)
    properties: set[str] = field(default_factory=set)

    def learn(self, token: JSONToken, text: str) -> None:
        """Take what its place shows to be a tool's name, or a key or a value of a schema."""
        if not token.path:
            return
        key = token.path[-1]
        if token.kind == "key" or key == "required":
            if key in ("properties", "required"):
                self.properties.add(text)
        elif key in ("enum", "const") and _is_in_schema(token.path):
            self.choices.add(text)
        elif key == "name" and _is_in_tools(token.path) and not _is_in_schema(token.path):
            self.tools.add(text)

    def role_of(self, token: JSONToken, text: str) -> Role:
        """Return what a string is, by its place and what it says."""
        path = token.path
        if not path:
            return "text"
        key = path[-1]
        if _is_in_data(path):
            return "kept" if text in self.choices else "data"
        if _is_in_schema(path):
            return "kept" if key not in _SCHEMA_TEXTS or text in self.choices else "text"
        last = _words(key)[-1]
        if last in _ID_WORDS:
            return "kept" if self._is_position(text) or "model" in key.lower() else "id"
        if last == "path" and text.startswith("$"):
            return "kept"  # where in the arguments a piece of them belongs
        if key == "name" and any(text in name for name in self.tools):
            return "kept"
        if key in _WRITTEN:
            return "text"
        is_protocol = last in _PROTOCOL or any("usage" in _words(outer) for outer in path)
        is_word = is_protocol and _ONE_WORD.fullmatch(text)
        is_known = text in self.words or text in self.tools or text in _ANYWHERE
        return "kept" if is_word or is_known or _MOMENT.fullmatch(text) else "text"

    def hides_text(self, token: JSONToken) -> bool:
        """Say whether a number is one of a list that spells out a text: bytes, or tokens."""
        if not (token.in_list and token.path):
            return False
        return token.path[-1] in _SPELLED_IN_NUMBERS or token.path[-1].endswith("token_ids")

    def is_data(self, token: JSONToken) -> bool:
        """Say whether a value is what a tool takes, or what somebody noted."""
        return _is_in_data(token.path)

    def is_own_key(self, token: JSONToken, text: str) -> bool:
        """Say whether a key was somebody's own word: no protocol and no schema has it."""
        if "metadata" in token.path or text in self.properties:
            return False
        return _is_in_data((*token.path, text))

    def is_long_id(self, token: JSONToken, number: str) -> bool:
        """Say whether a number is an id, and not merely counts."""
        return bool(token.path) and _words(token.path[-1])[-1] in _ID_WORDS and len(number) > 4

    def _is_position(self, text: str) -> bool:
        """Say whether an id only counts: ``call_0``, ``functions.add:0``; some break on these."""
        match = _POSITION.fullmatch(text)
        if text in self.tools:
            return True
        return match is not None and (match[1] is None or match[1] in ("", *self.tools))


def _is_in_data(path: tuple[str, ...]) -> bool:
    """Say whether a place lies in a tool's arguments; a request's own ``input`` is no such."""
    for place, key in enumerate(path[:-1]):
        if key == "metadata":
            return True
        if key in _argument_keys() and place and not _is_in_tools(path[:place]):
            return True
    return False


def _is_in_schema(path: tuple[str, ...]) -> bool:
    holders = _SCHEMA_HOLDERS.intersection(path)
    return bool(holders) or ("parameters" in path and _is_in_tools(path))


def _is_in_tools(path: Iterable[str]) -> bool:
    return not _TOOL_HOLDERS.isdisjoint(path)


@lru_cache(maxsize=1)
def _argument_keys() -> frozenset[str]:
    return frozenset(chain(*(dialect.manners.call_ids.arguments for dialect in DIALECTS)))


@lru_cache(maxsize=4096)
def _words(key: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORDS.findall(key)) or ("",)
