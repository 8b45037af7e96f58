"""``tap``: record clients in any language, by their base URL, while they run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from chatviz.doors.cli.terminal import echo, safe_text

if TYPE_CHECKING:
    from chatviz.transports.tap.routes import Upstreams
    from chatviz.transports.tap.tap import Tap
    from chatviz.transports.tap.tapped_answers import TappedAnswer

__all__ = ["tap"]

PORT: Final = 8080  # where nothing else is asked for, so that a base URL stays the same
LOOK_S: Final = 0.2  # between two looks at what has passed
PATIENCE_S: Final = 10.0  # for a child that was interrupted
# Who writes a file lets go of the interpreter so often, in seconds, for a piece that has come.
SWITCH_S: Final = 0.0002
_CHILD: Final = "chatviz.doors.cli.child"


class _BeforeDashes(click.Command):
    """A command whose arguments end at ``--``: what follows is a command line of its own."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Keep what follows the dashes for the command."""
        place = args.index("--") if "--" in args else len(args)
        context.meta[_CHILD] = args[place + 1 :]
        if args[place:] == ["--"]:
            raise click.UsageError("wanted a command behind --, found nothing.", context)
        return super().parse_args(context, args[:place])

    def collect_usage_pieces(self, context: click.Context) -> list[str]:
        """Say what may follow the arguments."""
        return [*super().collect_usage_pieces(context), "[-- COMMAND...]"]


@click.command(cls=_BeforeDashes, short_help="Record clients in any language, by a base URL.")
@click.argument("upstreams", metavar="[UPSTREAM]...", nargs=-1)
@click.option(
    "--to", type=click.Path(path_type=Path), default=Path("recordings"), show_default=True,
    help="A folder, with a file for each conversation; or one .yaml file.",
)  # fmt: skip
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=None,
    help=f"0 is any free one.  [default: {PORT}; any with a COMMAND]",
)  # fmt: skip
@click.option(
    "--allow-origin", "origins", multiple=True, metavar="ORIGIN",
    help="A page whose scripts may use it (http://localhost:3000); repeatable.",
)  # fmt: skip
@click.pass_context
def tap(
    context: click.Context,
    upstreams: tuple[str, ...],
    to: Path,
    port: int | None,
    origins: tuple[str, ...],
) -> None:
    """Record clients in any language while they run, until Ctrl-C or the end of COMMAND.

    UPSTREAM is a URL or a known name (openai, anthropic, gemini, ollama, openrouter ...); of
    several, or of none (then all that are known), each has the paths that begin with its name:
    NAME or NAME=URL. Give the address that is printed to a client as its base URL. A COMMAND behind
    -- gets it by the variables that clients read.
    """
    child: list[str] = context.meta[_CHILD]
    if port is None:
        port = 0 if child else PORT
    sys.setswitchinterval(SWITCH_S)
    with _start(upstreams, to, port, origins) as made:
        _say_places(made, to, err=bool(child))
        try:
            if child:
                context.exit(_run_child(child, made))
            _watch(made)
        finally:
            _say_sum(made)


@contextmanager
def _start(upstreams: Sequence[str], to: Path, port: int, origins: Sequence[str]) -> Iterator[Tap]:
    from chatviz.transports.tap.tap import Tap

    try:
        made = Tap(_read_upstreams(upstreams), to=to, port=port, allow_origins=origins)
    except ValueError as error:
        if type(error) is not ValueError:  # a recording that cannot be added to
            raise
        raise click.UsageError(str(error)) from error
    try:
        made.start()
    except OSError as error:
        told = f"port {port} cannot be used: {error.strerror}. --port 0 takes any free one."
        raise click.UsageError(told) from error
    with closing(made):
        yield made


def _read_upstreams(words: Sequence[str]) -> Upstreams:
    """Return the upstreams that words name: one, or several by their names."""
    from chatviz.transports.tap.child_variables import upstreams_of

    if not words:
        return upstreams_of(os.environ)
    is_named = [_divided(word) for word in words]
    if len(words) == 1 and not is_named[0][1]:
        return words[0]
    return {name: url or name for name, url in is_named}


def _divided(word: str) -> tuple[str, str]:
    """Return the name and the URL of a word; no URL where it is one or the other."""
    name, sign, url = word.partition("=")
    return (name, url) if sign and "://" not in name else (word, "")


# ---- what it says


def _say_places(tap: Tap, to: Path, *, err: bool) -> None:
    echo(f"chatviz tap: recording to {safe_text(str(to))}. Base URLs for clients:", err=err)
    width = max(len(name) for name in tap.base_urls)
    for name, url in tap.base_urls.items():
        echo(f"  {name:<{width}}  {url}", err=err)
    echo(f"In a browser, live: {tap.page_url}", err=err)
    if not err:
        echo("Ctrl-C ends it.")


def _watch(tap: Tap) -> None:
    """Write a line for each answer that has ended and each request that was refused."""
    from threading import Event

    told: set[int] = set()
    refused, never = 0, Event()
    while not never.wait(LOOK_S):
        for answer in tap.log:
            if answer.number not in told and not answer.is_going_on:
                told.add(answer.number)
                echo(_line(answer))
        new, refused = tap.log.refused - refused, tap.log.refused
        for refusal in tap.refusals[-new:] if new else ():
            echo(f"refused, {refusal.status}: {safe_text(refusal.message)}", err=True)


def _line(answer: TappedAnswer) -> str:
    status = "" if answer.status is None else f" {answer.status}"
    state = "" if answer.state == "ended" else f", {answer.state}"
    return safe_text(f"#{answer.number}{status} {answer.method} {answer.url}{state}")


def _say_sum(tap: Tap) -> None:
    paths = tap.paths
    told = f"chatviz tap: answers {len(tap.log):,}, files {len(paths):,}"
    if paths:
        told += f" in {safe_text(str(paths[0] if len(paths) == 1 else paths[0].parent))}"
    echo(told, err=True)


# ---- the child


def _run_child(command: Sequence[str], tap: Tap) -> int:
    """Run a command whose clients are led through the tap; return its exit code."""
    environment = {**os.environ, **tap.variables()}
    try:
        child = subprocess.Popen(command, env=environment)
    except OSError as error:
        told = f"{command[0]!r} cannot be run: {error.strerror}."
        raise click.UsageError(told) from error
    before: Any = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        code = _wait(child)
    finally:
        signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else 128 - code


def _wait(child: subprocess.Popen[bytes]) -> int:
    """Wait for the end of a child; Ctrl-C reaches it, too, and it has a while to end by itself."""
    try:
        return child.wait()
    except KeyboardInterrupt:
        try:
            return child.wait(PATIENCE_S)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            child.kill()
            return child.wait()
