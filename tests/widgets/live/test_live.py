"""live and LiveChat without a browser: what is sent to it, and that Stop always stops."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

import chatviz as cv
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.transports.endpoint.endpoint import Endpoint
from chatviz.widgets.live import cells as live_cells
from chatviz.widgets.live import widget as live_widget
from chatviz.widgets.live.chat import LiveChat
from chatviz.widgets.live.feed import LiveFeed
from chatviz.widgets.live.live import live
from chatviz.wire.exchange import RequestHead, ResponseHead
from tests.seed_talk import ASKED, SYSTEM, add, multiply

LONGEST_S = 20  # of anything here: a test that hangs fails
KEY = "planted-0123456789-key"
SEED = "openrouter_kimi-k2_fireworks"
EXTRA = {"usage": {"include": True}, "provider": {"only": ["fireworks"]}}


def say(text: str, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": text, **more}, "finish_reason": None}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def end(reason: str = "stop") -> bytes:
    choice = {"index": 0, "delta": {}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\ndata: [DONE]\n\n"


def call(name: str) -> bytes:
    function = {"name": name, "arguments": "{}"}
    return say("", tool_calls=[{"index": 0, "id": "c", "function": function}]) + end("tool_calls")


class Endless:
    """Streams the same piece for ever: waiting never ("busy"), or for ever after the first."""

    model = "m"
    extra_body: Mapping[str, Any] = {}

    def __init__(self, *, is_busy: bool) -> None:
        self.is_busy = is_busy
        self.streaming = threading.Event()

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        raise NotImplementedError

    async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        head = RequestHead("POST", "https://x.test/chat/completions", {}, json.dumps(body).encode())
        reader = StreamReader(head, response=ResponseHead(200))
        while True:
            reader.feed(say("x"))
            watch(reader)
            self.streaming.set()
            if not self.is_busy:
                await asyncio.Event().wait()


class Answers:
    """Gives prepared bodies in their order; an exception is raised instead."""

    model = "m"
    extra_body: Mapping[str, Any] = {}

    def __init__(self, *bodies: bytes | Exception) -> None:
        self.asked: list[Mapping[str, Any]] = []
        self._bodies = list(bodies)

    def ask(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        raise NotImplementedError

    async def ask_async(self, body: Mapping[str, Any], *, watch: Any = None) -> StreamRun:
        self.asked.append(body)
        data = self._bodies.pop(0)
        if isinstance(data, Exception):
            raise data
        head = RequestHead("POST", "https://x.test/chat/completions", {}, json.dumps(body).encode())
        reader = StreamReader(head, response=ResponseHead(200))
        reader.feed(data)
        watch(reader)
        return reader.close()


Sent = list[dict[str, Any]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What is sent to browsers."""
    messages: Sent = []

    def keep(widget: object, content: dict[str, Any], buffers: Any = None) -> None:
        message = json.loads(json.dumps(content))
        if message["kind"] == "batch":
            message["entries"] = json.loads(buffers[0])
        messages.append(message)

    monkeypatch.setattr(live_widget.LiveWidget, "send", keep)
    return messages


@pytest.fixture
def make_chat() -> Iterator[Callable[..., LiveChat]]:
    """Chats that are closed in the end, of which no thread may be left."""
    chats: list[LiveChat] = []

    def make(*args: Any, **more: Any) -> LiveChat:
        chats.append(LiveChat(*args, **more))
        return chats[-1]

    yield make
    for chat in chats:
        chat.close()
        chat.wait(LONGEST_S)
        assert not chat.is_running
    gc.collect()  # a task or loop that nobody closed would warn, which is an error


def entries_of(sent: Sent) -> list[list[Any]]:
    """The entries as a view that misses nothing and takes none twice has them."""
    entries: list[list[Any]] = []
    for message in sent:
        if message["kind"] == "batch":
            assert message["first"] <= len(entries)
            entries += message["entries"][len(entries) - message["first"] :]
    return entries


def states_of(sent: Sent) -> list[str]:
    return [entry[2] for entry in entries_of(sent) if entry[0] == "state"]


def columns_of(sent: Sent) -> list[dict[str, Any]]:
    """What was told of answers."""
    return [entry[2] for entry in entries_of(sent) if entry[0] == "run"]


