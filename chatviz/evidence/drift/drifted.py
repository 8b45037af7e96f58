"""Drift: what changed between two recordings, with a verdict for each layer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from chatviz.evidence.drift.change import LAYERS, Change, Layer
from chatviz.shown import Shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Drift", "DriftWord", "LayerVerdict"]

DriftWord: TypeAlias = Literal["same", "respelt", "different", "not compared"]


class LayerVerdict(NamedTuple):
    """What is said of a layer: the word, how many changes there are, why it was not compared."""

    word: DriftWord
    changes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Drift(Shown):
    """What changed between two recordings of the same test.

    Attributes
    ----------
    old, new : str
        Where they come from; ``""`` where that is not known.
    changes : tuple of Change
        What differs, layer by layer.
    judged : mapping of str to LayerVerdict
        For each layer the verdict with its count and its reason.
    notes : tuple of str
        What may explain the changes, and is none itself: another model, another request, a
        finding that only one side has.
    """

    old: str
    new: str
    changes: tuple[Change, ...] = field(repr=False)
    judged: dict[Layer, LayerVerdict] = field(repr=False)
    notes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def verdicts(self) -> dict[Layer, DriftWord]:
        """A word for each layer.

        ``"same"``; ``"respelt"``: the same JSON values, spelled otherwise; ``"different"``;
        ``"not compared"``: there is no clock, or the dialect is not read.
        """
        return {layer: verdict.word for layer, verdict in self.judged.items()}

    @property
    def is_same(self) -> bool:
        """Whether nothing changed but times and the spelling of arguments.

        False where a layer other than times could not be compared.
        """
        return not self.failing()

    def failing(self, layers: Collection[str] = LAYERS[:-1]) -> tuple[Layer, ...]:
        """Return those layers of some that changed, or of which it is not known.

        Parameters
        ----------
        layers : collection of str
            By default all but times. Times that cannot be compared have not changed.
        """
        return tuple(
            layer
            for layer, word in self.verdicts.items()
            if layer in layers
            and (word == "different" or (word == "not compared" and layer != "times"))
        )

    @property
    def table(self) -> pd.DataFrame:
        """What changed, a row for each change; empty where nothing did.

        Columns ``layer``, ``conversation`` and ``step`` (from 0, as in the old recording; for what
        came, as in the new one), ``place`` (a field, a part, an argument, a number), ``what``
        (``"came"``, ``"went"``, ``"changed"``, ``"moved"``, ``"respelt"``), ``old`` and ``new``
        (in words; missing for what came, or went).
        """
        from chatviz.evidence.drift.table import change_table

        return change_table(self.changes)

    @property
    def sentence(self) -> str:
        """The verdicts in one sentence."""
        told = [f"{layer} {word}" for layer, word in self.verdicts.items()]
        return f"Drift: {', '.join(told)}."

    def as_json(self) -> dict[str, Any]:
        """Return all of it for programs: plain dicts, lists and texts."""
        return {
            "old": self.old,
            "new": self.new,
            "is_same": self.is_same,
            "layers": {
                layer: {"verdict": one.word, "changes": one.changes, "reason": one.reason}
                for layer, one in self.judged.items()
            },
            "notes": list(self.notes),
            "changes": [
                {name: getattr(one, name) for name in Change.__dataclass_fields__}
                for one in self.changes
            ],
        }

    def __repr__(self) -> str:
        return f"<{self.sentence}>"
