"""ModelEndpoint: all that the loop knows of where it asks; live or replayed, it cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from chatviz.dialects.base import WritableDialect
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = ["ModelEndpoint"]


class ModelEndpoint(Protocol):
    """Somewhere to ask; asks once and never again by itself: the loop decides on retries."""

    @property
    def model(self) -> str:
        """The model to ask for."""

    @property
    def dialect(self) -> WritableDialect:
        """How it is asked; an endpoint without this is asked by chat completions."""

    @property
    def extra_body(self) -> Mapping[str, Any]:
        """What every request's body holds besides."""

    def ask(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        """Send one request and read its answer to the end.

        Parameters
        ----------
        body : mapping
            The request's JSON body.
        watch : callable | None
            Called with the reader when the headers have come, and after each piece of the body.

        Returns
        -------
        StreamRun
            An HTTP error is a run as well: one with ``run.error``.

        Raises
        ------
        ConnectionError, TimeoutError
            The network failed. What had come until then is in the reader that was shown.
        """

    async def ask_async(
        self, body: Mapping[str, Any], *, watch: Callable[[StreamReader], None] | None = None
    ) -> StreamRun:
        """Do the same without blocking the event loop."""
