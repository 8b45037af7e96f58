"""Which tool call a delta belongs to: the slot rule, for every way in which providers bend it."""

from __future__ import annotations

from array import array
from copy import copy

from chatviz.chat.arguments.path_writer import PathWriter
from chatviz.chat.arguments.scanner import ArgumentScanner
from chatviz.chat.deltas import PartKey, ToolCallDelta
from chatviz.chat.findings.log import FindingLog, shorten
from chatviz.chat.manners import Manners

__all__ = ["CallSlot", "CallSlots"]


class CallSlot:
    """One tool call while it is assembled."""

    def __init__(self, position: int, index: int | None, chunk: int, part: PartKey = None) -> None:
        self.position = position
        self.index = index
        self.part = part
        self.chunk = chunk
        self.closed_at: int | None = None  # the chunk that said that no piece of it follows
        self.id = ""
        self.name = ""
        self.type = ""
        self.texts: list[str] = []
        self.chunks = array("q")
        self.ids = 0
        self.name_pieces = 0
        self.names = 0
        self.has_text = False
        self.has_object = False  # its arguments came as a whole object
        self.is_free_text = False  # what it asks is no JSON: it never looks complete
        self.is_named_again = False  # alone, behind whole arguments: a repetition, or the next call
        self.log = FindingLog()  # its findings; they get their part when the name is known
        self.writer: PathWriter | None = None  # of arguments that come as values at paths
        self._scanner: ArgumentScanner | None = None
        self._scanned = 0

    def copy(self) -> CallSlot:
        """Return a copy whose findings and fragments later deltas do not change."""
        other = copy(self)
        other.chunks, other.log = self.chunks[:], self.log.copy()
        return other

    def close(self, chunk: int) -> None:
        """Note that no piece of it follows; the first who says so counts."""
        if self.closed_at is None:
            self.closed_at = chunk

    def is_complete(self) -> bool:
        """Whether the arguments so far are a whole JSON value; each fragment is read only once."""
        if not self.has_text or self.is_free_text:
            return False
        if self._scanner is None:
            self._scanner = ArgumentScanner()
        for text in self.texts[self._scanned :]:
            self._scanner.feed(text)
        self._scanned = len(self.texts)
        return self._scanner.is_complete

    def forget_scan(self) -> None:
        """Read the arguments anew: their pieces were corrected."""
        self._scanner, self._scanned = None, 0

    def is_followed_by(self, name: str, arguments: str) -> bool:
        """Whether a delta with this name begins another call: ours has all its arguments."""
        is_new_name = name not in ("", self.name)
        is_same_tool = (name or self.is_named_again) and arguments.strip()
        return bool(is_new_name or is_same_tool) and self.is_complete()


