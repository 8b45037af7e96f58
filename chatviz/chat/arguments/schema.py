"""What a tool's JSON Schema says of each path of a call's arguments.

Schemas come from requests, and are as hostile as answers. No `$ref` leaves the document, no
pattern is evaluated, and the work is bounded: what cannot be said is told in the check itself,
and nothing is raised. The validators are made in `chatviz.chat.arguments.schema_rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

from chatviz.chat.arguments.partial import name_step, read_step
from chatviz.chat.arguments.plain_schema import NOT_DESCRIBED, inner_schema
from chatviz.chat.arguments.schema_rules import SchemaFault, TooMuchWork, Work, find_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema.exceptions import ValidationError

    from chatviz.chat.arguments.growth import ArgumentGrowth

__all__ = ["PathVerdict", "SchemaCheck", "Verdict", "check_arguments"]

Verdict: TypeAlias = Literal[
    "right", "not described", "wrong type", "wrong value", "missing", "not allowed"
]


class PathVerdict(msgspec.Struct, frozen=True, gc=False):
    """What the schema says of one path.

    `index` is its place in `ArgumentGrowth.paths`, None where the arguments do not have it.
    `message` says what is wrong, and is empty where all is right. What the schema allows but has no
    word for, such as a key that the model made up, is "not described".
    """

    index: int | None
    path: str
    verdict: Verdict
    message: str

    @property
    def is_wrong(self) -> bool:
        """Whether it breaks the schema."""
        return self.verdict not in ("right", "not described")


@dataclass(frozen=True, slots=True)
class SchemaCheck:
    """The verdict on every path of the value, then on what is missing.

    Attributes
    ----------
    verdicts
        One for each path of the value in the order in which they began, then one for each
        missing path. What a later key of the same name replaced is no part of the value, and
        has none. Of arguments that broke off, what came is checked: what is open, and right as
        far as it came, is right.
    fault
        Why the schema could not be used, or not to its end; None for a good one. Then there are
        only the verdicts on what was found to be wrong before.
    notes
        What the schema asks for and is not evaluated.
    """

    verdicts: tuple[PathVerdict, ...]
    fault: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def wrong(self) -> tuple[PathVerdict, ...]:
        """The verdicts on what breaks the schema."""
        return tuple(row for row in self.verdicts if row.is_wrong)


def check_arguments(growth: ArgumentGrowth, schema: object) -> SchemaCheck:
    """Check what a call's arguments say against the JSON Schema of its tool.

    Parameters
    ----------
    growth
        The arguments; where they broke off, what came is checked.
    schema
        The schema as JSON gives it. Its draft is what `$schema` says, else 2020-12.

    Returns
    -------
    SchemaCheck
        Never an error: a schema that cannot be used is the check's `fault`.
    """
    work = Work()
    entries = _Entries(growth)
    if growth.text and not growth.marks:
        return SchemaCheck(())
    fault = _find_errors(entries, growth.value, schema, work)
    rows: dict[int | str, PathVerdict] = {} if fault else dict(entries.all_right(schema))
    rows |= entries.wrong
    ordered = sorted(rows.values(), key=lambda row: (row.index is None, row.index or 0))
    return SchemaCheck(tuple(ordered), fault, tuple(work.notes))


def _find_errors(entries: _Entries, value: Any, schema: object, work: Work) -> str | None:
    """Collect what is wrong; return why that could not be done, or not to its end."""
    try:
        for error in find_errors(schema, value, work):
            for cause in _find_causes(error):
                entries.add(cause)
    except (SchemaFault, TooMuchWork) as reason:
        return _shorten(str(reason))
    # A stranger's schema and a stranger's value meet in a library that promises no error but its
    # own: whatever comes of it is a fault of the schema, and never a reason to show nothing.
    except Exception as error:
        return _shorten(f"The check could not be made: {type(error).__name__}: {error}")
    return None


def _find_causes(error: ValidationError) -> Iterator[ValidationError]:
    """Replace "none of the alternatives fits" by what is wrong in the one that was meant."""
    alternatives: dict[Any, list[ValidationError]] = {}
    for child in error.context or ():
        alternatives.setdefault(child.relative_schema_path[0], []).append(child)
    fitting = [branch for branch in alternatives.values() if not _is_other_type(branch)]
    if len(fitting) > 1:
        fitting = [branch for branch in fitting if not any(map(_is_other_tag, branch))]
    if len(fitting) != 1:
        yield error
        return
    for child in fitting[0]:
        yield from _find_causes(child)


def _is_other_type(branch: list[ValidationError]) -> bool:
    return any(error.validator == "type" and not error.relative_path for error in branch)


def _is_other_tag(error: ValidationError) -> bool:
    return error.validator in ("const", "enum") and len(error.relative_path) <= 1


_VERDICTS: Final[dict[object, Verdict]] = {
    "required": "missing",
    "properties": "not allowed",  # by the schema `false` for a key; so are the next two
    "prefixItems": "not allowed",
    "additionalProperties": "not allowed",
    "propertyNames": "not allowed",
    None: "not allowed",  # by `false` for the whole
    "type": "wrong type",
}
_RANKS: Final = ("missing", "not allowed", "wrong type", "wrong value")


class _Entries:
    """Finds the paths that errors speak of, and keeps the gravest verdict on each.

    An entry's key is its place in `ArgumentGrowth.paths`, or the path of what is missing there.
    """

    def __init__(self, growth: ArgumentGrowth) -> None:
        self.wrong: dict[int | str, PathVerdict] = {}
        self._paths = growth.paths
        marks, text = growth.marks, growth.text
        # Of equal keys the last one wins here as it does in the value.
        self._children = {
            (marks.parents[index], read_step(text, marks, index)): index
            for index in range(1, len(marks))
        }

    def all_right(self, schema: object) -> Iterator[tuple[int | str, PathVerdict]]:
        """Say of every path in the value that it is right, or not described."""
        root: int | str = 0 if self._paths else "$"
        yield root, PathVerdict(0 if self._paths else None, "$", "right", "")
        kept = {0: schema}
        for (parent, step), index in sorted(self._children.items(), key=lambda item: item[1]):
            if parent in kept:
                kept[index] = inner = inner_schema(kept[parent], step)
                verdict: Verdict = "not described" if inner is NOT_DESCRIBED else "right"
                yield index, PathVerdict(index, self._paths[index].path, verdict, "")

    def add(self, error: ValidationError) -> None:
        """Keep an error's verdict, unless a graver one is known for its path."""
        key, path = self._find(tuple(error.absolute_path))
        verdict, index = _judge(error), key if isinstance(key, int) else None
        if index is not None and self._may_mend(index, verdict):
            return
        known = self.wrong.get(key)
        if known is None or _RANKS.index(verdict) < _RANKS.index(known.verdict):
            self.wrong[key] = PathVerdict(index, path, verdict, _shorten(error.message))

    def _may_mend(self, index: int, verdict: Verdict) -> bool:
        """Tell whether what is wrong may only be that a value has not come to its end."""
        return verdict in ("missing", "wrong value") and not self._paths[index].is_complete

    def _find(self, steps: Sequence[str | int]) -> tuple[int | str, str]:
        index = 0
        for step in steps:
            child = self._children.get((index, step))
            if child is None:  # only the last step can be missing
                path = self._name(index) + name_step(step)
                return path, path
            index = child
        return index if self._paths else "$", self._name(index)

    def _name(self, index: int) -> str:
        return self._paths[index].path if self._paths else "$"


def _judge(error: ValidationError) -> Verdict:
    if error.context and all(
        child.validator == "type" and not child.relative_path for child in error.context
    ):
        return "wrong type"
    return _VERDICTS.get(error.validator, "wrong value")


_SHOWN: Final = 160


def _shorten(message: str) -> str:
    if len(message) <= _SHOWN:
        return message
    return f"{message[: _SHOWN // 2]} … {message[-_SHOWN // 2 :]}"
