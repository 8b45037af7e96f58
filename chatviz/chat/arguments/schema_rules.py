"""The rules of JSON Schema as far as they are evaluated, and how much work they may cost.

The rules are those of the jsonschema library, with the dangerous ones taken out: patterns (a
hostile one takes for ever), references that leave the document, and a `$schema` or `$id` further
in (either would bring the library's own rules back). Every rule that runs is counted.
"""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema.exceptions import ValidationError

    # A validator, the keyword's value, the instance, the schema around the keyword.
    Rule: TypeAlias = Callable[[Any, Any, Any, Any], Iterable[ValidationError] | None]

__all__ = ["SchemaFault", "TooMuchWork", "Work", "find_errors"]


class SchemaFault(Exception):
    """A schema cannot be used. It stays inside ``arguments.schema``, as the next one does."""


class TooMuchWork(Exception):
    """A check cost more than it may."""


class Work:
    """Counts what one check costs, and notes what it leaves out."""

    STEPS: Final = 100_000  # of some five microseconds each
    # Rules within rules. Each takes four frames of the stack, and the library must never come
    # to its end: its registry answers that with a panic that cannot be caught as an Exception.
    NESTING: Final = 90

    def __init__(self) -> None:
        self.steps = 0
        self.nesting = 0
        self.notes: dict[str, None] = {}  # in the order of their first mention

    def charge(self, steps: int) -> None:
        """Count steps, and give up where they are too many."""
        self.steps += steps
        if self.steps > self.STEPS:
            raise TooMuchWork(f"Checking took more than {self.STEPS} steps and was given up.")

    def enter(self, steps: int) -> None:
        """Count the steps of a rule within other rules."""
        self.charge(steps)
        self.nesting += 1
        if self.nesting > self.NESTING:
            raise TooMuchWork("The schema, or what it is to check, is nested too deeply.")

    def note(self, text: str) -> None:
        """Say once what is not evaluated."""
        self.notes[text] = None


def find_errors(schema: object, value: object, work: Work) -> Iterator[ValidationError]:
    """Find what is wrong with a value.

    Raises
    ------
    SchemaFault, TooMuchWork
        And whatever the library raises where a schema is stranger than it expects.
    """
    validator, notes = _prepare(json.dumps(schema))
    for text in notes:
        work.note(text)
    token = _WORK.set(work)
    try:
        yield from validator.iter_errors(value)
    finally:
        _WORK.reset(token)


_WORK: ContextVar[Work] = ContextVar("work")
_SCHEMA_LIMIT: Final = 5_000  # values in a schema: checking that many takes about a second
_DEPTH_LIMIT: Final = 48  # of objects and arrays: see Work.NESTING
_UNIQUE_LIMIT: Final = 200  # items: each may have to be compared with each


@lru_cache(maxsize=64)
def _prepare(schema_text: str) -> tuple[Any, tuple[str, ...]]:
    """Choose the draft, take out what is dangerous, and check the schema itself."""
    _load_library()
    from jsonschema import Draft3Validator, Draft202012Validator, SchemaError, validators
    from referencing import Registry

    schema = json.loads(schema_text)
    if not isinstance(schema, dict | bool):
        raise SchemaFault(f"A schema is an object or a boolean, not {type(schema).__name__}.")
    notes: list[str] = []
    draft = schema.get("$schema", "") if isinstance(schema, dict) else ""
    base: Any = validators.validator_for({"$schema": str(draft)}, default=Draft202012Validator)
    if base is Draft3Validator:
        raise SchemaFault("The schema is of draft 3, which is not read.")
    if draft and base is Draft202012Validator and "2020-12" not in str(draft):
        notes.append("$schema names no known draft: 2020-12 is used")
    _clean(schema)
    try:
        base.check_schema(schema, format_checker=None)
    except SchemaError as error:
        raise SchemaFault(f"The schema is faulty at {error.json_path}: {error.message}") from None
    rules = {name: _count(_RULES.get(name) or rule) for name, rule in base.VALIDATORS.items()}
    registry: Any = Registry()  # empty: nothing is fetched, nothing is looked up elsewhere
    extend: Any = validators.extend
    return extend(base, rules)(schema, registry=registry), tuple(notes)


