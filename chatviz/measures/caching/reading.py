"""Requests read as prompts, by the layout that their dialect declares.

The order is that of the providers' documents: model, tools, the system's words, options, messages.
JSON's own spelling is no part of it: a server reads it before it makes the prompt.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.chat.prompt_layout import PromptLayout
from chatviz.measures.caching.prompt import PieceKind, Prompt, PromptBlock, PromptPiece, Region
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import dump_json

__all__ = ["PromptReader"]

_INSTRUCTIONS: Final = ("system", "developer")
_DEEPEST: Final = 100  # what nests deeper is compared as one text


class PromptReader:
    """Reads requests as prompts; items that later requests repeat are read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], PromptBlock] = {}

    def read(self, run: StreamRun) -> Prompt:
        """Return what a run asked as a prompt."""
        layout, asked = run.spoken.manners.prompt, run.chat_request
        prompt = Prompt(
            secrets=layout.secrets,
            has_history=bool(asked.continues or asked.conversation),
            is_raw=layout.is_raw,
        )
        whole = _BlockReader(layout, PromptBlock("model"))
        whole.read(run.host, "host")
        whole.read(asked.model, "model")
        prompt.blocks.append(whole.block)
        for key in layout.tools:
            self._read_key(prompt, layout, key, asked.body.get(key), "tools")
        for key in layout.system:
            self._read_key(prompt, layout, key, asked.body.get(key), "system")
        prompt.blocks.append(_read_options(prompt, layout, asked.body))
        for key in layout.messages:
            self._read_messages(prompt, layout, key, asked.body.get(key))
        return prompt

    def _read_key(
        self, prompt: Prompt, layout: PromptLayout, key: str, sent: Any, region: Region
    ) -> None:
        """Read what a key of the body holds: a list item by item."""
        if isinstance(sent, list):
            number = 0  # a mark that stands alone is none of the items
            for item in sent:
                block = self._read_item(layout, item, f"{key}[{number}]", region)
                prompt.blocks.append(block)
                number += bool(block.pieces)
        elif sent is not None:
            whole = _BlockReader(layout, PromptBlock(region))
            whole.read_named(key, sent, key, 0)
            prompt.blocks.append(whole.block)

    def _read_messages(self, prompt: Prompt, layout: PromptLayout, key: str, sent: Any) -> None:
        """Read the messages, each with its number; those of the system before all others apart."""
        if sent is None:
            return
        is_alone = isinstance(sent, str)
        if is_alone and not layout.is_raw:
            sent = {"role": "user", "content": [{"text": sent}]}
        is_head = True
        for number, message in enumerate(sent if isinstance(sent, list) else [sent]):
            role = message.get("role") if isinstance(message, dict) else None
            is_head = is_head and role in _INSTRUCTIONS
            region: Region = "system" if is_head else "message"
            block = self._read_item(layout, message, f"{key}[{number}]", region, number)
            if is_alone:
                block.alone.append(key)
            prompt.blocks.append(block)

    def _read_item(
        self,
        layout: PromptLayout,
        item: Any,
        place: str,
        region: Region,
        message: int | None = None,
    ) -> PromptBlock:
        known = self._known.get((id(item), place))
        if known is not None and known.region == region and known.source is item:
            return known
        reader = _BlockReader(layout, PromptBlock(region, message, source=item))
        if not reader.takes_mark(item):
            reader.read(item, place)
        if isinstance(item, dict):
            self._known[id(item), place] = reader.block
        return reader.block


def _read_options(prompt: Prompt, layout: PromptLayout, body: Mapping[str, Any]) -> PromptBlock:
    """Read every other key, but for what reaches no prompt."""
    reader = _BlockReader(layout, PromptBlock("options"))
    known = {*layout.tools, *layout.system, *layout.messages}

    def read(key: str, place: str, value: Any) -> None:
        """Read an option; of an object, name by name, for some may be outside the prompt."""
        if value is None:
            return
        if key in layout.outside:
            prompt.outside[place] = value
        elif isinstance(value, dict) and value and key not in layout.data:
            for name in sorted(value, key=str):
                read(name, f"{place}.{name}", value[name])
        else:
            reader.read_named(key, value, place, 1)

    for key in sorted(body.keys() - known, key=str):
        if key in layout.retention:
            prompt.retention.append(str(body[key]))
        elif key in layout.marks:
            reader.take_mark(body[key])
        else:
            read(key, key, body[key])
    return reader.block


class _BlockReader:
    """Takes an item of a body apart into pieces."""

    def __init__(self, layout: PromptLayout, block: PromptBlock) -> None:
        self._layout = layout
        self.block = block

    def read(self, value: Any, place: str, depth: int = 0, *, is_data: bool = False) -> None:
        """Take a value, and all that is in it."""
        if isinstance(value, str):
            self._put(place, "text", value)
        elif depth > _DEEPEST or not isinstance(value, dict | list):
            self._put(place, "value", dump_json(value))
        elif isinstance(value, list):
            kept = [item for item in value if is_data or not self.takes_mark(item)]
            for number, item in enumerate(kept):
                self.read(item, f"{place}[{number}]", depth + 1, is_data=is_data)
        elif is_data:
            self._put(place, "names", ",".join(map(str, value)), value)
            for name, inner in value.items():
                self.read(inner, f"{place}.{name}", depth + 1, is_data=True)
        else:
            self._read_object(value, place, depth)

    def read_named(self, name: str, value: Any, place: str, depth: int) -> None:
        """Take a value by the name that it has: a text alone as the list that it stands for."""
        if name in self._layout.secrets:
            self._put(place, "value", dump_json(value), is_secret=True)
            return
        if isinstance(value, str) and name in self._layout.blocks:
            self.block.alone.append(place)
            value = [{"text": value}]
        self.read(value, place, depth, is_data=name in self._layout.data)

    def _read_object(self, sent: Mapping[str, Any], place: str, depth: int) -> None:
        """Take an object of the API's own: the order of its names is not part of the prompt."""
        names = [name for name in sorted(sent, key=str) if self._counts(name, sent[name])]
        self._put(place, "names", ",".join(map(str, names)), sent)
        # What is long stands last, so that a list that grows changes nothing before it.
        for name in sorted(names, key=lambda name: self._is_list(name, sent[name])):
            self.read_named(name, sent[name], f"{place}.{name}", depth + 1)

    def _is_list(self, name: str, value: Any) -> bool:
        return isinstance(value, dict | list) or name in self._layout.blocks

    def _counts(self, name: str, value: Any) -> bool:
        """Whether a name of an object is part of the prompt; marks are kept apart."""
        if name in self._layout.marks:
            self.take_mark(value)
            return False
        is_plain = name == "type" and isinstance(value, str) and value in self._layout.plain_types
        return value is not None and not is_plain

    def takes_mark(self, item: Any) -> bool:
        """Whether an item is nothing but a mark, which is then kept apart."""
        if not isinstance(item, dict) or not item or item.keys() - self._layout.marks:
            return False
        for value in item.values():
            self.take_mark(value)
        return True

    def take_mark(self, value: Any) -> None:
        """Keep a mark apart, and for how long it asks to be cached."""
        lifetime = value.get(self._layout.lifetime) if isinstance(value, dict) else None
        self.block.marks.append("" if lifetime is None else str(lifetime))

    def _put(
        self,
        place: str,
        kind: PieceKind,
        text: str,
        sent: Mapping[str, Any] | None = None,
        *,
        is_secret: bool = False,
    ) -> None:
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        self.block.pieces.append(PromptPiece(place, kind, text, size, sent, is_secret))
        self.block.size += size