def tools_of(sent: Sent) -> list[list[Any]]:
    """What was told last of the tools of each answer: their names, outcomes and results."""
    found: dict[int, list[Any]] = {}
    for columns in columns_of(sent):
        if columns.get("tools"):
            ran = [row[1:3] for row in columns["tools"]]
            found[columns["index"]] = [ran, [row[1] for row in columns["followed"]]]
    return [found[index] for index in sorted(found)]


def text_of(sent: Sent) -> str:
    parts = [part for columns in columns_of(sent) for part in columns.get("parts", ())]
    return "".join(part.get("text", "") for part in parts)


def say_to(chat: LiveChat, **content: Any) -> None:
    """Do what a browser does."""
    chat.widget._handle_custom_msg({"number": 1, **content}, [])


# ---- LiveChat


def test_the_seed_is_had_again_and_told_to_its_end(sent: Sent, make_chat: Any) -> None:
    endpoint = Endpoint.replay(cv.sample(SEED))
    chat = make_chat(endpoint, tools=[add, multiply], max_tokens=4000, extra_body=EXTRA)
    say_to(chat, kind="run", prompt=ASKED, system=SYSTEM, model="")
    result = chat.wait(LONGEST_S)
    recorded = cv.read_conversation(cv.sample(SEED))
    assert chat.error is None
    assert result.conversation.messages == recorded.messages
    said = [run.message for run in recorded.runs]
    parts = [m.text + "".join(c.arguments for c in m.tool_calls) for m in said]
    assert text_of(sent) == "".join(parts)
    assert states_of(sent)[-1] == "idle"
    (tools,) = tools_of(sent)
    assert tools[0] == [["add", "returned"], ["multiply", "returned"]]
    assert sorted(tools[1]) == ["5", "6"]


@pytest.mark.parametrize("is_busy", [True, False], ids=["never waiting", "waiting for ever"])
def test_stop_stops_a_stream(sent: Sent, make_chat: Any, is_busy: bool) -> None:
    endpoint = Endless(is_busy=is_busy)
    chat = make_chat(endpoint)
    chat.ask("Hi")
    assert endpoint.streaming.wait(LONGEST_S)
    say_to(chat, kind="stop")
    result = chat.wait(LONGEST_S)
    assert not chat.is_running
    assert result.stop_reason == "cancelled"
    assert set(result.text) == {"x"}
    assert states_of(sent)[-2:] == ["stopping", "stopped"]
    assert text_of(sent) == result.text


def test_stop_stops_a_tool_that_waits(sent: Sent, make_chat: Any) -> None:
    started = threading.Event()

    async def wait() -> None:
        "Wait for ever"
        started.set()
        await asyncio.Event().wait()

    chat = make_chat(Answers(call("wait")), tools=[wait])
    chat.ask("Hi")
    assert started.wait(LONGEST_S)
    chat.stop()
    result = chat.wait(LONGEST_S)
    assert (result.stop_reason, chat.state) == ("cancelled", "stopped")
    assert [run.outcome for run in result.tool_runs] == ["stopped"]


def test_a_tool_error_is_a_result_and_is_shown(sent: Sent, make_chat: Any) -> None:
    def fail() -> None:
        "Fail"
        raise ValueError("no luck")

    chat = make_chat(Answers(call("fail"), say("sorry") + end()), tools=[fail])
    chat.ask("Hi")
    assert chat.wait(LONGEST_S).text == "sorry"
    assert tools_of(sent) == [[[["fail", "raised"]], ["Error: ValueError: no luck"]]]


def test_a_follow_up_goes_on_from_what_was_said(sent: Sent, make_chat: Any) -> None:
    endpoint = Answers(say("one") + end(), say("two") + end())
    chat = make_chat(endpoint, system="Be brief")
    for prompt in ("first", "second"):
        say_to(chat, kind="run", prompt=prompt, system="Be brief", model="other", max_tokens=9)
        chat.wait(LONGEST_S)
    asked = [(message["role"], message["content"]) for message in endpoint.asked[1]["messages"]]
    assert asked == [
        ("system", "Be brief"),
        ("user", "first"),
        ("assistant", "one"),
        ("user", "second"),
    ]
    assert [(body["model"], body["max_tokens"]) for body in endpoint.asked] == [("other", 9)] * 2
    assert len(chat.conversation.steps) == 2


