"""``html``, ``compare`` and ``open``: pages for the browser, which need no notebook."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.grids import grid_lines
from chatviz.doors.cli.sources import (
    STDIN,
    GivenSource,
    find_sources,
    load,
    load_all,
    one_source,
    read_talks,
    source_argument,
    sources_argument,
)
from chatviz.doors.cli.targets import check_targets
from chatviz.doors.cli.terminal import echo, paint, safe_text, width_of, wrap_cells

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chatviz.views.drawing.html import Cell, Table
    from chatviz.views.view import View

__all__ = ["compare", "html", "open_"]

VIEWS: Final = (
    "inspect",
    "timeline",
    "tool-calls",
    "transcript",
    "usage",
    "pace",
    "cache",
    "compare",
    "overview",
)


@click.command(short_help="Save a view as one self-contained page.")
@sources_argument
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), required=True,
    help="The page to write.",
)  # fmt: skip
@click.option("--view", type=click.Choice(VIEWS), default="inspect", show_default=True)
@click.option("--title", default="", help="The page's title; by default what it shows.")
@click.option("--note", default="", help="A sentence above the view.")
def html(sources: tuple[str, ...], output: Path, view: str, title: str, note: str) -> None:
    """Save a view as one page that needs nothing from any network.

    It holds the streams as they came: `chatviz redact` first, where there may be secrets.
    """
    check_targets(sources, output)
    made = _make_view(view, find_sources(sources))
    made.save(output, title=title, note=note)
    echo(safe_text(f"{output}: {made.sentence}"))


@click.command(short_help="Compare two answers to one question.")
@source_argument("first")
@source_argument("second")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Save the page, too.")
@click.pass_context
def compare(context: click.Context, first: str, second: str, output: Path | None) -> None:
    """Compare two answers to one question: numbers, texts, calls, findings.

    `compare` sets two answers side by side, such as those of two providers; `diff` takes two
    recordings of one test, and says what changed in how the answer is sent and in what it says.

    Exit codes: 0 what was said is the same, 1 it differs.
    """
    from chatviz.views.compare.compare import compare as view_of
    from chatviz.views.compare.sides import compare_sides

    check_targets([first, second], output)
    sides = [read_talks(load(one_source(one))) for one in (first, second)]
    view = view_of(*sides)
    for line in wrap_cells(view.sentence, width_of(None)):
        echo(line)
    for table in view.tables:
        echo()
        for line in _table_lines(table, width_of(None)):
            echo(line)
    if output is not None:
        view.save(output)
        echo(f"\nWritten: {safe_text(str(output))}")
    if any(strand.differs for strand in compare_sides(tuple(sides)).strands):
        context.exit(1)


@click.command("open", short_help="Look at a recording or a folder in the browser.")
@source_argument("source")
@click.option("--no-browser", is_flag=True, help="Only say where it is.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="For a folder; 0 is any.")
def open_(source: str, no_browser: bool, port: int) -> None:
    """Look at a recording, or at a folder of them, in the browser.

    A recording becomes a page of its own. A folder is served on this machine only, until Ctrl-C,
    at an address that nobody can guess.
    """
    if source != STDIN and Path(source).is_dir():
        from chatviz.doors.cli.folder_site import serve_folder

        serve_folder(Path(source), port=port, opens=not no_browser)
        return
    recording = one_source(source)
    name = "standard input" if recording == STDIN else Path(recording).name
    view = _make_view("inspect", [GivenSource(recording)])
    page = Path(mkdtemp(prefix="chatviz-"), f"{Path(name).stem}.html")
    view.save(page, title=name)
    echo(safe_text(str(page)))
    if not no_browser:
        webbrowser.open(page.as_uri())


def _make_view(name: str, sources: list[GivenSource]) -> View:
    from chatviz.views.cache.cache import cache
    from chatviz.views.compare.compare import compare as compare_view
    from chatviz.views.inspector.inspect import inspect
    from chatviz.views.pace.pace import pace
    from chatviz.views.timeline.timeline import timeline
    from chatviz.views.tool_calls.tool_calls import tool_calls
    from chatviz.views.transcript.transcript import transcript
    from chatviz.views.usage.usage import usage

    each = (read_talks(cassette) for _, cassette in load_all(sources))
    if name == "overview":
        from chatviz.views.overview.overview import overview

        return overview(talk for talks in each for talk in talks)
    sides = list(each)
    if name == "compare":
        if len(sides) < 2:
            raise click.UsageError("compare wants two recordings or more, found one.")
        return compare_view(*sides)
    views: dict[str, Callable[..., View]] = {
        "inspect": inspect, "timeline": timeline, "tool-calls": tool_calls,
        "transcript": transcript, "usage": usage, "pace": pace, "cache": cache,
    }  # fmt: skip
    return views[name]([talk for talks in sides for talk in talks])


def _table_lines(table: Table, width: int) -> Iterator[str]:
    """Yield a table with its title; a column in which nothing is known is left out."""
    known = [place for place in range(len(table.columns))
             if any(row[place] is not None for row in table.rows)]  # fmt: skip
    yield paint(safe_text(table.title), bold=True)
    columns = [table.columns[place] for place in known]
    rows = [[_cell(row[place]) for place in known] for row in table.rows]
    yield from (f"  {line}" for line in grid_lines(columns, rows, width - 2))


def _cell(cell: Cell) -> str:
    from chatviz.views.drawing.html import format_cell

    return "" if cell is None else cell if isinstance(cell, str) else format_cell(cell)
