"""RecordedModels: at which URL each model of a recording was asked, and in which dialect.

Where an API has the model in its URL, another model is at another URL.
"""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from chatviz.cassettes.cassette import Cassette, RecordedRequest
from chatviz.dialects import dialect_for, is_writable
from chatviz.dialects.base import WritableDialect
from chatviz.errors import EndpointError
from chatviz.runs.asked import SentRequest

__all__ = ["RecordedModels"]


class _AskedModel(NamedTuple):
    """A chat request: who was asked, how, and where."""

    model: str
    dialect: WritableDialect
    url: str


class RecordedModels:
    """The chat requests of a recording, by the models that they ask.

    Parameters
    ----------
    source : Cassette
    model : str
        The model to ask for; ``""`` for the one that the recording asked for first.

    Attributes
    ----------
    dialect : WritableDialect
        How that model was asked; one that was not asked is asked as the first was.
    model : str
    base_url : str

    Raises
    ------
    EndpointError
        The recording holds no chat interaction, or one in a dialect that is not written.
    """

    def __init__(self, source: Cassette, model: str) -> None:
        chats = (one.request for one in source.interactions if one.is_chat)
        self._requests = [request for request in chats if request.method == "POST"]
        if not self._requests:
            raise EndpointError(f"wanted a recording with a chat interaction, found {source!r}.")
        found = self._by_model.get(model) if model else None
        self._first = first = found or _read(self._requests[0])
        self.dialect = first.dialect
        self.model = model or first.model
        self.base_url = first.url.partition("?")[0]
        for streamed in (True, False):
            path = self.dialect.endpoint_path(first.model, streamed=streamed)
            self.base_url = self.base_url.removesuffix(path.partition("?")[0])

    def url_for(self, model: str) -> str:
        """Return where a model was asked; of one that was not, where it would have been."""
        if model == self._first.model:
            return self._first.url
        found = self._by_model.get(model)
        if found is not None and found.dialect is self.dialect:
            return found.url
        path = self.dialect.endpoint_path(model)
        if path == self.dialect.endpoint_path(self._first.model):  # the model is not in it
            return self._first.url
        return self.base_url + path

    @cached_property
    def _by_model(self) -> dict[str, _AskedModel]:
        """For each model, the first request that asks it and could be written."""
        asked: dict[str, _AskedModel] = {}
        for request in self._requests:
            dialect = dialect_for(request.head)
            if dialect is not None and is_writable(dialect):
                one = _read(request)
                asked.setdefault(one.model, one)
        return asked


def _read(request: RecordedRequest) -> _AskedModel:
    """Read what a request asks; of what was said nothing is read for it."""
    dialect = dialect_for(request.head)
    if dialect is None or not is_writable(dialect):
        name = "unknown" if dialect is None else dialect.name
        raise EndpointError(f"wanted a recording in a dialect that is written, found {name!r}.")
    body = SentRequest(request.head).json or {}
    rest = {key: value for key, value in body.items() if key not in dialect.history_keys}
    return _AskedModel(dialect.read_request(rest, request.head).model, dialect, request.url)
