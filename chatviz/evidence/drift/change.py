"""Change: one thing in which two recordings differ, and the layers in which there can be any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["LAYERS", "WHAT", "Change", "Compared", "Layer", "What", "change_of"]

Layer: TypeAlias = Literal["wire", "parts", "calls", "text", "usage", "times"]
LAYERS: Final[tuple[Layer, ...]] = ("wire", "parts", "calls", "text", "usage", "times")

What: TypeAlias = Literal["came", "went", "changed", "moved", "respelt"]
WHAT: Final[tuple[What, ...]] = ("came", "went", "changed", "moved", "respelt")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing in which two recordings differ.

    Attributes
    ----------
    layer : str
        ``"wire"``, ``"parts"``, ``"calls"``, ``"text"``, ``"usage"`` or ``"times"``.
    place : str
        Where in the layer: ``"choices[].delta.role"``, ``"call 0: add: a"``, ``"input_tokens"``.
    what : str
        ``"came"``, ``"went"``, ``"changed"``, ``"moved"``, or ``"respelt"``: the same JSON value,
        spelled otherwise.
    old, new : str | None
        Both sides in words; None on the side that has nothing.
    conversation, step : int | None
        Which of the old recording, from 0; of the new one for what came. None for what is of no
        single one.
    """

    layer: Layer
    place: str
    what: What
    old: str | None = None
    new: str | None = None
    conversation: int | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """What a layer found in two answers.

    Attributes
    ----------
    changes : tuple of Change
    reason : str
        Why all or some of it could not be compared; ``""`` where it was.
    is_known : bool
        Whether anything was compared.
    """

    changes: tuple[Change, ...] = ()
    reason: str = ""
    is_known: bool = True


def change_of(layer: Layer, place: str, old: str | None, new: str | None) -> Iterable[Change]:
    """Return how two values differ, in words: nothing where they are the same."""
    if old != new:
        what: What = "came" if old is None else "went" if new is None else "changed"
        yield Change(layer, place, what, old, new)