def test_what_is_raised_is_shown_and_kept_and_the_next_turn_works(
    sent: Sent, make_chat: Any
) -> None:
    chat = make_chat(Answers(RuntimeError("broken"), say("fine") + end()))
    chat.ask("Hi")
    chat.wait(LONGEST_S)
    assert isinstance(chat.error, RuntimeError)
    assert chat.state == "failed"
    assert entries_of(sent)[-1] == ["state", 1, "failed", "RuntimeError: broken"]
    chat.ask("Again")
    assert chat.wait(LONGEST_S).text == "fine"
    assert chat.error is None


def test_only_one_turn_at_a_time_and_the_browser_is_told_why(sent: Sent, make_chat: Any) -> None:
    endpoint = Endless(is_busy=False)
    chat = make_chat(endpoint)
    chat.ask("Hi")
    assert endpoint.streaming.wait(LONGEST_S)
    say_to(chat, kind="run", prompt="again")
    assert sent[-1]["kind"] == "heard"
    assert "a turn is going on" in sent[-1]["told"]


@pytest.mark.parametrize("content", [{"kind": "run"}, {"kind": "boo"}, {"kind": "ready"}])
def test_a_message_that_is_none_is_refused(sent: Sent, make_chat: Any, content: Any) -> None:
    say_to(make_chat(Answers()), **content)
    assert sent[-1]["told"].startswith("ValidationError")


def test_a_view_that_comes_late_gets_what_it_has_missed(sent: Sent, make_chat: Any) -> None:
    chat = make_chat(Answers(say("one") + end()))
    chat.ask("Hi")
    chat.wait(LONGEST_S)
    whole = entries_of(sent)
    sent.clear()
    say_to(chat, kind="ready", have=0)
    assert [entry[0] for entry in entries_of(sent)] == [entry[0] for entry in whole]
    assert columns_of(sent) == [entry[2] for entry in whole if entry[0] == "run"]
    say_to(chat, kind="ready", have=len(whole) - 2)
    assert [entry[0] for entry in sent[-2]["entries"]] == [entry[0] for entry in whole[-2:]]


def test_a_closed_chat_is_stopped_and_asks_nothing(sent: Sent, make_chat: Any) -> None:
    endpoint = Endless(is_busy=False)
    chat = make_chat(endpoint)
    chat.ask("Hi")
    assert endpoint.streaming.wait(LONGEST_S)
    chat.close()
    chat.wait(LONGEST_S)
    assert chat.state == "stopped"
    with pytest.raises(RuntimeError, match="was closed"):
        chat.ask("Hi")


