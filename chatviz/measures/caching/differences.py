"""What a prompt shares with an earlier one from its start, and where the two part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from chatviz.measures.caching.prompt import Prompt, PromptBlock, PromptPiece, Region

__all__ = ["PromptComparison", "PromptDifference", "compare_prompts"]


class PromptDifference(msgspec.Struct, frozen=True):
    """The first place at which two prompts part.

    Attributes
    ----------
    region : str
        ``"model"``, ``"tools"``, ``"system"``, ``"options"`` or ``"message"``.
    message : int | None
        The number of the message, counted in the request.
    place : str
        The path of the value in the request, as it was sent; ``"host"`` for the server's name.
    before, after : str | None
        The whole value on both sides; None on the side that has none.
    same : int
        How many characters of the two values are the same from their start.
    """

    region: Region
    message: int | None
    place: str
    before: str | None
    after: str | None
    same: int

    @property
    def same_bytes(self) -> int:
        """How many bytes of the two values are the same from their start."""
        return len((self.after or "")[: self.same].encode("utf-8", "surrogatepass"))


class PromptComparison(msgspec.Struct, frozen=True):
    """A prompt beside an earlier one.

    Attributes
    ----------
    shared_bytes : int
        Bytes of the prompt that are the earlier one's, from the start on.
    changed_bytes : int
        Bytes behind these that the earlier one had in some form; 0 where it is only extended.
    new_bytes : int
        Bytes behind the length of the earlier one.
    difference : PromptDifference | None
        Where they part; None where one of them begins with the whole other.
    outside : tuple of str
        Options that changed, and reach no prompt.
    """

    shared_bytes: int
    changed_bytes: int
    new_bytes: int
    difference: PromptDifference | None
    outside: tuple[str, ...]


def compare_prompts(earlier: Prompt, later: Prompt) -> PromptComparison:
    """Compare a prompt with an earlier one.

    Where the server keeps what was said before, the messages are new, and all else is compared.
    """
    ours, theirs = earlier, later
    if later.has_history:
        ours, theirs = _without_messages(earlier), _without_messages(later)
    at = _count_same(ours.blocks, theirs.blocks)
    shared = sum([block.size for block in theirs.blocks[:at]])
    difference = None
    for (_, one), (block, other) in zip(ours.pieces_from(at), theirs.pieces_from(at), strict=False):
        if _is_same(one, other):
            shared += other.size
        elif earlier.is_raw and block.region == "message" and _goes_on(one, other):
            shared += one.size
        else:
            difference = _describe(ours, theirs, at, one, other)
            if one.place == other.place:
                shared += min(difference.same_bytes, other.size)
            break
    behind = later.size - shared
    changed = 0 if difference is None else max(0, min(earlier.size - shared, behind))
    return PromptComparison(
        shared, changed, behind - changed, difference, _changed_options(earlier, later)
    )


def _changed_options(earlier: Prompt, later: Prompt) -> tuple[str, ...]:
    before, after = earlier.outside, later.outside
    if before == after:
        return ()
    names = sorted(before.keys() | after.keys())
    return tuple([name for name in names if before.get(name) != after.get(name)])


def _without_messages(prompt: Prompt) -> Prompt:
    return replace(prompt, blocks=[block for block in prompt.blocks if block.region != "message"])


def _count_same(ours: Sequence[PromptBlock], theirs: Sequence[PromptBlock]) -> int:
    """Return how many blocks two prompts have in common from the start."""
    count = 0
    for one, other in zip(ours, theirs, strict=False):
        if one is not other and not (
            len(one.pieces) == len(other.pieces) and all(map(_is_same, one.pieces, other.pieces))
        ):
            break
        count += 1
    return count


def _is_same(one: PromptPiece, other: PromptPiece) -> bool:
    return one.text == other.text and one.place == other.place and one.kind == other.kind


def _goes_on(one: PromptPiece, other: PromptPiece) -> bool:
    """Whether a prompt that is one text only goes on where the earlier one ended."""
    is_same_place = one.place == other.place and one.kind == other.kind == "text"
    return is_same_place and other.text.startswith(one.text)


def _describe(
    earlier: Prompt, later: Prompt, at: int, one: PromptPiece, other: PromptPiece
) -> PromptDifference:
    """Describe where two prompts part: at two pieces, which are behind the block ``at``."""
    theirs, both = _block_of(later, at, other), _place_of_both(one.place, other.place)
    if both is None:
        if all(piece.place != other.place for _, piece in earlier.pieces_from(at)):
            return _differ(theirs, other.place, None, later.show_piece(other))
        return _differ(_block_of(earlier, at, one), one.place, earlier.show_piece(one), None)
    if one.place == other.place and one.kind == other.kind == "names":
        names = set(one.text.split(",")) ^ set(other.text.split(","))
        if not names:  # the same names in another order
            return _differ(theirs, both, one.text, other.text)
        name = min(names)
        told = earlier.show_named(one, name), later.show_named(other, name)
        return _differ(theirs, f"{both}.{name}", *told)
    return _differ(theirs, both, earlier.show_piece(one), later.show_piece(other))


def _place_of_both(one: str, other: str) -> str | None:
    """Return the place of a value that both have, of any kind; None where one has none."""
    short, long = sorted((one, other), key=len)
    return short if long == short or long.startswith((f"{short}[", f"{short}.")) else None


def _block_of(prompt: Prompt, at: int, wanted: PromptPiece) -> PromptBlock:
    return next(block for block, piece in prompt.pieces_from(at) if piece is wanted)


def _differ(
    block: PromptBlock, place: str, before: str | None, after: str | None
) -> PromptDifference:
    same = _common_start(before or "", after or "")
    shown = block.show_place(place)
    return PromptDifference(block.region, block.message, shown, before, after, same)


def _common_start(one: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
