"""AnswerFollower: reads an answer while it passes, by what has been recorded of it by then.

It runs beside the passing, in whatever thread asks, and never holds a piece up.
"""

from __future__ import annotations

from chatviz.cassettes.content.encodings import ContentDecoder, codings_of, decoder_for
from chatviz.cassettes.redaction.redaction import RedactionRules, redact_request, secrets_of
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.transports.endpoint.echoes import EchoMask
from chatviz.transports.tap.tapped_answers import TappedAnswer
from chatviz.wire.exchange import RequestHead, header

__all__ = ["AnswerFollower"]


class AnswerFollower:
    """Reads what has come of an answer; its secrets are written over, as in what is kept.

    Parameters
    ----------
    answer : TappedAnswer
    rules : RedactionRules

    Attributes
    ----------
    asked : RequestHead
        What was asked, without secrets.
    reader : StreamReader | None
        Once the answer's head has come.
    """

    def __init__(self, answer: TappedAnswer, rules: RedactionRules) -> None:
        self._answer = answer
        self._recording: InteractionRecording | None = answer.recording
        self._mask = EchoMask(())
        self._decoder: ContentDecoder | None = None
        self._is_unreadable = self._is_flushed = False
        self._pieces = 0
        self.asked = RequestHead()
        self.reader: StreamReader | None = None
        if self._recording is not None:
            request = self._recording.request
            self._mask = EchoMask(secrets_of(request, rules))
            self.asked = redact_request(request, rules=rules).head

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, and all of it was read."""
        recording = self._recording
        if recording is None:
            return True
        is_read = self._is_unreadable or not recording.pieces_from(self._pieces)
        return recording.has_ended and is_read

    @property
    def run(self) -> StreamRun | None:
        """What is kept of it, once it is; None before, and where it is no chat."""
        return self._answer.run

    @property
    def is_kept(self) -> bool:
        """Whether it is in a file."""
        return self._answer.path is not None

    def read(self) -> bool:
        """Read what has come since; return whether anything has."""
        recording = self._recording
        if recording is None or recording.head is None or self._is_unreadable:
            return False
        if self.reader is None:
            head = recording.head
            coding = ", ".join(codings_of(header(head.headers, "content-encoding")))
            self.reader = StreamReader(self.asked, response=head.head)
            self._decoder = self._find_decoder(coding)
        is_last = recording.has_ended
        new = recording.pieces_from(self._pieces)
        self._pieces += len(new)
        for data, at in new:
            self._feed(data, at)
        if is_last and not self._is_flushed:
            self._is_flushed = True
            self.reader.feed(self._mask.close())
        return bool(new) and not self._is_unreadable

    def _find_decoder(self, coding: str) -> ContentDecoder | None:
        try:
            return decoder_for(coding) if coding else None
        except ValueError:  # a coding that is not known: what is kept has it as it came
            self._is_unreadable = True
            return None

    def _feed(self, data: bytes, at: float) -> None:
        assert self.reader is not None
        if self._is_unreadable:
            return
        try:
            plain = data if self._decoder is None else self._decoder.feed(data)
        except ValueError:
            self._is_unreadable = True
            return
        self.reader.feed(self._mask.feed(plain), at)
