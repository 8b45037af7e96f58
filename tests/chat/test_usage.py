"""Usage as it is shown, and kept as it was sent."""

from __future__ import annotations

import pytest

from chatviz.chat.usage import Usage


def test_a_usage_shows_its_numbers_and_not_the_providers_text() -> None:
    usage = Usage(input_tokens=3, output_tokens=2, sent='{"secret": "words"}')
    assert repr(usage).startswith("Usage(input_tokens=3, output_tokens=2, cache_read_tokens=None")
    assert "words" not in repr(usage)
    assert usage.raw == {"secret": "words"}


def test_what_is_no_object_is_no_usage_of_a_provider() -> None:
    assert Usage(sent="[1]").raw == {}
    assert Usage().raw == {}


@pytest.mark.parametrize(
    ("input", "output", "thought", "total", "place", "generated"),
    [
        (10, 5, 20, 35, "outside", 25),
        (10, 25, 20, 35, "inside", 25),
        (10, 5, 20, 15, "uncounted", 25),
        (10, 5, 20, 99, None, 5),
        (10, 5, 0, 15, None, 5),
        (10, 5, -5, 10, None, 5),
        (10, 5, None, 15, None, 5),
        (10, 25, 20, None, None, 25),
        (None, 25, 20, 35, None, 25),
        (10, None, 20, 35, None, None),
    ],
)
def test_the_total_tells_where_reasoning_was_counted(
    input: int | None,
    output: int | None,
    thought: int | None,
    total: int | None,
    place: str | None,
    generated: int | None,
) -> None:
    usage = Usage(input, output, None, None, thought, total)
    assert (usage.reasoning_place, usage.generated_tokens) == (place, generated)
