"""Requests read as prompts, by the layout that their dialect declares.

The order is that of the providers' documents: model, tools, the system's words, options, messages.
JSON's own spelling is no part of it: a server reads it before it makes the prompt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from chatviz.chat.prompt_layout import PromptLayout
from chatviz.measures.caching.prompt import PieceKind, Prompt, PromptBlock, PromptPiece, Region
from chatviz.runs.run import StreamRun
from chatviz.wire.json_text import dump_json

__all__ = ["PromptReader"]

_INSTRUCTIONS: Final = ("system", "developer")
_NESTED: Final = (dict, list)
_DEEPEST: Final = 100  # what nests deeper is compared as one text
_PACK: Final = msgspec.msgpack.Encoder().encode  # unlike JSON, it tells null from NaN


class PromptReader:
    """Reads requests as prompts; items that later requests repeat are read once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], PromptBlock] = {}
        self._equal: dict[tuple[int, Region, str, bytes], PromptBlock] = {}

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
            place = f"{key}[{number}]"
            if is_alone:
                block = _read_item(layout, message, place, PromptBlock(region, number))
                block.alone.append(key)
            else:
                block = self._read_item(layout, message, place, region, number)
            prompt.blocks.append(block)

    def _read_item(
        self,
        layout: PromptLayout,
        item: Any,
        place: str,
        region: Region,
        message: int | None = None,
    ) -> PromptBlock:
        """Read an item, or find it: requests of a conversation repeat what was said before."""
        known = self._known.get((id(item), place))
        if known is not None and known.region == region and known.source is item:
            return known
        if not isinstance(item, dict):
            return _read_item(layout, item, place, PromptBlock(region, message))
        try:
            alike = (id(layout), region, place, _PACK(item))
        except (TypeError, ValueError, OverflowError, RecursionError):
            return _read_item(layout, item, place, PromptBlock(region, message))
        block = self._equal.get(alike)
        if block is None:
            block = _read_item(layout, item, place, PromptBlock(region, message, source=item))
            self._known[id(item), place] = self._equal[alike] = block
        return block


def _read_item(layout: PromptLayout, item: Any, place: str, block: PromptBlock) -> PromptBlock:
    """Take an item of the request apart into an empty block, and return this."""
    reader = _BlockReader(layout, block)
    if not reader.takes_mark(item):
        reader.read(item, place)
    return block


def _read_options(prompt: Prompt, layout: PromptLayout, body: Mapping[str, Any]) -> PromptBlock:
    """Read every other key, but for what reaches no prompt."""
    reader = _BlockReader(layout, PromptBlock("options"))
    parts = layout.tools + layout.system + layout.messages
    for key in _in_order(body):
        if key in parts:
            continue
        if key in layout.retention:
            prompt.retention.append(str(body[key]))
        elif key in layout.marks:
            reader.take_mark(body[key])
        else:
            _read_option(prompt, layout, reader, key, key, body[key])
    return reader.block


def _read_option(
    prompt: Prompt, layout: PromptLayout, reader: _BlockReader, key: str, place: str, value: Any
) -> None:
    """Read an option; of an object, name by name, for some may be outside the prompt."""
    if value is None:
        return
    if key in layout.outside:
        prompt.outside[place] = value
    elif isinstance(value, dict) and value and key not in layout.data:
        for name in _in_order(value):
            _read_option(prompt, layout, reader, name, f"{place}.{name}", value[name])
    else:
        reader.read_named(key, value, place, 1)


def _in_order(names: Iterable[Any]) -> list[Any]:
    """Return the names of an object sorted; all are texts, but for a request that was made here."""
    try:
        return sorted(names)
    except TypeError:
        return sorted(names, key=str)


class _BlockReader:
    """Takes an item of a body apart into pieces."""

    def __init__(self, layout: PromptLayout, block: PromptBlock) -> None:
        self._layout = layout
        self.block = block

    def read(self, value: Any, place: str, depth: int = 0) -> None:
        """Take a value, and all that is in it."""
        if isinstance(value, str):
            self._put(place, "text", value)
        elif isinstance(value, _NESTED) and depth <= _DEEPEST:
            if isinstance(value, dict):
                self._read_object(value, place, depth)
            else:
                kept = [item for item in value if not self.takes_mark(item)]
                for number, item in enumerate(kept):
                    self.read(item, f"{place}[{number}]", depth + 1)
        else:
            self._put(place, "value", dump_json(value))

    def read_named(self, name: str, value: Any, place: str, depth: int) -> None:
        """Take a value by the name that it has: a text alone as the list that it stands for."""
        layout = self._layout
        if name in layout.secrets:
            self._put(place, "value", dump_json(value), is_secret=True)
        elif name in layout.data:
            self._read_data(value, place, depth)
        elif name in layout.blocks and isinstance(value, str):
            self.block.alone.append(place)
            self.read([{"text": value}], place, depth)
        else:
            self.read(value, place, depth)

    def _read_object(self, sent: Mapping[str, Any], place: str, depth: int) -> None:
        """Take an object of the API's own: the order of its names is not part of the prompt."""
        layout, special, names, lists = self._layout, self._layout.special, [], []
        for name in _in_order(sent):
            value = sent[name]
            if name in layout.marks:
                self.take_mark(value)
            elif value is not None and not (name == "type" and self._is_plain(value)):
                names.append(name)
        self._put(place, "names", ",".join(map(str, names)), sent)
        for name in names:
            value = sent[name]
            if type(value) is str and name not in special:
                self._put(f"{place}.{name}", "text", value)
            elif isinstance(value, _NESTED) or name in layout.blocks:
                lists.append(name)  # taken last, so that one that grows changes nothing before it
            else:
                self.read_named(name, value, f"{place}.{name}", depth + 1)
        for name in lists:
            self.read_named(name, sent[name], f"{place}.{name}", depth + 1)

    def _is_plain(self, kind: Any) -> bool:
        """Whether a type says no more than that a block or a message is what it is."""
        return isinstance(kind, str) and kind in self._layout.plain_types

    def _read_data(self, value: Any, place: str, depth: int) -> None:
        """Take the user's own JSON: the order of its names counts, and no name is a mark."""
        if isinstance(value, str):
            self._put(place, "text", value)
        elif not isinstance(value, _NESTED) or depth > _DEEPEST:
            self._put(place, "value", dump_json(value))
        elif isinstance(value, dict):
            self._put(place, "names", ",".join(map(str, value)), value)
            for name, inner in value.items():
                self._read_data(inner, f"{place}.{name}", depth + 1)
        else:
            for number, item in enumerate(value):
                self._read_data(item, f"{place}[{number}]", depth + 1)

    def takes_mark(self, item: Any) -> bool:
        """Whether an item is nothing but a mark, which is then kept apart."""
        marks = self._layout.marks
        if not isinstance(item, dict) or not item or not all(map(marks.__contains__, item)):
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
        block = self.block
        block.pieces.append(PromptPiece(place, kind, text, size, sent, is_secret))
        block.size += size
