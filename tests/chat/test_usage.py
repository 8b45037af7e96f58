"""Usage as it is shown, and kept as it was sent."""

from __future__ import annotations

from chatviz.chat.usage import Usage


def test_a_usage_shows_its_numbers_and_not_the_providers_text() -> None:
    usage = Usage(input_tokens=3, output_tokens=2, sent='{"secret": "words"}')
    assert repr(usage).startswith("Usage(input_tokens=3, output_tokens=2, cache_read_tokens=None")
    assert "words" not in repr(usage)
    assert usage.raw == {"secret": "words"}


def test_what_is_no_object_is_no_usage_of_a_provider() -> None:
    assert Usage(sent="[1]").raw == {}
    assert Usage().raw == {}
