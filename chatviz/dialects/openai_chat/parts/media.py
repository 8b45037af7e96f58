"""Audio and images that an answer consists of, and the transcript of what is said in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatviz.chat.deltas import Delta, MediaDelta, UnknownDelta
from chatviz.dialects.json_values import items_of, text_of
from chatviz.dialects.openai_chat.parts.sent_in import SentIn
from chatviz.wire.json_text import dump_json

__all__ = [
    "AUDIO",
    "IMAGE",
    "IMAGES",
    "MEDIA_FIELDS",
    "MEDIA_PARTS",
    "read_media",
    "read_media_part",
]

AUDIO: Final = "audio"
IMAGE: Final = "image"
IMAGES: Final = "images"  # the field
# OpenAI's audio, OpenRouter's images, and MiniMax's audio, which is "" beside text.
MEDIA_FIELDS: Final = frozenset((AUDIO, IMAGES, "audio_content"))
# Parts of a content that are no text, as requests hold them, too.
MEDIA_PARTS: Final = frozenset(
    ("image_url", "input_audio", "audio_url", "video_url", "document_url", "file")
)


def read_media(said: Mapping[str, Any], sent: SentIn, deltas: list[Delta]) -> None:
    """Append what a delta or a message shows, or lets hear."""
    more = not sent.whole
    if audio := said.get(AUDIO):  # its id, transcript and data come in pieces
        if isinstance(audio, dict):
            text = text_of(audio.get("transcript"))
            deltas.append(
                MediaDelta(sent.choice, AUDIO, dump_json(audio), AUDIO, more=more, text=text)
            )
        else:
            deltas.append(UnknownDelta(f"{sent.where}.{AUDIO}", dump_json(audio), True))
    if content := said.get("audio_content"):
        json = dump_json(content)
        deltas.append(MediaDelta(sent.choice, AUDIO, json, "audio_content", more=more))
    for position, image in enumerate(items_of(said.get(IMAGES))):  # each comes whole
        key = (IMAGES, sent.start, position)
        deltas.append(MediaDelta(sent.choice, IMAGE, dump_json(image), key))


def read_media_part(
    part: Mapping[str, Any], position: int, sent: SentIn, deltas: list[Delta]
) -> None:
    """Append a part of a content that is no text; each comes whole."""
    key = ("content", sent.start, position)
    deltas.append(MediaDelta(sent.choice, text_of(part["type"]), dump_json(part), key))
