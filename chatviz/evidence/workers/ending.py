"""Ending: how a function ended that ran in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Ending"]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a function ended.

    Attributes
    ----------
    ending : str
        ``"returned"``, ``"raised"``, ``"hung"`` where it took longer than its limit, or ``"died"``
        where its process ended before it did.
    value : object
        What it returned, in plain values: None, truth values, numbers, text, lists and dicts with
        texts as keys. Tuples and sets come as lists, what else is none of these as its ``repr``.
    error, message : str
        The name and the text of the exception; for ``"died"`` how the process ended.
    place : tuple of str
        The file, the function and the line that raised it; empty where none did.
    seconds : float | None
        How long it took, measured in its process; None where it did not return.
    """

    ending: Literal["returned", "raised", "hung", "died"]
    value: Any = field(default=None, repr=False)
    error: str = ""
    message: str = field(default="", compare=False)
    place: tuple[str, ...] = ()
    seconds: float | None = field(default=None, compare=False)
