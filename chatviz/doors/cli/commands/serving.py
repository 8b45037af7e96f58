"""``serve``: a recording answers any client, whole or broken on purpose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import click

from chatviz.doors.cli.sources import load, one_source, source_argument
from chatviz.doors.cli.terminal import echo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatviz.cassettes.cassette import Cassette, RecordedRequest
    from chatviz.transports.playing.faults import Fault

__all__ = ["read_fault", "serve"]

AT_CHUNK: Final = {
    "cut": "Cut",
    "end": "End",
    "stall": "Stall",
    "duplicate": "Duplicate",
    "drop": "Drop",
    "corrupt": "Corrupt",
    "split": "SplitCharacter",
    "error": "SendError",
}
HELP: Final = (
    f"A fault at a chunk ({', '.join(AT_CHUNK)}), as in cut@10, stall@10:2.5 (seconds); or "
    "refuse@2 (times). May be repeated."
)
WANTED: Final = f"{'|'.join(AT_CHUNK)}@CHUNK, stall@CHUNK:SECONDS or refuse[@TIMES]"


@click.command(short_help="Answer any client with a recording.")
@source_argument("source")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="0 is any free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), help="1 is the recorded pace."
)
@click.option(
    "--chunks-per-second", type=click.FloatRange(min=0, min_open=True), help="A steady pace."
)
@click.option("--repeat", is_flag=True, help="Answer the same request again and again.")
@click.option("--ignore", multiple=True, metavar="PATH", help="Of requests, leave this uncompared.")
@click.option("--any", "any_", is_flag=True, help="Whatever is asked, give the next answer.")
@click.option("--fault", "faults", multiple=True, metavar="FAULT", help=HELP)
def serve(
    source: str, port: int, host: str, speed: float | None, chunks_per_second: float | None,
    repeat: bool, ignore: tuple[str, ...], any_: bool, faults: tuple[str, ...],
) -> None:  # fmt: skip
    """Answer any client with a recording, until Ctrl-C.

    Point a client's base URL at the address that is printed. What nothing recorded matches gets an
    error that says what differs. Of a saved body the request is not known: serve it with --any.
    """
    if any_ and ignore:
        raise click.UsageError("--any compares nothing of a request: leave --ignore away.")
    from threading import Event

    from chatviz.transports.server.server import ReplayServer

    cassette = load(one_source(source))
    planted = _plant([read_fault(fault) for fault in faults], cassette)
    server = ReplayServer(
        cassette,
        speed=math.inf if speed is None else speed,
        chunks_per_second=chunks_per_second,
        repeat=repeat,
        ignore=ignore,
        match=_match_anything if any_ else None,
        faults=planted,
        host=host,
        port=port,
    )
    with server:
        echo(f"Serving {len(cassette.interactions):,} answers at {server.base_url}")
        echo(f"They are listed at {server.url}/ ; Ctrl-C ends it.")
        try:
            Event().wait()
        finally:
            _say_what_was_asked(server.misses, len(server.unused))


def _plant(faults: Sequence[Fault], cassette: Cassette) -> tuple[Fault, ...]:
    """Return the faults, each of which can strike an answer of the recording."""
    from chatviz.transports.playing.striking import plant_faults

    try:
        return plant_faults(faults, cassette)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fault") from error


def _match_anything(_asked: RecordedRequest, _recorded: RecordedRequest) -> Sequence[str]:
    return ()


def read_fault(text: str) -> Fault:
    """Return the fault that a word names: ``cut@10``, ``stall@3:2.5``, ``refuse@2``.

    Raises
    ------
    click.BadParameter
        It names none.
    """
    from chatviz.transports.playing import faults

    name, _, where = text.partition("@")
    place, _, amount = where.partition(":")
    try:
        if name == "refuse" and not amount:
            return faults.Refuse(times=int(place or 1))
        if name == "stall" and amount:
            return faults.Stall(int(place), seconds=float(amount))
        if name in AT_CHUNK and not amount:
            made: Fault = getattr(faults, AT_CHUNK[name])(int(place))
            return made
    except ValueError:
        pass
    raise click.BadParameter(f"wanted {WANTED}, found {text!r}.", param_hint="--fault")


def _say_what_was_asked(misses: Sequence[Exception], unused: int) -> None:
    echo(f"\n{unused:,} answers were not asked for.", err=True)
    for miss in misses:
        from chatviz.doors.cli.terminal import safe_text

        echo(safe_text(str(miss)), err=True)
