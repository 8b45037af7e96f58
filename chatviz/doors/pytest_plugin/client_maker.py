"""ClientMaker: what ``chatviz_client`` is: a function that makes clients upon a transport."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chatviz.cassettes.cassette import Cassette
from chatviz.transports.clients.client_classes import Client, make_client
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport

__all__ = ["ClientMaker"]


class ClientMaker:
    """Makes clients with a test's recording in them: ``chatviz_client(openai.OpenAI)``.

    Parameters
    ----------
    transport : RecordTransport or ReplayTransport
    is_recording : bool
        Whether any request may reach the network. If not, clients are given a key that is none.
    """

    def __init__(self, transport: RecordTransport | ReplayTransport, *, is_recording: bool) -> None:
        self.transport = transport
        self._is_recording = is_recording

    @property
    def cassette(self) -> Cassette:
        """What is in the recording by now: ``cv.read_runs(chatviz_client.cassette)``."""
        return self.transport.cassette

    def __call__(self, make: Callable[..., Client], /, **options: Any) -> Client:
        """Return a client.

        Parameters
        ----------
        make : class
            Of httpx, httpx2, openai, anthropic, groq, google-genai, LangChain's OpenAI, or any
            whose constructor takes ``transport`` or ``http_client``.
        **options
            What the class is called with besides.

        Raises
        ------
        TypeError
            It takes no transport: use the fixture ``chatviz_server``.
        """
        return make_client(make, self.transport, options, needs_key=self._is_recording)
