"""The live view in Chromium, with a stub model."""

from __future__ import annotations

import json
from base64 import b64encode
from time import monotonic
from typing import Any

from playwright.sync_api import Page, expect

import chatviz as cv
from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import ToolRun
from chatviz.chat.messages import ToolCall
from chatviz.runs.reader import StreamReader
from chatviz.widgets.live.entries import Entry, pack_entries
from chatviz.widgets.live.log import LiveLog
from chatviz.widgets.modules import live_module

KEY = "planted-0123456789-key"
STUB = """
async ([code, css, controls]) => {
  const handlers = new Set(), sent = [];
  const values = {css, controls, key: "k"};
  const model = {
    sent, get: name => values[name], set: () => {}, save_changes: () => {},
    send: message => sent.push(message),
    on: (name, act) => handlers.add(act), off: (name, act) => handlers.delete(act),
    tell: (message, buffers) => { for (const act of handlers) act(message, buffers); },
    count: () => handlers.size,
  };
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  window.model = model;
  window.live = (await import(url)).default;
  window.stop = window.live.render({model, el: document.querySelector("#el")});
}
"""
CONTROLS = {"asks": True, "tools": ["add"], "system": "Be brief", "model": "m", "max_tokens": 9}


def open_live(page: Page, **controls: Any) -> None:
    page.set_content("<!doctype html><meta charset=utf-8><title>t</title><body><div id=el></div>")
    given = {**CONTROLS, **controls}
    page.evaluate(STUB, [live_module().code, live_module().style, given])
    page.locator(".chatviz").wait_for()


