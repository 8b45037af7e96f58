"""What a command is to read: paths, globs, folders, samples, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from chatviz.doors.cli.terminal import safe_text

if TYPE_CHECKING:
    from chatviz.cassettes.cassette import Cassette
    from chatviz.errors import CassetteError
    from chatviz.runs.conversation import Conversation

__all__ = [
    "STDIN",
    "UNREAD",
    "GivenSource",
    "find_sources",
    "load",
    "load_all",
    "one_source",
    "read_talks",
    "say_passed_over",
    "shown_name",
    "source_argument",
    "sources_argument",
    "with_progress",
]

STDIN: Final = "-"
UNREAD: Final = "chatviz.doors.cli.unread"  # in a context's meta: whether a file was not read
SLOW: Final = 20  # sources: from so many on a progress bar is shown
MANY: Final = 500  # interactions of one recording: so, too
LARGE: Final = 20_000_000  # bytes of one recording: its reading is told

Made = TypeVar("Made", bound=Callable[..., Any])


def sources_argument(function: Made) -> Made:
    """Let a command take one source or more; a shell completes them."""
    return click.argument(
        "sources", metavar="SOURCE...", nargs=-1, required=True, shell_complete=_complete
    )(function)


def source_argument(name: str) -> Callable[[Made], Made]:
    """Let a command take one source, under a name; a shell completes it."""
    return click.argument(name, shell_complete=_complete)


class GivenSource(NamedTuple):
    """A file that is to be read: one that was named, or one that a folder or a glob held."""

    path: str
    is_named: bool = True

    def is_passed_over(self, error: CassetteError) -> bool:
        """Whether it was only come across, and is something else than a recording."""
        from chatviz.errors import CassetteFormatError, CassetteUnsupportedError

        is_other = isinstance(error, CassetteFormatError | CassetteUnsupportedError)
        return is_other and not self.is_named


def find_sources(given: Sequence[str]) -> list[GivenSource]:
    """Return the files that were meant, each once; folders are looked through, globs matched.

    Raises
    ------
    click.UsageError
        A glob or a folder holds nothing that may be a recording.
    """
    found = [source for word in given for source in _expand(word)]
    return list({source.path: source for source in reversed(found)}.values())[::-1]


def one_source(given: str) -> str:
    """Return the path of the only recording that was meant.

    Raises
    ------
    click.UsageError
        There are several.
    """
    found = find_sources([given])
    if len(found) > 1:
        raise click.UsageError(f"wanted one recording, found {len(found)} in {given!r}.")
    return found[0].path


def load(source: str) -> Cassette:
    """Read a recording; the errors are those of ``cv.load_cassette``."""
    from chatviz.cassettes.samples import also_near
    from chatviz.cassettes.storage import load_cassette, read_data
    from chatviz.errors import CassetteNotFoundError

    if source == STDIN:
        return read_data(sys.stdin.buffer.read(), "standard input")
    try:
        if sys.stderr.isatty() and Path(source).stat().st_size >= LARGE:
            megabytes = Path(source).stat().st_size // 1_000_000
            click.echo(f"reading {safe_text(source)} ({megabytes:,} MB) …", err=True)
        return load_cassette(source)
    except CassetteNotFoundError as error:
        raise also_near(error, source) from None


def read_talks(cassette: Cassette) -> list[Conversation]:
    """Read the conversations of a recording, with a bar on a terminal where it takes long."""
    from chatviz.cassettes.reading import iterate_runs
    from chatviz.progress_bar import ProgressBar
    from chatviz.runs.linking import link_runs

    total, runs = len(cassette.interactions), []
    is_shown = total >= MANY and sys.stderr.isatty()
    with ProgressBar(total, doing="reading", unit="answer", is_shown=is_shown, stays=False) as bar:
        for run in iterate_runs(cassette):
            runs.append(run)
            bar.advance(1)
    return list(link_runs(runs))


def shown_name(path: str) -> str:
    """Return what people call a file: a sample has a name, any other its path."""
    from chatviz.cassettes.samples import sample, samples

    return next((name for name in samples() if str(sample(name)) == path), path)


def load_all(
    sources: Sequence[GivenSource], *, shows_progress: bool = True
) -> Iterator[tuple[str, Cassette]]:
    """Yield each recording with its path; what a folder holds besides recordings is counted.

    A recording of a folder that cannot be read is told, and does not stop the rest; the program
    then ends with 2.

    Raises
    ------
    CassetteError
        A file that was named cannot be read.
    click.UsageError
        No file is a recording.
    """
    from chatviz.errors import CassetteError

    passed_over = 0
    for source in with_progress(sources) if shows_progress else sources:
        try:
            cassette = load(source.path)
        except CassetteError as error:
            if source.is_named:
                raise
            if source.is_passed_over(error):
                passed_over += 1
            else:
                click.echo(f"chatviz: {safe_text(str(error))}", err=True)
                click.get_current_context().meta[UNREAD] = True
        else:
            yield source.path, cassette
    say_passed_over(passed_over, len(sources))


def say_passed_over(count: int, files: int) -> None:
    """Say how many files are no recordings.

    Raises
    ------
    click.UsageError
        None is one.
    """
    if count and count == files:
        noun = "the file is no recording" if files == 1 else f"none of {files:,} files is one"
        raise click.UsageError(f"wanted recordings, and {noun}.")
    if count:
        told = (
            "1 file is no recording, and was"
            if count == 1
            else (f"{count:,} files are no recordings, and were")
        )
        click.echo(f"{told} passed over.", err=True)


def with_progress(sources: Sequence[GivenSource]) -> Iterator[GivenSource]:
    """Yield the sources, with a progress bar on a terminal where they are many."""
    is_shown = len(sources) >= SLOW and sys.stderr.isatty()
    bar: Any = nullcontext(sources)
    if is_shown:
        bar = click.progressbar(sources, label="reading", file=sys.stderr, show_pos=True)
    with bar as waiting:
        yield from waiting


def _expand(word: str) -> list[GivenSource]:
    path = Path(word)
    if word == STDIN or path.is_file():
        return [GivenSource(word)]
    if path.is_dir():
        return [GivenSource(one, is_named=False) for one in _recordings_in(word)]
    if has_magic(word):
        found = sorted(one for one in _matching(word) if Path(one).is_file())
        if not found:
            raise click.UsageError(f"no file matches {word!r}.")
        return [GivenSource(one, is_named=False) for one in found]
    from chatviz.cassettes.samples import sample, samples

    return [GivenSource(str(sample(word)) if word in samples() else word)]


def _matching(pattern: str) -> list[str]:
    """Return what a glob matches; one may begin at the root, which pathlib's may not."""
    return glob(pattern, recursive=True)  # noqa: PTH207


def _recordings_in(folder: str) -> list[str]:
    from chatviz.datasets.sources.folders import ENDINGS, may_be_recording, walk

    listed = (one for one in walk(folder) if not isinstance(one, OSError))
    found = [one.path for one in listed if may_be_recording(one.name)]
    if not found:
        raise click.UsageError(
            f"the folder {folder!r} holds no file that may be a recording ({', '.join(ENDINGS)}, "
            "with .gz or without)."
        )
    return found


def _complete(_context: object, _parameter: object, begun: str) -> list[CompletionItem]:
    """Return the samples that begin so, once something is typed; else the shell lists files."""
    from chatviz.cassettes.samples import samples

    named = [CompletionItem(name) for name in samples() if begun and name.startswith(begun)]
    return named or [CompletionItem(begun, type="file")]