class CallSlots:
    """The tool calls of one choice, in the order of their first appearance.

    The rule: a delta with a part key belongs to the call of its part. Else a call's slot is its
    index. The same index with another id, or with a name where the arguments are complete, is a new
    call. Without an index a known id tells the slot, an unknown one begins a new call, and a delta
    without id continues the call that was written last, unless that one is complete and a name
    comes.
    """

    def __init__(self, log: FindingLog) -> None:
        self.all: list[CallSlot] = []
        self._log = log
        self._written: CallSlot | None = None
        self._by_index: dict[int | None, CallSlot] = {}
        self._by_id: dict[str, list[CallSlot]] = {}
        self._by_part: dict[PartKey, CallSlot] = {}

    def copy(self) -> CallSlots:
        """Return a copy of the calls so far, which later deltas do not change."""
        other = CallSlots(self._log)
        other.all = [slot.copy() for slot in self.all]
        return other

    def add(
        self, delta: ToolCallDelta, chunk: int, *, finished_by: str, manners: Manners
    ) -> CallSlot:
        """Put a delta where it belongs, opening a call where that is due; return the call."""
        slot = self._find(delta, chunk) or self._begin(delta, chunk)
        if delta.index is not None:
            self._by_index[delta.index] = slot
            slot.index = delta.index
        elif manners.sends_call_indexes and delta.part is None:
            self._log.add("call_index_missing", chunk=chunk)
        if delta.id is not None:
            self._take_id(slot, delta.id, chunk)
        if delta.name:
            self._take_name(slot, delta.name, chunk)
        if delta.type and not slot.type:
            slot.type = delta.type
            slot.is_free_text = delta.type in manners.free_text_calls
        if delta.form != "absent":
            self._take_arguments(slot, delta, chunk, manners)
        elif delta.id is None and delta.name is None and delta.type is None:
            self._log.add("call_without_function", chunk=chunk)
        self._written = slot
        if finished_by:
            slot.log.add("call_after_finish", chunk=chunk, reason=shorten(finished_by))
        return slot

    def add_piece(self, delta: ToolCallDelta, chunk: int) -> CallSlot | None:
        """Put a mere piece of the text of a known call where it belongs: most are such.

        Nothing is done for others, and None returned: ``add`` takes them by the whole rule.
        """
        slot = self.find_piece(delta)
        if slot is not None:
            slot.texts.append(delta.arguments)
            slot.chunks.append(chunk)
            slot.has_text = slot.has_text or bool(delta.arguments)
            self._written = slot
        return slot

    def find_piece(self, delta: ToolCallDelta) -> CallSlot | None:
        """Return the known call of a mere piece of its text; None for all others."""
        part, index = delta.part, delta.index
        slot = self._by_index.get(index) if part is None else self._by_part.get(part)
        if slot is None or slot.index != index or slot.has_object or slot.is_named_again:
            return None
        is_said_again = delta.id is not None or delta.name or delta.type not in (None, slot.type)
        return None if is_said_again or delta.form != "text" or delta.again else slot

    def find_again(self, delta: ToolCallDelta) -> CallSlot | None:
        """Return the call that a delta repeats as a whole: by its part, its id, or its index."""
        if delta.part is not None:
            return self._by_part.get(delta.part)
        if delta.id and (known := self._by_id.get(delta.id)):
            return known[0]
        slot = None if delta.index is None else self._by_index.get(delta.index)
        is_other = slot is not None and slot.id and delta.id
        return None if is_other else slot

    def repeat(self, slot: CallSlot, delta: ToolCallDelta, chunk: int) -> int | None:
        """Take a call again, whole: what it lacks. Return its position if its arguments are new."""
        slot.close(chunk)
        if delta.id and not slot.id:
            self._take_id(slot, delta.id, chunk)
        slot.name, slot.type = slot.name or delta.name or "", slot.type or delta.type or ""
        came = "".join(slot.texts)
        if not came and delta.arguments:
            slot.texts.append(delta.arguments)
            slot.chunks.append(chunk)
            slot.has_text = True
            return slot.position
        if came != delta.arguments and delta.form == "text":
            slot.log.add(
                "repetition_differs", chunk=chunk, size=len(delta.arguments), came=len(came)
            )
        return None

    def _begin(self, delta: ToolCallDelta, chunk: int, name: str = "") -> CallSlot:
        slot = CallSlot(len(self.all), delta.index, chunk, delta.part)
        slot.name = name
        self.all.append(slot)
        if delta.part is not None:
            self._by_part[delta.part] = slot
        return slot

    def _find(self, delta: ToolCallDelta, chunk: int) -> CallSlot | None:
        """Return the call that a delta continues; None where it begins one."""
        if delta.part is not None:
            return self._by_part.get(delta.part)
        id, name = delta.id or "", delta.name or ""
        for known in self._by_id.get(id, ()) if id else ():
            if delta.index is None or known.index in (None, delta.index):
                return known
        if delta.index is None:
            slot = None if id else self._written
        else:
            slot = self._by_index.get(delta.index)
        if slot is None:
            return None
        is_other_id = bool(id and slot.id)
        if is_other_id and not name and not slot.is_complete():
            # No name, and ours is not complete: a new id on every delta, as vLLM once sent them.
            slot.log.add("call_id_changed", chunk=chunk, text=shorten(id))
            return slot
        if is_other_id or not slot.is_followed_by(name, delta.arguments):
            return None if is_other_id else slot
        return None if name else self._begin(delta, chunk, slot.name)

    def _take_id(self, slot: CallSlot, id: str, chunk: int) -> None:
        """Take an id: the first that is not empty."""
        if not id:
            slot.log.add("call_id_null", chunk=chunk)
            return
        if not slot.id:
            slot.id = id
            self._by_id.setdefault(id, []).append(slot)
        if id != slot.id:
            return  # another id is reported as a change
        slot.ids += 1
        if slot.ids > 1:
            slot.log.add("call_id_repeated", chunk=chunk, count=2 if slot.ids == 2 else 1)

    def _take_name(self, slot: CallSlot, name: str, chunk: int) -> None:
        """Take a name: once; joined where it comes in pieces; kept where it is sent again."""
        slot.names += 1
        if not slot.name:
            slot.name = name
            slot.name_pieces = 1
        elif name == slot.name:
            slot.is_named_again = slot.is_complete()
            slot.log.add("call_name_repeated", chunk=chunk, count=2 if slot.names == 2 else 1)
        elif not slot.has_text:
            slot.name += name
            slot.name_pieces += 1
            count = 2 if slot.name_pieces == 2 else 1
            slot.log.add("call_name_in_pieces", chunk=chunk, count=count)
        else:
            slot.log.add("call_name_changed", chunk=chunk, text=shorten(name))

    def _take_arguments(
        self, slot: CallSlot, delta: ToolCallDelta, chunk: int, manners: Manners
    ) -> None:
        if delta.arguments:
            if slot.has_object and delta.part is not None:
                slot.texts = [""] * len(slot.texts)  # a part's pieces replace what began it
            slot.has_object = delta.form == "object"
        text = delta.arguments
        if delta.form == "paths":
            text = self._write_pieces(slot, delta, chunk)
        slot.texts.append(text)
        slot.chunks.append(chunk)
        if text:
            slot.has_text = True
        if delta.form == "null":
            slot.log.add("arguments_null", chunk=chunk)
        elif (
            delta.form == "object"
            and manners.arguments_as == "text"
            and slot.type not in manners.json_calls
        ):
            slot.log.add("arguments_object", chunk=chunk)

    def _write_pieces(self, slot: CallSlot, delta: ToolCallDelta, chunk: int) -> str:
        """Return the text that values at paths add to the arguments."""
        if slot.writer is None and not slot.has_text:
            slot.writer = PathWriter()
        writer = slot.writer
        added: list[str] = []
        for piece in delta.pieces:
            text = None if writer is None else writer.write(piece)
            if text is None:
                slot.log.add("arguments_piece_misplaced", chunk=chunk, text=shorten(piece.json))
            else:
                added.append(text)
        if writer is not None and not delta.goes_on:
            added.append(writer.close())
        return "".join(added)
