"""Score: what was counted of the answers of one group; and how answers are put into groups."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from operator import attrgetter
from typing import Final, Literal, TypeAlias, get_args

from chatviz.measures.scoring.facts import AnswerFacts, Charge
from chatviz.measures.scoring.shares import Share

__all__ = ["FINISHES", "GROUPINGS", "Grouping", "Score", "score_groups"]

Grouping: TypeAlias = Literal["model", "host", "provider", "dialect", "source"]
FINISHES: Final = ("stop", "length", "tool_calls", "content_filter", "error")
GROUPINGS: Final[tuple[str, ...]] = get_args(Grouping)


class Score:
    """What was counted of the answers of one group.

    Attributes
    ----------
    answers, refused : int
        All of them, and those with an HTTP status of 400 or more.
    warnings, errors : int
        Answers with at least one such finding; what only the recording caused does not count.
    calls, cache, usage : Share
        Calls whose arguments keep to their schema, of those that have a schema that can be used;
        requests that were given something from a cache, of those that could have been; answers
        whose total is input and output tokens, of those with all three.
    finishes : Counter
        The answers by finish reason: one of ``FINISHES``, ``"other"``, or None where there is
        none. One whose choices ended differently counts once for each.
    charges : dict
        For "total", "input" and "output": exact USD and the tokens that they were charged for.
    charged : int
        Answers with a cost and the tokens that it is for.
    first_token_s, gap_s, tokens_per_s : array of float
        Of answers whose time was measured: seconds to the first token, between two chunks, and
        tokens per second once they came.
    """

    def __init__(self) -> None:
        self.answers = self.refused = self.warnings = self.errors = self.charged = 0
        self.calls = self.cache = self.usage = Share(0, 0)
        self.finishes: Counter[str | None] = Counter()
        self.charges: dict[str, tuple[Decimal, int]] = {}
        self.first_token_s, self.gap_s, self.tokens_per_s = array("d"), array("d"), array("d")

    def add(self, answer: AnswerFacts) -> None:
        """Count an answer."""
        self.answers += 1
        self.refused += answer.is_refused
        self.warnings += answer.has_warning
        self.errors += answer.has_error
        self.finishes.update({
            one if one is None or one in FINISHES else "other" for one in answer.finish_reasons
        })  # fmt: skip
        self.calls = Share(self.calls.hits + answer.right_calls, self.calls.of + answer.calls)
        self.cache = _counted(self.cache, answer.is_cached)
        self.usage = _counted(self.usage, answer.adds_up)
        self.charged += answer.total is not None
        self._charge("total", answer.total)
        self._charge("input", answer.input)
        self._charge("output", answer.output)
        if answer.first_token_s is not None:
            self.first_token_s.append(answer.first_token_s)
        if answer.tokens_per_s is not None:
            self.tokens_per_s.append(answer.tokens_per_s)
        self.gap_s.extend(answer.gaps_s)

    def _charge(self, kind: str, charge: Charge | None) -> None:
        if charge is None:
            return
        paid, counted = self.charges.get(kind, (Decimal(0), 0))
        with localcontext(Context(traps=[])):  # a server may send any number
            self.charges[kind] = paid + charge.usd, counted + charge.tokens


def score_groups(answers: Iterable[AnswerFacts], by: Sequence[str]) -> dict[tuple[str, ...], Score]:
    """Return what was counted, by the values that answers have of the groupings.

    Parameters
    ----------
    answers : iterable of AnswerFacts
        Gone through once; none is kept.
    by : sequence of str
        Names in ``GROUPINGS``.
    """
    groups: dict[tuple[str, ...], Score] = {}
    readers = [attrgetter(name) for name in by]
    for answer in answers:
        key = tuple(read(answer) for read in readers)
        groups.setdefault(key, Score()).add(answer)
    return groups


def _counted(share: Share, is_true: bool | None) -> Share:
    """Count one more; none where it is not known."""
    return share if is_true is None else Share(share.hits + is_true, share.of + 1)
