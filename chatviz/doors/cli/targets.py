"""Where a command writes: looked at before its work begins, and written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from chatviz.doors.cli.sources import STDIN, find_sources
from chatviz.doors.cli.terminal import safe_text

__all__ = ["check_targets", "write_target"]


def check_targets(given: Sequence[str], *targets: Path | None) -> None:
    """Refuse what cannot be written, and to write over a recording that the target is made of.

    Raises
    ------
    click.UsageError
        A target is one of the sources, or a folder, or in a folder that does not exist.
    """
    there: list[Path] = []
    for target in targets:
        if target is None:
            continue
        shown = repr(str(target))
        if target.is_dir():
            raise click.UsageError(f"the target {shown} is a folder: give a path to a file in it.")
        if not target.parent.is_dir():
            missing = repr(str(target.parent))
            raise click.UsageError(
                f"there is no folder {missing} for the target {shown}: make it, or give another."
            )
        if target.exists():
            there.append(target)
    if not there:
        return
    found = [source for source in find_sources(given) if source.path != STDIN]
    # What was only come across and is JSON may be the table that was written there before.
    read = [Path(one.path) for one in found if one.is_named or not one.path.endswith(".json")]
    if any(path.exists() and path.samefile(target) for target in there for path in read):
        raise click.UsageError("the target is the source: give another path, and keep both.")


def write_target(path: Path, text: str | bytes) -> None:
    """Write a file.

    Raises
    ------
    click.UsageError
        It cannot be written; the message says why.
    """
    from chatviz.whole_files import write_whole

    try:
        write_whole(path, text.encode() if isinstance(text, str) else text)
    except OSError as error:
        raise click.UsageError(
            f"{safe_text(str(path))} cannot be written: {error.strerror}. "
            "Give a path in a folder that you may write to."
        ) from error
