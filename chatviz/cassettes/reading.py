"""From a cassette, or a path to one, to the runs and conversations that it holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedResponse
from chatviz.cassettes.content.decoding import decoded_pieces
from chatviz.cassettes.content.encodings import DecodingLimit
from chatviz.cassettes.metadata import CLOSED_BY_CALLER
from chatviz.cassettes.storage import load_cassette
from chatviz.errors import ConversationError
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = [
    "CassetteLike",
    "Recordings",
    "is_chat",
    "is_whole",
    "iterate_runs",
    "read_conversation",
    "read_conversations",
    "read_interaction",
    "read_runs",
]

CassetteLike: TypeAlias = Cassette | str | os.PathLike[str]
Recordings: TypeAlias = CassetteLike | Iterable[CassetteLike]


def read_runs(source: Recordings) -> list[StreamRun]:
    """Read every answer of a recording.

    Parameters
    ----------
    source : Cassette, path, or an iterable of them

    Returns
    -------
    list of StreamRun
        One for each chat interaction, whatever was answered (streamed, JSON, an HTTP error), in
        the order of the file. Other traffic is skipped.

    Raises
    ------
    CassetteError
        A file cannot be read; the message names it, the line, the reason and what to do.
    TypeError
        The source is none of these.
    """
    return [run for cassette in _cassettes(source) for run in iterate_runs(cassette)]


def iterate_runs(cassette: Cassette, limit: DecodingLimit | None = None) -> Iterator[StreamRun]:
    """Yield every answer of a cassette as soon as it is read, as ``read_runs`` lists them.

    Parameters
    ----------
    cassette : Cassette
    limit : DecodingLimit | None
        How far bodies are decoded, where that is counted for several recordings together.
    """
    limit = limit or DecodingLimit()
    for number, interaction in enumerate(cassette.interactions):
        if is_chat(interaction):
            yield _read_interaction(interaction, number, cassette.path or "", limit)


def read_conversations(source: Recordings) -> list[Conversation]:
    """Read a recording and link its runs into conversations.

    Parameters and errors are those of ``read_runs``. Conversations are in the order of their
    first runs, and each is within one file.
    """
    return [
        conversation
        for cassette in _cassettes(source)
        for conversation in link_runs(read_runs(cassette))
    ]


def read_conversation(source: Recordings) -> Conversation:
    """Read the only conversation of a recording.

    Raises
    ------
    ConversationError
        There is none, or there are several; the message names them.
    """
    found = read_conversations(source)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConversationError(
            "wanted a recording with one conversation, found no chat interaction in it: "
            "cv.load_cassette(path) shows what it holds."
        )
    names = "; ".join(f"#{number}: {_describe(talk)}" for number, talk in enumerate(found[:6]))
    more = f" and {len(found) - 6} more" if len(found) > 6 else ""
    raise ConversationError(
        f"wanted a recording with one conversation, found {len(found)} ({names}{more}): "
        "take one of cv.read_conversations(source)."
    )


def is_chat(interaction: Interaction) -> bool:
    """Whether it is a chat interaction: see ``Interaction.is_chat``."""
    return interaction.is_chat


def is_whole(interaction: Interaction) -> bool:
    """Whether its answer says itself that it has ended, however its connection was closed."""
    return _read_interaction(interaction, 0, "", DecodingLimit()).has_ended


def read_interaction(interaction: Interaction, *, number: int = 0, source: str = "") -> StreamRun:
    """Read the answer of one interaction, whatever it is.

    Parameters
    ----------
    interaction : Interaction
    number : int
        Its place in its cassette.
    source : str
        The file that it stands in.
    """
    return _read_interaction(interaction, number, source, DecodingLimit())


def _read_interaction(
    interaction: Interaction, number: int, source: str, limit: DecodingLimit
) -> StreamRun:
    request, response = interaction.request, interaction.response
    reader = StreamReader(request.head, response=response.head, source=source, interaction=number)
    pieces, fault = decoded_pieces(response, limit)
    for piece in pieces:
        reader.feed(piece.data, piece.at)
    run = reader.close()
    _note_recording(response, fault, run)
    return run


def _note_recording(response: RecordedResponse, fault: str, run: StreamRun) -> None:
    """Note what happened to the answer while it was recorded."""
    log = run.answer.log
    cut_short = "" if response.metadata is None else response.metadata.cut_short
    if cut_short == CLOSED_BY_CALLER and run.has_ended:
        cut_short = ""  # a client need not read on behind the end
    for code, text in (
        ("body_not_decoded", fault),
        ("recording_not_read", "" if response.metadata is None else response.metadata.fault),
        ("recording_cut_short", cut_short),
        ("recording_notes_unfit", response.metadata_fault),
    ):
        if text:
            log.add(code, text=text)


def _cassettes(source: Recordings) -> list[Cassette]:
    if isinstance(source, Cassette):
        return [source]
    if isinstance(source, str | os.PathLike):
        return [load_cassette(source)]
    is_bytes = isinstance(source, bytes | bytearray | memoryview)
    if is_bytes or isinstance(source, Mapping) or not isinstance(source, Iterable):
        found = type(source).__name__
        advice = " cv.read_stream(body) reads the bytes of an answer." if is_bytes else ""
        raise TypeError(
            f"wanted a Cassette, a path, or an iterable of them, found {found!r}.{advice}"
        )
    return [cassette for item in source for cassette in _cassettes(item)]


def _describe(talk: Conversation) -> str:
    run = talk.runs[0]
    asked = next((m.text for m in run.chat_request.messages if m.role == "user"), "")
    name = " by ".join(part for part in (run.model, run.provider) if part)
    short = asked if len(asked) <= 40 else asked[:39] + "…"
    return f"{name or run.dialect}, {len(talk.steps)} step(s), {short!r}"
