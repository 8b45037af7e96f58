"""docs/sdk-matrix.md says what the libraries that are installed say now; times are not read."""

from __future__ import annotations

import re

import pytest

from bent_streams import BENT_STREAMS
from chatviz.evidence.sdks.sdk import find_sdks
from make_sdk_matrix import INTRO, PAGE, make_matrix, named_runs, tables

TEXT = PAGE.read_text(encoding="utf-8")


def cells_of(text: str) -> dict[tuple[str, str, str], str]:
    """Return the cells of the tables by dialect, stream and library with its version."""
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        lines = [line for line in section.splitlines() if line.startswith("| ")]
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
        if section.startswith("`"):
            head, _, *body = rows
            for row in body:
                for library, cell in zip(head[1:], row[1:], strict=True):
                    found[section.split("`")[1], row[0], library] = cell
    return found


def test_the_page_holds_every_stream_and_says_which_are_synthetic() -> None:
    assert TEXT.startswith(INTRO)
    assert re.search(r"^Made on \d{4}-\d\d-\d\d by `python docs/make_sdk_matrix.py`", TEXT, re.M)
    streams = {(dialect, name) for dialect, name, _ in cells_of(TEXT)}
    read = {dialect for dialect, _ in streams}
    wanted = {(run.dialect, name) for name, run in named_runs() if run.dialect in read}
    assert streams == wanted
    assert sum(name.startswith("synthetic: ") for _, name in streams) == len(BENT_STREAMS)


@pytest.mark.parametrize("name", find_sdks())
def test_a_column_is_what_its_library_says(name: str) -> None:
    sdk = find_sdks()[name]
    if sdk.is_absent:
        pytest.skip(f"{name} is not installed")
    column = f"{name} {sdk.version}"
    told = {key: cell for key, cell in cells_of(TEXT).items() if key[2] == column}
    if not told:
        pytest.skip(f"{column} is not the version that the page was made with")
    read = cells_of("\n".join(tables(make_matrix([name]))))
    assert read == {key: cell for key, cell in told.items() if key in read or cell != "·"}


def test_each_bent_stream_is_read_as_a_stream_of_its_dialect() -> None:
    for one in BENT_STREAMS:
        assert one.run.dialect in ("openai-chat", "anthropic-messages"), one.name
        assert one.run.framing == "sse" and one.run.chunks
    names = [(one.run.dialect, one.name) for one in BENT_STREAMS]
    assert len(set(names)) == len(names)
