"""The command ``chatviz``: its subcommands, and errors in one sentence.

Nothing but click is imported here and at the top of the subcommands' modules: what a command needs
is imported when it runs, so that ``chatviz --help`` is quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import StringIO
from typing import Final

import click

from chatviz.doors.cli.commands.diff import diff
from chatviz.doors.cli.commands.explain import explain
from chatviz.doors.cli.commands.faults import faults
from chatviz.doors.cli.commands.lint import lint
from chatviz.doors.cli.commands.pages import compare, html, open_
from chatviz.doors.cli.commands.recordings import convert, redact, samples, share
from chatviz.doors.cli.commands.sdks import sdks
from chatviz.doors.cli.commands.serving import serve
from chatviz.doors.cli.commands.show import show
from chatviz.doors.cli.commands.shrink import shrink
from chatviz.doors.cli.commands.tables import table
from chatviz.doors.cli.commands.tapping import tap
from chatviz.doors.cli.sources import UNREAD
from chatviz.doors.cli.terminal import safe_text

__all__ = ["INTERRUPTED", "UNUSABLE", "main", "run"]

UNUSABLE: Final = 2  # exit code: wrong arguments, or a recording that cannot be read
INTERRUPTED: Final = 130  # exit code: Ctrl-C
BROKEN_PIPE: Final = 141  # exit code: whoever read the output has gone
_TRACEBACK: Final = "--traceback"
_COMPLETE: Final = "_CHATVIZ_COMPLETE"  # the variable by which a shell asks for completions

_EPILOG: Final = """A SOURCE is a path, a glob ('runs/**/*.yaml'), a folder, the name of a
packaged sample, or - for standard input.

Exit codes: 0 fine, 1 something was found (lint, compare, diff, redact, share, faults), 2 wrong use
or an unreadable recording, 130 Ctrl-C."""


def _say_version(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        click.echo(f"chatviz {version('chatviz-inspector')}")
        context.exit()


@click.group(epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_say_version,
    help="Say the version, and leave.",
)  # fmt: skip
@click.option(
    _TRACEBACK, is_flag=True, expose_value=False,
    help="Show where an error comes from; may stand anywhere.",
)  # fmt: skip
def main() -> None:
    """See what a streamed chat API sent: show, check, compare and replay recordings."""


for _command in (
    show, lint, table, html, open_, compare, diff, convert, redact, share, shrink, sdks, faults,
    serve, tap, samples, explain,
):  # fmt: skip
    main.add_command(_command)


@main.result_callback()
def _exit_code(code: int | None) -> int:
    """Return the exit code of a command that came to its end."""
    return UNUSABLE if click.get_current_context().meta.get(UNREAD) else code or 0


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return its exit code.

    Parameters
    ----------
    arguments : sequence of str or None
        By default those that the program was started with.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    own = given[: given.index("--")] if "--" in given else given  # what follows is another's
    shows_traceback = _TRACEBACK in own
    given = [word for word in own if word != _TRACEBACK] + given[len(own) :]
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a character shows its escape
            stream.reconfigure(errors="backslashreplace")
    try:
        return main.main(given, prog_name="chatviz", standalone_mode=False) or 0
    except click.ClickException as error:
        told = StringIO()
        error.show(told)
        click.echo(safe_text(told.getvalue()), nl=False, err=True)
        return UNUSABLE
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except SystemExit as left:  # so click leaves, and only so: a shell's completion is done, or
        return int(left.code or 0) if _COMPLETE in os.environ else BROKEN_PIPE  # nobody reads on
    except Exception as error:
        if shows_traceback:
            raise
        click.echo(f"chatviz: {_say(error)}", err=True)
        return UNUSABLE


def _say(error: Exception) -> str:
    """Return an error in a sentence; one that nobody meant is named, and said how to look at."""
    from chatviz.errors import ChatvizError

    told = safe_text(str(error) or type(error).__name__)
    if isinstance(error, ChatvizError | OSError | ImportError):
        return told
    if not isinstance(error, ValueError | TypeError) or isinstance(error, UnicodeError):
        told = "this was not foreseen"  # its text may hold anything, a key of a body, too
    return f"{type(error).__name__}: {told} ({_TRACEBACK} shows where it comes from)"