def _load_library() -> None:
    """Load jsonschema without its check of IRIs, which nobody here asks for.

    Where JupyterLab is installed, that check's grammar is built at the import and takes nine
    tenths of it, a second or more. A process that has loaded it already keeps it.
    """
    name = "rfc3987_syntax"
    if "jsonschema" in sys.modules or name in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import jsonschema  # noqa: F401  # only to load it
    finally:
        del sys.modules[name]


def _clean(schema: object) -> None:
    """Take out each `$schema` and `$id`, however deep, and refuse what is too large."""
    waiting, size = [(schema, 1)], 0
    while waiting:
        value, depth = waiting.pop()
        size += 1
        if size > _SCHEMA_LIMIT or depth > _DEPTH_LIMIT:
            raise SchemaFault(
                f"The schema is too large: at most {_SCHEMA_LIMIT} values, "
                f"at most {_DEPTH_LIMIT} within each other, are read."
            )
        if isinstance(value, dict):
            for name in ("$schema", "$id", "id"):
                if isinstance(value.get(name), str):
                    del value[name]
            value = list(value.values())
        if isinstance(value, list):
            waiting.extend((each, depth + 1) for each in value)


def _count(rule: Rule) -> Rule:
    """Make a rule pay for what it does, and for the messages that it writes."""

    def run_counted(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[Any]:
        work = _WORK.get()
        try:
            work.enter(1 + _measure(asked))
            for error in rule(validator, asked, value, schema) or ():
                work.charge(1 + len(error.message) // 16)
                yield error
        finally:
            work.nesting -= 1

    return run_counted


def _measure(asked: object) -> int:
    return len(asked) if isinstance(asked, list | dict | str) else 0


def _require(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    for name in asked if isinstance(value, dict) else ():
        if name not in value:
            yield ValidationError("required, and missing", path=[name])


def _check_keys(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    for name, inner in asked.items() if isinstance(value, dict) else ():
        if name in value:
            yield from _check_inner(validator, inner, value[name], name)


def _check_items(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, list):
        for number, (inner, item) in enumerate(zip(asked, value, strict=False)):
            yield from _check_inner(validator, inner, item, number)


def _check_inner(
    validator: Any, inner: Any, value: Any, step: str | int
) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if inner is False:  # the library would blame the object or array around it
        yield ValidationError("the schema allows nothing here", path=[step])
    else:
        yield from validator.descend(value, inner, path=step)


def _limit_keys(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    if "patternProperties" in schema:
        _WORK.get().note("additionalProperties beside patternProperties is not evaluated")
        return
    known = schema.get("properties", {})
    for name in value if isinstance(value, dict) else ():
        if name not in known:
            yield from _check_inner(validator, asked, value[name], name)


def _name_keys(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    for name in value if isinstance(value, dict) else ():
        for error in validator.descend(name, asked):
            yield ValidationError(f"the key itself: {error.message}", path=[name])


def _compare_items(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[Any]:
    from jsonschema import Draft202012Validator

    if not isinstance(value, list):
        return
    if len(value) > _UNIQUE_LIMIT:
        _WORK.get().note(f"uniqueItems is not evaluated beyond {_UNIQUE_LIMIT} items")
        return
    _WORK.get().charge(len(value) ** 2 // 8)
    yield from Draft202012Validator.VALIDATORS["uniqueItems"](validator, asked, value, schema)


def _follow(validator: Any, asked: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import Draft202012Validator
    from referencing.exceptions import Unresolvable

    if not (isinstance(asked, str) and asked.startswith("#")):
        _WORK.get().note("a $ref that leaves the document is not followed")
        return
    try:
        yield from Draft202012Validator.VALIDATORS["$ref"](validator, asked, value, schema)
    except Unresolvable:
        raise SchemaFault(f"The schema's $ref {asked!r} leads nowhere in it.") from None


def _leave_out(name: str) -> Rule:
    def note(validator: Any, asked: Any, value: Any, schema: Any) -> None:
        _WORK.get().note(f"{name} is not evaluated")

    return note


_RULES: Final[dict[str, Rule]] = {
    "required": _require,
    "properties": _check_keys,
    "prefixItems": _check_items,
    "additionalProperties": _limit_keys,
    "propertyNames": _name_keys,
    "uniqueItems": _compare_items,
    "$ref": _follow,
    "$dynamicRef": _follow,
    **{
        name: _leave_out(name)
        for name in (
            "pattern",
            "patternProperties",
            "unevaluatedProperties",
            "unevaluatedItems",
            "$recursiveRef",
        )
    },
}
