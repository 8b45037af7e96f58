"""Tee: passes every piece of an answer on the moment it comes, and has it recorded."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable, Iterator

from chatviz.transports.clients.library import Response
from chatviz.transports.clients.recording import InteractionRecording, say_why_cut

__all__ = ["Tee"]


class Tee:
    """The body of a live response, sync or async.

    However it ends, what has come by then is kept, once: at the end, at an early close, at an
    error of the connection, and where the reading thread or task is interrupted.

    Parameters
    ----------
    upstream : Response
        Its stream has not been read.
    recording : InteractionRecording
    keep : function
        Saves a recording that has ended.
    """

    def __init__(
        self,
        upstream: Response,
        recording: InteractionRecording,
        keep: Callable[[InteractionRecording], None],
    ) -> None:
        self._upstream = upstream
        self._recording = recording
        self._keep = keep
        self._pieces: AsyncIterator[bytes] | None = None

    def __iter__(self) -> Iterator[bytes]:
        add = self._recording.add
        try:
            for data in self._upstream.stream:
                add(data)
                yield data
        except BaseException as error:
            self._end(say_why_cut(error))
            raise
        self._end()

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._pieces = aiter(self._upstream.stream)
        return self

    async def __anext__(self) -> bytes:
        assert self._pieces is not None
        try:
            data = await anext(self._pieces)
        except StopAsyncIteration:
            self._end()
            raise
        except BaseException as error:
            self._end(say_why_cut(error))
            raise
        self._recording.add(data)
        return data

    def close(self) -> None:
        """Close the connection at once, then keep what came."""
        reason = _why_closed()
        try:
            self._upstream.close()
        finally:
            self._end(reason)

    async def aclose(self) -> None:
        """Close the connection at once, then keep what came."""
        reason = _why_closed()
        try:
            await self._upstream.aclose()
        finally:
            self._end(reason)

    def _end(self, cut_short: str = "") -> None:
        if self._recording.end(cut_short):
            self._keep(self._recording)


def _why_closed() -> str:
    """Say who closed early: an interruption, if one is being handled, or else the caller."""
    error = sys.exception()
    return say_why_cut(None if isinstance(error, Exception) else error)
