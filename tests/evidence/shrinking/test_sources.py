"""A function's source with all that it needs, so that it runs where nothing else is."""

from __future__ import annotations

import json
import json as spelled
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from chatviz.evidence.shrinking.sources import source_with_needs

LIMIT = 3
TABLE = {"a": object()}
PAIRS = {"a": (1, 2)}
KEY = "sk-proj-" + "Ab1" * 16


def parse(text: str) -> Any:
    return [spelled.loads(one) for one in text.split()]


def counts(run: cv.StreamRun, text: str = "") -> bool:
    """Use a constant, a function of this module, one of another, and a name of the annotations."""
    path = Path()
    return len(parse(text)) > LIMIT and bool(json.dumps(str(path)))


def looks_up(run: cv.StreamRun) -> bool:
    return "a" in TABLE


def pairs(run: cv.StreamRun) -> bool:
    return "a" in PAIRS


def with_key(run: cv.StreamRun) -> bool:
    return KEY in run.head.url


def test_all_that_it_needs_stands_before_it() -> None:
    imports, source = source_with_needs(counts)
    assert imports == [
        "from pathlib import Path",
        "from typing import Any",
        "import chatviz as cv",
        "import json",
        "import json as spelled",
    ]
    assert source.index("LIMIT = 3") < source.index("def counts(")
    assert source.index("def parse(") < source.index("def counts(")
    names: dict[str, Any] = {}
    exec("\n".join(imports) + "\n" + source, names)
    assert names["counts"](None, "1 2 3 4") is True


def takes_many(items: dict[str, Any], *rest: Path, at: int | None = None) -> bool:
    return bool(items)


def test_names_inside_of_annotations_are_imported() -> None:
    """A test evaluates annotations that this module leaves as texts."""
    imports, source = source_with_needs(takes_many)
    assert imports == ["from pathlib import Path", "from typing import Any"]
    exec("\n".join(imports) + "\n" + source, {})


def test_a_value_that_can_be_written_is_written() -> None:
    assert source_with_needs(pairs)[1].startswith("PAIRS = {'a': (1, 2)}\n")


def held(value: int) -> Callable[[Any], bool]:
    def inner(run: Any) -> bool:
        return bool(value)

    return inner


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda run: True, "a lambda, say"),
        (held(1), "a lambda, say"),
        (len, "a lambda, say"),
        (with_key, "found what looks like a key"),
        (looks_up, "found one that uses 'TABLE', which cannot be written"),
    ],
)
def test_what_cannot_stand_in_a_test_is_said(function: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        source_with_needs(function)
