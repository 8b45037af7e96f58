"""Every exception of chatviz, in one tree.

ChatvizError
├── BaselineError (ValueError)             a test fails even without a fault: nothing to compare
├── CassetteError (ValueError)             a recording cannot be read or written
│   ├── CassetteNotFoundError (FileNotFoundError)   there is no such file
│   ├── CassetteSyntaxError                the file is not the YAML or JSON that it should be
│   ├── CassetteFormatError                the file is well formed, but no recording of this version
│   ├── CassetteLimitError                 the file nests or expands beyond what is read
│   └── CassetteUnsupportedError           a recorder's format that is recognised and not read
├── ConversationError (LookupError)        the one conversation asked for is not there, or not alone
├── EndpointError (RuntimeError)           an endpoint cannot be asked: no key, no network
│   ├── EndpointConnectionError (ConnectionError)   the network failed
│   └── EndpointTimeoutError (TimeoutError)         the server was silent for too long
├── DataSetError (OSError)                 a stored data set cannot be written, or lacks a table
├── JSONPathError (ValueError)             a path into a JSON body that cannot be read
├── NoMatchingInteraction (LookupError)    a replay was asked for what no recording answers
├── NotFailingError (ValueError)        nothing to shrink: what should fail does not
├── RendererError (ValueError)             a renderer's name that is not known
└── SampleNotFoundError (LookupError)      no packaged recording has this name

What a *server* sent never raises: it becomes a finding, or ``run.error``.
"""

from __future__ import annotations

__all__ = [
    "BaselineError",
    "CassetteError",
    "CassetteFormatError",
    "CassetteLimitError",
    "CassetteNotFoundError",
    "CassetteSyntaxError",
    "CassetteUnsupportedError",
    "ChatvizError",
    "ConversationError",
    "DataSetError",
    "EndpointConnectionError",
    "EndpointError",
    "EndpointTimeoutError",
    "JSONPathError",
    "NoMatchingInteraction",
    "NotFailingError",
    "RendererError",
    "SampleNotFoundError",
]


class ChatvizError(Exception):
    """Anything that chatviz itself reports as an error."""


class BaselineError(ChatvizError, ValueError):
    """A test fails without a fault, or returns what cannot be compared: nothing can be tried."""


class CassetteError(ChatvizError, ValueError):
    """A recording cannot be read or written: the message names file, place, reason and remedy.

    Attributes
    ----------
    path : str | None
        The file, as it was given.
    line : int | None
        The line in the file, counted from 1, where it is known.
    """

    def __init__(self, reason: str, *, path: str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        place = "" if path is None else f"{path!r}" + ("" if line is None else f", line {line}")
        super().__init__(f"{place}: {reason}" if place else reason)


class CassetteNotFoundError(CassetteError, FileNotFoundError):
    """There is no such file; the message names the near ones."""


class CassetteSyntaxError(CassetteError):
    """The file is not the YAML or JSON that it should be."""


class CassetteFormatError(CassetteError):
    """The file is well formed, but it is no recording, or one of another version."""


class CassetteLimitError(CassetteError):
    """The file nests deeper, or its aliases expand to more, than is read."""


class CassetteUnsupportedError(CassetteError):
    """The file is the work of a recorder that is recognised and not read."""


class ConversationError(ChatvizError, LookupError):
    """The one conversation that was asked for is not there, or there are several."""


class DataSetError(ChatvizError, OSError):
    """A stored data set cannot be written, is not there, or does not have what is asked of it."""


class EndpointError(ChatvizError, RuntimeError):
    """An endpoint cannot be asked: there is no key, no URL, or the network is forbidden."""


class EndpointConnectionError(EndpointError, ConnectionError):
    """The network failed."""


class EndpointTimeoutError(EndpointError, TimeoutError):
    """The server was silent for longer than is waited for."""


class JSONPathError(ChatvizError, ValueError):
    """A path into a JSON body cannot be read; the message shows where and how one is written."""


class NoMatchingInteraction(ChatvizError, LookupError):
    """A replay was asked for what no recording answers: the nearest, what differs, what to do.

    A notebook shows the message alone, without the frames of the client that asked; ``%debug`` and
    ``__traceback__`` still have them.

    Attributes
    ----------
    request : str
        What was asked: ``"POST 'https://…/chat/completions'"``, without secrets.
    nearest : int | None
        The place in the cassette of the recorded interaction that is most like it.
    differences : tuple
        How that one differs: a `Difference` each, or what a matcher of your own returned; at most
        100, and of long values their beginning.
    path : str | None
        The file of the recording.
    """

    def __init__(
        self,
        message: str,
        *,
        request: str = "",
        nearest: int | None = None,
        differences: tuple[object, ...] = (),
        path: str | None = None,
    ) -> None:
        self.request = request
        self.nearest = nearest
        self.differences = differences
        self.path = path
        super().__init__(message)

    def _render_traceback_(self) -> list[str]:
        """Return the lines that a notebook shows, as IPython asks for them."""
        return [f"{type(self).__name__}: {self}"]


class NotFailingError(ChatvizError, ValueError):
    """There is nothing to shrink: what should fail does not, for any answer of the recording."""


class RendererError(ChatvizError, ValueError):
    """A renderer's name that is not known; the message lists the known ones."""


class SampleNotFoundError(ChatvizError, LookupError):
    """No packaged recording has this name; the message lists the near ones, or all."""
