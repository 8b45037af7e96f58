"""A live conversation in a real JupyterLab: nothing hangs, nothing leaks, and what is saved."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.lab import PLANTED, Lab

LONG_MS = 20_000
CHAT = "chat = LiveChat(Endpoint(), tools=[fail])\nchat"
STREAMS = "endpoint = Endpoint()\nendpoint.asked = 2\nchat = LiveChat(endpoint)\nchat"
LEFT = "[t.name for t in threading.enumerate() if t.name.startswith('chatviz')]"
SETUP = """
import asyncio, json, threading
from typing import Annotated
import chatviz as cv
from chatviz.agent.tools.tool import tool
from chatviz.runs.run import StreamRun
from chatviz.runs.reader import StreamReader
from chatviz.widgets.live.live import live
from chatviz.widgets.live.chat import LiveChat
from chatviz.wire.exchange import RequestHead, ResponseHead

@tool
def fail() -> str:
    "Fails"
    raise ValueError("no luck")

def say(delta, reason=None):
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\\n\\n"

DONE = b"data: [DONE]\\n\\n"

class Endpoint:
    "Calls a tool, answers, and then streams for ever."
    model, extra_body, asked = "m", {}, 0
    async def ask_async(self, body, *, watch=None):
        self.asked += 1
        url, sent = "https://x.test/chat/completions", json.dumps(body).encode()
        head = RequestHead("POST", url, {}, sent)
        reader = StreamReader(head, response=ResponseHead(200))
        call = {"index": 0, "id": "c", "function": {"name": "fail", "arguments": "{}"}}
        if self.asked == 1:
            reader.feed(say({"tool_calls": [call]}) + say({}, "tool_calls") + DONE)
        elif self.asked == 2:
            reader.feed(say({"content": "It failed."}) + say({}, "stop") + DONE)
        else:
            while True:
                reader.feed(say({"content": "again "}))
                watch(reader)
                await asyncio.sleep(0.005)
        watch(reader)
        return reader.close()