def test_running_a_cell_again_closes_the_chat_that_it_made(
    make_chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = iter([("a", "1"), ("a", "1"), ("b", "2"), ("a", "3")])
    monkeypatch.setattr(live_cells, "name_cell", lambda: next(cells))
    monkeypatch.setattr(live_cells, "_CHATS", {})
    chats = [make_chat(Answers()) for _ in range(4)]
    assert [chat.widget.comm is None for chat in chats] == [True, True, False, False]


def test_a_chat_is_kept_as_a_cassette_that_replays(
    sent: Sent, make_chat: Any, tmp_path: Any
) -> None:
    chat = make_chat(
        Endpoint.replay(cv.sample(SEED)),
        tools=[add, multiply],
        system=SYSTEM,
        max_tokens=4000,
        extra_body=EXTRA,
    )
    path = tmp_path / "kept.yaml"
    say_to(chat, kind="save", path=str(path))
    assert "nothing to save" in sent[-1]["told"]
    chat.ask(ASKED)
    chat.wait(LONGEST_S)
    say_to(chat, kind="save", path=str(path))
    assert sent[-1]["told"] == f"Saved as {path}."
    assert [run.body for run in cv.read_runs(path)] == [run.body for run in chat.conversation.runs]
    say_to(chat, kind="save", path=str(path))
    assert "exists" in sent[-1]["told"]
    again = make_chat(
        Endpoint.replay(path),
        tools=[add, multiply],
        system=SYSTEM,
        max_tokens=4000,
        extra_body=EXTRA,
    )
    again.ask(ASKED)
    assert again.wait(LONGEST_S).conversation.messages == chat.conversation.messages


def test_a_key_is_nowhere(sent: Sent, make_chat: Any, tmp_path: Any) -> None:
    httpx = pytest.importorskip("httpx")

    def answer(request: Any) -> Any:
        assert KEY in request.headers["authorization"]
        return httpx.Response(200, content=say("hello") + end())

    transport = httpx.MockTransport(answer)
    endpoint = Endpoint("https://x.test/v1", model="m", api_key=KEY, transport=transport)
    chat = make_chat(endpoint)
    chat.ask("Hi")
    chat.wait(LONGEST_S)
    chat.save(tmp_path / "kept.yaml")
    assert chat.result.text == "hello"
    state = chat.widget.get_state()
    shown = [repr(chat), json.dumps(state, default=repr), json.dumps(sent), repr(chat._still())]
    shown += [(tmp_path / "kept.yaml").read_text(), repr(vars(chat)), repr(chat.result)]
    assert [text for text in shown if KEY in text] == []


# ---- live


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a cell shows: its first output, then what that was changed to."""
    shown: list[dict[str, Any]] = []

    def show(widget: object, bundle: dict[str, Any]) -> Any:
        shown.append(bundle)
        return SimpleNamespace(update=lambda bundle, raw: shown.append(bundle))

    monkeypatch.setattr(live_widget.LiveWidget, "show", show)
    return shown


def test_live_returns_the_result_and_leaves_the_finished_view(sent: Sent, outputs: Any) -> None:
    result = asyncio.run(
        live(
            ASKED,
            endpoint=Endpoint.replay(cv.sample(SEED)),
            system=SYSTEM,
            tools=[add, multiply],
            max_tokens=4000,
            extra_body=EXTRA,
        )
    )
    assert result.stop_reason == "no_tool_calls"
    assert set(outputs[-1]) == {"text/html", "text/plain"}
    assert "<img" in outputs[-1]["text/html"]
    assert not any("widget" in kind for bundle in outputs for kind in bundle)


@pytest.mark.parametrize("is_busy", [True, False], ids=["never waiting", "waiting for ever"])
def test_stop_in_live_gives_the_result_so_far(
    sent: Sent, outputs: Any, is_busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    widgets: list[live_widget.LiveWidget] = []
    monkeypatch.setattr(
        "chatviz.widgets.live.live.LiveWidget",
        lambda *given: widgets.append(live_widget.LiveWidget(*given)) or widgets[-1],
    )
    endpoint = Endless(is_busy=is_busy)

    def press() -> None:
        assert endpoint.streaming.wait(LONGEST_S)
        widgets[0]._handle_custom_msg({"kind": "stop", "number": 1}, [])

    presser = threading.Thread(target=press)
    presser.start()
    result = asyncio.run(live("Hi", endpoint=endpoint))
    presser.join()
    assert result.stop_reason == "cancelled"
    assert set(result.text) == {"x"}
    assert len(outputs) == 2
    assert widgets[0].comm is None


def test_a_cancelled_cell_is_cancelled_and_shows_what_came(sent: Sent, outputs: Any) -> None:
    endpoint = Endless(is_busy=False)

    async def interrupt() -> None:
        task = asyncio.create_task(live("Hi", endpoint=endpoint))
        while not endpoint.streaming.is_set():
            await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupt())
    assert states_of(sent)[-1] == "stopped"
    assert "1 chunk" in outputs[-1]["text/plain"]


def test_what_live_raises_leaves_it_and_the_view_is_finished(sent: Sent, outputs: Any) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(live("Hi", endpoint=Answers(RuntimeError("broken"))))
    assert states_of(sent)[-1] == "failed"
    assert len(outputs) == 2


# ---- the pace


def test_a_batch_that_is_due_later_is_sent_later_and_never_too_soon() -> None:
    """A timer rings late, when a piece has sent its batch already: the next one has to wait."""
    sent: list[float] = []

    class Timer:
        def __init__(self, at_s: float, act: Callable[[], None]) -> None:
            self.at_s, self.act = at_s, act

        def cancel(self) -> None:
            timers.remove(self)

    timers: list[Timer] = []
    now = SimpleNamespace(s=0.0)
    loop = SimpleNamespace(
        call_later=lambda wait_s, act: timers.append(Timer(now.s + wait_s, act)) or timers[-1]
    )
    feed = LiveFeed(lambda message, buffers: sent.append(now.s), clock=lambda: now.s)
    reader = StreamReader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chatviz.widgets.live.feed.asyncio.get_running_loop", lambda: loop)
        for number in range(2_000):
            now.s = number * 0.0011
            reader.feed(say("x"))
            feed.watch(reader)
            for timer in [timer for timer in timers if timer.at_s + 0.005 <= now.s]:
                timers.remove(timer)
                timer.act()
    gaps = [after - before for before, after in pairwise(sent)]
    assert len(sent) > 20
    assert min(gaps) >= 0.05
    assert len(timers) <= 1
