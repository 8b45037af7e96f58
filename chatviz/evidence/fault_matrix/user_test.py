"""UserTest: a function of the user's own that asks a recording, and is tried in another process.

What is here runs in a worker: it takes and returns what can be sent to one, and raises nothing of
what the user's function raises.
"""

from __future__ import annotations

import asyncio
import pickle
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import isawaitable, iscoroutinefunction
from typing import Any, Final, Literal, TypeAlias

import cloudpickle

from chatviz.cassettes.cassette import Cassette, RecordedRequest
from chatviz.cassettes.redaction.masks import mask_spans
from chatviz.evidence.workers.inside import end_of
from chatviz.key_shapes import find_keys
from chatviz.transports.clients.client_classes import make_http_client
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.playing.faults import Fault
from chatviz.transports.server.server import ReplayServer

__all__ = ["Over", "UserTest", "match_anything", "try_broken", "try_whole"]

Over: TypeAlias = Literal["httpx", "httpx2", "server"]
Asked: TypeAlias = ReplayTransport | ReplayServer

MOST_SHOWN: Final = 500  # characters of a value, and of a message


@dataclass(frozen=True, slots=True)
class UserTest:
    """A function that asks a recording, and what it is asked over.

    Attributes
    ----------
    packed : bytes
        The function, and the function that compares requests (or None), as they are sent.
    cassette : Cassette
    over : str
        ``"httpx"`` or ``"httpx2"``: the function takes a client of that library, an async one if
        it is ``async``; ``"server"``: it takes a base URL.
    ignore : tuple of str
        Paths into requests that are not compared.
    """

    packed: bytes = field(repr=False)
    cassette: Cassette
    over: Over
    ignore: tuple[str, ...] = ()

    @contextmanager
    def opened(self, faults: Sequence[Fault] = ()) -> Iterator[tuple[Asked, Callable[[], Any]]]:
        """Give what is asked, made anew, and a function that runs the test once."""
        test, (match,) = pickle.loads(self.packed)
        options: dict[str, Any] = {"match": match, "ignore": self.ignore, "repeat": True}
        if self.over == "server":
            with ReplayServer(self.cassette, faults=faults, **options) as server:
                yield server, lambda: _call(test, server.base_url)
            return
        transport = ReplayTransport(self.cassette, faults=faults, **options)
        is_async = iscoroutinefunction(test) or iscoroutinefunction(type(test).__call__)
        client = make_http_client(self.over, transport, is_async=is_async)
        call = _call_async if is_async else _call_sync
        yield transport, lambda: call(test, client)


def match_anything(_asked: RecordedRequest, _recorded: RecordedRequest) -> Sequence[str]:
    """Take any request for the one that was recorded."""
    return ()


def try_whole(user_test: UserTest) -> dict[str, Any]:
    """Run the function without a fault; return what it returned, or why that cannot be compared.

    Returns
    -------
    dict
        ``flaw``, or ``value`` (pickled, in base64), ``shown``, and ``order``, the interactions
        that it asked for. What it raises is raised.
    """
    with user_test.opened() as (asked, call):
        value = call()
    if asked.misses:
        return {"flaw": f"it asked for what was not recorded: {asked.misses[0]}"}
    if value is None:
        return {"flaw": "it returned None, which says nothing"}
    try:
        data = cloudpickle.dumps(value)
        copy = pickle.loads(data)
    except Exception as error:
        return {"flaw": f"a {type(value).__name__} cannot be kept ({type(error).__name__})"}
    if not _are_equal(copy, value):
        return {"flaw": f"a {type(value).__name__} is not equal to a copy of itself"}
    return {"value": b64encode(data).decode(), "shown": _shown(value), "order": asked.order}


def try_broken(user_test: UserTest, fault: Fault | None, whole: str) -> dict[str, Any]:
    """Run the function with a fault; return how that ended.

    Parameters
    ----------
    user_test : UserTest
    fault : Fault | None
    whole : str
        What it returned without a fault, pickled, in base64.

    Returns
    -------
    dict
        ``ending`` (``"same"``, ``"other"``, ``"raised"``), ``error`` and ``message``, ``shown`` of
        another value, ``order``, and ``miss``: what it asked for that was not recorded, or "".
    """
    told = {"ending": "same", "error": "", "message": "", "shown": ""}
    with user_test.opened([] if fault is None else [fault]) as (asked, call):
        try:
            value = call()
        except BaseException as error:  # sys.exit() in a test is an end, too
            _, message, *_ = end_of(error)
            told |= {"ending": "raised", "error": _name(error), "message": _clean(message)}
        else:
            if not _are_equal(pickle.loads(b64decode(whole)), value):
                told |= {"ending": "other", "shown": _shown(value)}
    miss = str(asked.misses[0])[: 2 * MOST_SHOWN] if asked.misses else ""
    return {**told, "order": asked.order, "miss": miss}


def _call(test: Callable[[Any], Any], asked: Any) -> Any:
    value = test(asked)
    return asyncio.run(_wait_for(value)) if isawaitable(value) else value


def _call_sync(test: Callable[[Any], Any], client: Any) -> Any:
    with client:
        return _call(test, client)


def _call_async(test: Callable[[Any], Any], client: Any) -> Any:
    async def run() -> Any:
        async with client:
            return await test(client)

    return asyncio.run(run())


async def _wait_for(value: Awaitable[Any]) -> Any:
    return await value


def _are_equal(one: Any, other: Any) -> bool:
    """Whether two values are equal; what cannot say so in a word (an array, a frame) is not."""
    try:
        return bool(one == other)
    except Exception:
        return False


def _shown(value: Any) -> str:
    try:
        return _clean(repr(value))
    except Exception as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"


def _clean(text: str) -> str:
    """Return the beginning of a text that nobody vouches for, with what looks like a key masked."""
    data = text.encode("utf-8", "backslashreplace")
    return mask_spans(data, find_keys(data)).decode("utf-8", "replace")[:MOST_SHOWN]


def _name(error: BaseException) -> str:
    """Return the type of an error with its package: ``"httpx.ReadError"``, ``"ValueError"``."""
    kind = type(error)
    package = kind.__module__.partition(".")[0]
    return (
        kind.__qualname__
        if package in ("builtins", "__main__")
        else f"{package}.{kind.__qualname__}"
    )