"""


def ask(view: Locator | Page, prompt: str) -> None:
    view.locator(".prompt").fill(prompt)
    view.locator(".prompt").press("Enter")


def state(view: Locator | Page) -> Locator:
    return view.locator(".state[role=status]")


def outputs_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    return [output for cell in notebook["cells"] for output in cell["outputs"]]


def test_a_tool_error_a_follow_up_stop_and_the_saved_notebook(lab: Lab) -> None:
    page = lab.run(lab.write("chat.ipynb", SETUP, CHAT))
    chat = page.locator("[data-chatviz-place]")
    ask(chat, "Try it")
    log = chat.locator(".growing .log")
    expect(log).to_contain_text("ValueError: no luck", timeout=LONG_MS)
    expect(log).to_contain_text("It failed.")
    expect(state(chat)).to_contain_text("idle", timeout=LONG_MS)
    ask(chat, "And again")
    expect(log).to_contain_text("again again again")
    chat.locator(".stop").click()
    expect(state(chat)).to_contain_text("stopped", timeout=LONG_MS)
    expect(page.locator("[data-chatviz-still] .chatviz")).to_be_attached()
    notebook = lab.save(page)
    outputs = outputs_of(notebook)
    text = json.dumps([notebook["metadata"], outputs])
    assert "widgets" not in notebook["metadata"]
    assert "widget-view" not in text
    assert "data:image/svg+xml" in "".join(outputs[-1]["data"]["text/html"])
    lab.shut_down(page)
    lab.take_kernel("chat.ipynb", trusted=False)
    page = lab.open("chat.ipynb", kernel=False)
    expect(page.locator(".jp-OutputArea-output img")).to_be_visible()
    assert lab.chatviz_errors() == []


def test_live_hears_stop_while_its_cell_runs(lab: Lab) -> None:
    cell = "endpoint = Endpoint()\nendpoint.asked = 2\nresult = await live('Hi', endpoint=endpoint)"
    page = lab.start(lab.write("live.ipynb", SETUP, cell, "result.stop_reason, " + LEFT))
    expect(page.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    page.locator(".stop").click()
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("('cancelled', [])")
    notebook = lab.save(page)
    (output,) = notebook["cells"][1]["outputs"]
    assert set(output["data"]) == {"text/html", "text/plain"}
    assert "data:image/svg+xml" in "".join(output["data"]["text/html"])
    assert lab.chatviz_errors() == []


def test_two_views_of_a_chat_show_the_same_and_either_stops_it(lab: Lab) -> None:
    page = lab.run(lab.write("two.ipynb", SETUP, STREAMS, "chat"))
    views = page.locator("[data-chatviz-place]")
    expect(views).to_have_count(2)
    ask(views.first, "Hi")
    for view in views.all():
        expect(view.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    views.last.locator(".stop").click()
    for view in views.all():
        expect(state(view)).to_contain_text("stopped", timeout=LONG_MS)
    assert lab.chatviz_errors() == []


def test_a_closed_tab_leaves_the_run_alone_and_a_new_one_can_stop_it(lab: Lab) -> None:
    name = lab.write("tab.ipynb", SETUP, STREAMS, "chat")
    page = lab.run(name)
    ask(page.locator("[data-chatviz-place]").first, "Hi")
    expect(page.locator(".growing .log").first).to_contain_text("again again", timeout=LONG_MS)
    lab.save(page)
    page.close()
    page = lab.open(name)
    lab.run_last(page)  # the kernel is the same: what it shows begins with all that has come
    view = page.locator("[data-chatviz-place]").last
    expect(view.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    view.locator(".stop").click()
    expect(state(view)).to_contain_text("stopped", timeout=LONG_MS)


def test_running_the_cell_again_ends_what_it_had_begun(lab: Lab) -> None:
    page = lab.run(lab.write("again.ipynb", SETUP, STREAMS))
    ask(page.locator("[data-chatviz-place]"), "Hi")
    expect(page.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    lab.set_source(page, "earlier = chat\n" + STREAMS)
    lab.run_last(page)
    expect(state(page)).to_contain_text("idle", timeout=LONG_MS)
    lab.set_source(page, f"earlier.wait(10)\nprint('left:', earlier.state, {LEFT})")
    lab.run_last(page)
    expect(page.locator(".jp-OutputArea-output").last).to_have_text("left: stopped []")
    assert lab.chatviz_errors() == []


def test_a_restarted_kernel_is_said_to_hear_nothing(lab: Lab) -> None:
    page = lab.run(lab.write("restart.ipynb", SETUP, STREAMS))
    ask(page.locator("[data-chatviz-place]"), "Hi")
    expect(page.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    lab.restart(page)
    place = page.locator("[data-chatviz-place]")
    page.wait_for_timeout(500)
    if place.locator(".stop").count():  # where the view is still there it must not pretend
        place.locator(".stop").click()
        expect(place.locator(".words[role=status]")).to_contain_text("restarted", timeout=LONG_MS)
    page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
    expect(state(place)).to_contain_text("idle", timeout=LONG_MS)
    ask(place, "Hi")
    expect(place.locator(".growing .log")).to_contain_text("again again", timeout=LONG_MS)
    place.locator(".stop").click()
    expect(state(place)).to_contain_text("stopped", timeout=LONG_MS)


ASK = """
import logging, os
import chatviz as cv
logging.basicConfig(filename="everything.log", level=1)
server = cv.ReplayServer(cv.sample("openrouter_kimi-k2_novita"), match=lambda a, b: (), repeat=True)
server.start()
# The key is found in the environment, as that of a server elsewhere would be.
url = server.base_url.replace("127.0.0.1", "localhost")
asked = []
find = lambda: asked.append(1) or os.environ["OPENAI_API_KEY"]
endpoint = cv.Endpoint(url, model="m", api_key=find, cassette="kept.yaml", mode="all")
chat = cv.LiveChat(endpoint)
chat.ask("Hi")
chat.wait(20)
chat.save("saved.yaml")
chat
"""
SHOW = """
import ipywidgets, json
print(endpoint, chat, vars(chat), chat.result, chat.widget.get_state())
json.dump(ipywidgets.Widget.get_manager_state(), open("widgets.json", "w"), default=repr)
%xmode Verbose
server.close()
await endpoint.ask_async({"messages": []})
"""


def test_a_planted_key_is_nowhere_to_be_found(lab: Lab) -> None:
    page = lab.run(lab.write("key.ipynb", ASK, SHOW))
    expect(page.locator(".jp-OutputArea-output").last).to_contain_text("EndpointConnectionError")
    expect(page.locator(".growing .log")).to_contain_text("assistant")
    text = json.dumps(lab.save(page))
    assert "Traceback" in text and "EndpointConnectionError" in text
    seen = page.evaluate(WHOLE_TEXT)
    assert "EndpointConnectionError" in seen
    files = [path for path in lab.folder.parent.rglob("*") if path.is_file()]
    names = {path.name for path in files}
    assert {"key.ipynb", "kept.yaml", "saved.yaml", "everything.log", "widgets.json"} <= names
    assert (lab.folder / "everything.log").stat().st_size > 0
    found = [path.name for path in files if PLANTED.encode() in path.read_bytes()]
    assert found == []
    assert PLANTED not in text + seen
    assert PLANTED not in "".join(lab.errors)
    known = "len(asked) > 0, os.environ['OPENAI_API_KEY'] in str(vars(endpoint))"
    lab.set_source(page, known)
    lab.run_last(page)
    expect(page.locator(".jp-OutputArea-output").last).to_have_text("(True, False)")


# All that a page shows, shadow roots included.
WHOLE_TEXT = """
() => {
  const texts = [];
  const walk = root => {
    texts.push(root.innerHTML ?? "");
    for (const node of root.querySelectorAll("*")) if (node.shadowRoot) walk(node.shadowRoot);
  };
  walk(document.documentElement);
  return texts.join("\\n");
}
"""