class Kernel:
    """What the kernel's side tells a page, step by step."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.log = LiveLog(monotonic)
        self.reader = StreamReader({"messages": []})

    def begin(self, prompt: str = "Hi") -> None:
        self.log.begin(prompt)
        self.take(AskModel({}))

    def stream(self, *pieces: bytes, at: float | None = None) -> None:
        for piece in pieces:
            self.reader.feed(piece, at)
            self.log.take(self.reader)
        self.flush()

    def end(self) -> None:
        self.take(self.reader.close())
        self.reader = StreamReader({"messages": []})

    def take(self, *news: Any) -> None:
        for one in news:
            self.log.take(one)
        self.flush()

    def flush(self) -> None:
        tell(self._page, *self.log.make_batch())


def tell(page: Page, first: int, entries: list[Entry]) -> None:
    buffers = [b64encode(data).decode() for data in pack_entries(entries)]
    page.evaluate(
        """([first, buffers]) => model.tell({kind: "batch", first}, buffers.map(text =>
             new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer)))""",
        [first, buffers],
    )


def say(text: str, **more: Any) -> bytes:
    choice = {"index": 0, "delta": {"content": text, **more}, "finish_reason": None}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def sent(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate("model.sent")
    return found


# ---- with a stub


def test_a_view_says_what_it_has_and_asks_for_what_is_missing(page: Page) -> None:
    open_live(page)
    assert sent(page) == [{"kind": "ready", "have": 0, "number": 1}]
    kernel = Kernel(page)
    kernel.begin()
    kernel.stream(say("Hello"))
    have = len(kernel.log.entries)
    tell(page, have + 2, [Entry("state", ("failed", "late"))])
    assert sent(page)[-1] == {"kind": "ready", "have": have, "number": 2}
    expect(page.locator(".state[role=status]")).to_contain_text("streaming")


def test_the_inspector_grows_and_text_is_never_markup(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    kernel.begin()
    expect(page.locator(".growing")).to_be_hidden()
    kernel.stream(say("Hello"), at=0.1)
    log = page.locator(".growing .log")
    expect(log).to_contain_text("Hello")
    kernel.stream(say(" <img src=x onerror=alert(1)>\u202e"), at=0.2)
    expect(log).to_contain_text("Hello <img src=x onerror=alert(1)>\\u202e")
    expect(page.locator(".place")).to_have_text("1 of 0–1")
    assert page.locator("img").count() == 0
    expect(page.locator(".state[role=status]")).to_contain_text("streaming")
    expect(page.locator(".raw pre").first).to_contain_text("onerror")


def test_the_cursor_follows_the_end_until_it_is_moved(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    kernel.begin()
    kernel.stream(*[say(f"w{n} ") for n in range(5)], at=1)
    place = page.locator(".place")
    expect(place).to_have_text("4 of 0–4")
    page.get_by_role("button", name="Previous chunk").click()
    kernel.stream(say("more"), at=2)
    expect(place).to_have_text("3 of 0–5")
    page.get_by_role("button", name="Last chunk").click()
    kernel.stream(say("most"), at=3)
    expect(place).to_have_text("6 of 0–6")


def test_arguments_assemble_fragment_by_fragment(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    kernel.begin()
    pieces = ['{"a"', ": 1", ', "b": "x', '"}']
    words = ["being written"] * 3 + ["runnable since chunk 3"]
    for number, (piece, told) in enumerate(zip(pieces, words, strict=True)):
        name = {"name": "add"} if number == 0 else {}
        call = {"index": 0, "id": "c", "function": {**name, "arguments": piece}}
        kernel.stream(say("", tool_calls=[call]))
        expect(page.locator(".card .head")).to_contain_text(told)
        expect(page.locator(".chip")).to_have_count(number + 1)
    expect(page.locator(".tree .row")).to_have_count(3)
    expect(page.locator(".tree .row.complete")).to_have_count(3)


def test_tools_run_on_the_timeline_and_the_next_answer_is_a_step(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    kernel.begin()
    call = {"index": 0, "id": "c", "function": {"name": "add", "arguments": "{}"}}
    kernel.stream(say("", tool_calls=[call]))
    kernel.end()
    kernel.take(CallTools((ToolCall(0, 0, "c", "add", "{}"),)))
    expect(page.locator(".state[role=status]")).to_contain_text("running tools")
    ran = ToolRun("add", "c", "c", 0, "returned", "5", started_at_s=1, duration_s=0.25)
    kernel.take(ran, AskModel({}))
    kernel.stream(say("It is 5."))
    expect(page.locator(".steps button")).to_have_text(["step 1", "step 2"])
    expect(page.locator(".growing .log")).to_contain_text("tool · add, 0.250 s5")
    expect(page.locator(".growing .log")).to_contain_text("It is 5.")


def test_a_conversation_that_is_gone_on_with_is_shown_with_its_bytes(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    kernel.log.begin("And now?", earlier=talk)
    kernel.take(AskModel({}))
    kernel.stream(say("Hm."))
    expect(page.locator(".steps button")).to_have_count(3)
    expect(page.locator(".raw pre").first).to_contain_text("Hm.")
    page.locator(".steps button").first.click()
    expect(page.locator(".raw pre").first).to_contain_text("moonshotai/kimi-k2-0905")


def test_the_axis_is_time_once_the_clock_of_the_provider_is_known(page: Page) -> None:
    open_live(page)
    kernel = Kernel(page)
    kernel.begin()
    for n in range(4):
        payload = {
            "created": 1_700_000_000 + n,
            "choices": [{"index": 0, "delta": {"content": "x"}}],
        }
        kernel.stream(b"data: " + json.dumps(payload).encode() + b"\n\n")
    axis = page.get_by_role("combobox", name="Axis")
    expect(axis).to_have_value("chunk")
    kernel.end()
    expect(axis).to_have_value("time")


def test_run_sends_what_stands_in_the_controls_and_stop_is_there_while_it_runs(page: Page) -> None:
    open_live(page)
    expect(page.locator(".stop")).to_be_disabled()
    page.locator(".prompt").fill("Hi")
    page.locator(".prompt").press("Enter")
    message = sent(page)[-1]
    assert message == {
        "kind": "run",
        "prompt": "Hi",
        "system": "Be brief",
        "model": "m",
        "max_tokens": 9,
        "number": 2,
    }
    page.evaluate("model.tell({kind: 'heard', number: 2, told: ''})")
    expect(page.locator(".prompt")).to_have_value("")
    kernel = Kernel(page)
    kernel.begin()
    kernel.stream(say("Hello"))
    expect(page.locator(".run")).to_be_disabled()
    page.locator(".ask .stop").click()
    assert sent(page)[-1]["kind"] == "stop"
    kernel.end()
    kernel.log.tell_state("stopped")
    kernel.flush()
    expect(page.locator(".stop")).to_be_disabled()
    expect(page.locator(".run")).to_be_enabled()
    expect(page.locator(".save")).to_be_enabled()


def test_what_the_kernel_does_not_hear_is_said(page: Page) -> None:
    page.clock.install(time=0)
    page.clock.pause_at(1_000)
    open_live(page)
    page.clock.run_for(900)
    expect(page.locator(".words[role=status]")).to_have_text("")
    page.clock.run_for(200)
    expect(page.locator(".words[role=status]")).to_contain_text("interrupt the kernel")
    page.evaluate("model.tell({kind: 'heard', number: 1, told: ''})")
    expect(page.locator(".words[role=status]")).to_have_text("")


def test_an_error_of_the_kernel_is_shown_and_the_prompt_kept(page: Page) -> None:
    open_live(page)
    page.locator(".prompt").fill("Hi")
    page.locator(".run").click()
    page.evaluate("model.tell({kind: 'heard', number: 2, told: 'RuntimeError: no'})")
    expect(page.locator(".words[role=status]")).to_have_text("RuntimeError: no")
    expect(page.locator(".prompt")).to_have_value("Hi")


def test_a_view_that_only_watches_has_stop_and_no_prompt(page: Page) -> None:
    open_live(page, asks=False)
    assert page.locator("textarea").count() == 0
    kernel = Kernel(page)
    kernel.begin()
    kernel.stream(say("Hello"))
    page.locator(".stop").click()
    assert sent(page)[-1]["kind"] == "stop"


def test_two_views_of_a_model_each_take_all_and_leave_nothing(page: Page) -> None:
    open_live(page)
    page.evaluate("""() => {
      document.body.append(document.createElement("p"));
      window.other = live.render({model, el: document.querySelector("p")});
    }""")
    kernel = Kernel(page)
    kernel.begin()
    kernel.stream(say("Hello"))
    expect(page.locator(".log .text")).to_have_text(["Hello", "Hello"])
    page.evaluate("() => { stop(); other(); }")
    assert page.evaluate("model.count()") == 0
    assert page.locator(".chatviz").count() == 0


def test_places_are_filled_now_and_later_and_left_with_their_stills(page: Page) -> None:
    open_live(page)
    page.evaluate("""() => {
      stop();
      document.body.innerHTML = '<div data-chatviz-place="k"></div>' +
        '<div data-chatviz-place="other"></div><p data-chatviz-still="k">still</p>';
      window.leave = live.initialize({model});
    }""")
    expect(page.locator(".chatviz")).to_have_count(1)
    expect(page.get_by_text("still")).to_be_hidden()
    page.evaluate("document.querySelector('[data-chatviz-place=k]').remove()")
    expect(page.get_by_text("still")).to_be_visible()
    assert page.evaluate("model.count()") == 0
    page.evaluate("""() => {
      const place = document.createElement("div");
      place.dataset.chatvizPlace = "k";
      document.body.append(place);
    }""")
    expect(page.locator(".chatviz")).to_have_count(1)
    page.evaluate("leave()")
    expect(page.get_by_text("still")).to_be_visible()
    assert page.evaluate("model.count()") == 0


def test_keys_do_not_leave_the_view_but_escape_and_tab_do(page: Page) -> None:
    open_live(page)
    page.evaluate("""() => {
      window.keys = [];
      document.addEventListener("keydown", event => keys.push(event.key));
    }""")
    page.locator(".prompt").focus()
    for key in ("b", "Escape", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate("keys") == ["Escape", "Tab"]
