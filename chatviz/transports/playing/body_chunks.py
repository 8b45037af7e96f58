"""Where the chunks of a body lie, and what keeps one apart from the next."""

from __future__ import annotations

from dataclasses import dataclass

from chatviz.wire.framing import BodyDecoder, Framing

__all__ = ["BodyChunks", "find_chunks"]


@dataclass(frozen=True, slots=True)
class BodyChunks:
    """The chunks of a body.

    Attributes
    ----------
    body : bytes
    framing : str
    spans : tuple of (int, int)
        Of each chunk where it starts, and the end of its last line break.
    """

    body: bytes
    framing: Framing
    spans: tuple[tuple[int, int], ...]

    @property
    def is_array(self) -> bool:
        """Whether they are the elements of one JSON array, with commas between them."""
        return self.framing == "json_array"

    def lead(self, number: int) -> int:
        """Return where begins what goes with a chunk: in an array, at the comma before it."""
        return self.spans[number - 1][1] if self.is_array and number else self.spans[number][0]

    def end_of_first(self, number: int) -> int:
        """Return where the body goes on behind a chunk of which nothing is sent, nor of others."""
        is_followed = self.is_array and number + 1 < len(self.spans)
        return self.spans[number + 1][0] if is_followed else self.spans[number][1]

    def between(self, number: int) -> bytes:
        """Return what has to be between a chunk and its like; most have an end of their own."""
        start, end = self.spans[number]
        if self.is_array:
            at = (
                self.body[self.lead(number) : start]
                if number
                else self.body[end : self.end_of_first(0)]
            )
            return at or b","
        is_open = self.framing == "json_lines" and self.body[end - 1 : end] != b"\n"
        return b"\n" if is_open else b""


def find_chunks(body: bytes) -> BodyChunks:
    """Return the chunks of a body."""
    decoder = BodyDecoder()
    events = [*decoder.feed(body), *decoder.close()]
    spans = (
        (event.start, event.end + (body[event.end - 1 : event.end + 1] == b"\r\n"))
        for event in events
        if event.kind == "data"
    )
    return BodyChunks(body, decoder.framing, tuple(spans))
