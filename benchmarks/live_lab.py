"""What watching costs in a real JupyterLab: 20,000 chunks into LiveChat; how soon Stop is heard.

Run ``python benchmarks/live_lab.py`` (about three minutes). Needs Chromium and the ``test`` extra;
$CHATVIZ_CHROMIUM names another Chromium. Times are of this machine, which also runs the kernel, the
server and the browser.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests.browser.lab

from playwright.sync_api import Page, WebSocket, sync_playwright

from tests.browser.lab import Lab, serve_lab

CHUNKS = 20_000
WANTED_STOP_MS = 300
WANTED_CPU = 1.10
LIMIT = 20  # messages a second
WANTED_BYTES = 2.0
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
SETUP = f"""
import asyncio, gc, json, sys, time
sys.path.insert(0, {str(Path(__file__).parent)!r})
import chatviz as cv
from live import Stream
from reading import make_body
body = make_body({CHUNKS}).replace(b'"finish_reason":"tool_calls"', b'"finish_reason":"stop"')
"""
CHAT = """
stream = Stream(body, {options})
chat = cv.LiveChat(stream, stop=cv.max_steps(1))
chat
"""
COST = """
def alone():
    gc.collect()
    began = time.process_time()
    asyncio.run(cv.run_agent_async("Hi", endpoint=stream, stop=cv.max_steps(1)))
    return time.process_time() - began

def watched():
    gc.collect()
    # The finished view, which the notebook keeps, comes after the stream: it is measured apart.
    cv.LiveChat._draw_stills, draw = (lambda self, turn: None), cv.LiveChat._draw_stills
    chat.result = None  # a conversation of its own, as without the widget
    began = time.process_time()
    chat.ask("Hi")
    chat.wait()
    took = time.process_time() - began
    cv.LiveChat._draw_stills = draw
    return took

def finish():
    result = cv.AgentResult(cv.Conversation(chat.result.steps[-1:]), "no_tool_calls")
    began = time.process_time()
    cv.inspect(result).html
    return time.process_time() - began

import os, threading
def measure():
    time.sleep(2)
    rows = [[alone(), watched(), finish()] for _ in range(9)]
    open("cost.part", "w").write(json.dumps(rows))
    os.replace("cost.part", "cost.json")
threading.Thread(target=measure).start()
"""
# The gaps between frames from now on, until somebody asks for them.
FRAMES = """
() => {
  window.gaps = [];
  let last = performance.now();
  const step = now => { gaps.push(now - last); last = now; requestAnimationFrame(step); };
  requestAnimationFrame(step);
}
"""
# A click on Stop, and how long until the page shows a state; in the page's own time.
STOP = """
async wanted => {
  const place = document.querySelector("[data-chatviz-place] .chatviz").shadowRoot;
  const state = place.querySelector(".state[role=status]"), began = performance.now();
  place.querySelector(".stop").click();
  while (!wanted.some(word => state.textContent.includes(word)))
    await new Promise(done => setTimeout(done, 1));
  return performance.now() - began;
}
"""


class Traffic:
    """Counts what reaches the page over its web sockets."""

    def __init__(self, page: Page) -> None:
        self.messages: list[tuple[float, int]] = []
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framereceived", self._take)

    def _take(self, data: Any) -> None:
        raw = data if isinstance(data, bytes) else str(data).encode()
        if b'"comm_msg"' in raw or b'"kind": "batch"' in raw:
            self.messages.append((time.monotonic(), len(raw)))

    @property
    def most_in_a_second(self) -> int:
        """How many messages the busiest second had."""
        times = [at for at, _ in self.messages]
        return max((sum(at <= other < at + 1 for other in times) for at in times), default=0)


class Report:
    """Prints each figure with what is wanted of it."""

    failed = 0

    def add(self, name: str, value: float, wanted: float | None = None, unit: str = "") -> None:
        """Print a figure, and remember whether it is more than what is wanted."""
        is_missed = wanted is not None and value > wanted
        self.failed += is_missed
        limit = "" if wanted is None else f"(at most {wanted:g}{unit}) {'NO' if is_missed else ''}"
        print(f"{name:62} {value:9.2f}{unit} {limit}", flush=True)


def open_chat(lab: Lab, name: str, options: str, *more: str) -> tuple[Page, Traffic]:
    """Open a notebook with a chat, and ask it."""
    notebook = lab.write(f"{name}.ipynb", SETUP, CHAT.format(options=options), *more)
    page = lab.open(notebook)
    traffic = Traffic(page)
    page.reload()
    page.wait_for_function("window.jupyterapp?.shell?.currentWidget?.context?.isReady")
    page.wait_for_timeout(3000)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator("[data-chatviz-place] .prompt").wait_for(timeout=60_000)
    return page, traffic


def ask(page: Page) -> None:
    page.evaluate(FRAMES)
    page.locator(".prompt").fill("Hi")
    page.locator(".prompt").press("Enter")


def read_frames(page: Page, report: Report, what: str) -> None:
    gaps = sorted(page.evaluate("gaps"))
    report.add(f"{what}: frames, 95 %", gaps[int(len(gaps) * 0.95)], None, " ms")
    report.add(f"{what}: the longest frame", gaps[-1], None, " ms")


def measure_whole(lab: Lab, report: Report, what: str, options: str, size: int) -> None:
    """Let a stream of 20,000 chunks come to its end."""
    page, traffic = open_chat(lab, "whole", options)
    before = len(traffic.messages)
    ask(page)
    page.locator(".sums", has_text="1 answer").wait_for(timeout=120_000)
    page.wait_for_timeout(1000)
    del traffic.messages[:before]
    shown = page.locator(".growing .place").inner_text()
    print(f"{what}: shown at its end: {shown}")
    report.add(f"{what}: messages in any one second", traffic.most_in_a_second, LIMIT)
    sent = sum(length for _, length in traffic.messages)
    report.add(f"{what}: bytes to the browser against the stream's", sent / size, WANTED_BYTES)
    read_frames(page, report, what)
    lab.shut_down(page)
    page.close()


def measure_stop(lab: Lab, report: Report, what: str, options: str) -> None:
    """Stop a stream that has no end, several times."""
    page, _ = open_chat(lab, "stop", options)
    reactions = []
    for _ in range(5):
        ask(page)
        page.locator(".state[role=status]", has_text="streaming").wait_for(timeout=30_000)
        page.wait_for_timeout(1000)
        reactions.append(page.evaluate(STOP, ["stopping", "stopped"]))
        page.locator(".state[role=status]", has_text="stopped").wait_for(timeout=30_000)
        page.wait_for_timeout(1000)
    report.add(f"Stop, {what}: median", statistics.median(reactions), WANTED_STOP_MS, " ms")
    report.add(f"Stop, {what}: slowest of 5", max(reactions), None, " ms")
    read_frames(page, report, f"Stop, {what}")
    lab.shut_down(page)
    page.close()


def measure_cost(lab: Lab, report: Report, *, is_seen: bool) -> None:
    """Compare what the kernel spends with the widget, and without.

    A browser that draws on the same cores makes a kernel slower; so it is also measured with the
    page closed, while the kernel sends all the same.
    """
    page, _ = open_chat(lab, "cost", "")
    page.evaluate("window.jupyterapp.commands.execute('notebook:insert-cell-below')")
    lab.set_source(page, COST)
    lab.run_last(page)
    if not is_seen:
        page.goto("about:blank")
    path = lab.folder / "cost.json"
    while not path.exists():
        page.wait_for_timeout(200)
    rows = json.loads(path.read_text())[1:]
    path.unlink()
    ratios = [watched / alone for alone, watched, _ in rows]
    how = "the page drawing" if is_seen else "the page closed"
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    report.add(
        f"kernel's CPU against reading, {how} ({spread})", statistics.median(ratios), WANTED_CPU
    )
    finished = statistics.median(took / alone for alone, _, took in rows)
    report.add("the finished view, which is made once, against reading", finished)
    if is_seen:
        lab.shut_down(page)
    page.close()


def main() -> int:
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = os.environ.get("CHATVIZ_CHROMIUM") or next(filter(None, map(shutil.which, names)))
    from reading import make_body

    size, report = len(make_body(CHUNKS)), Report()
    print(f"{CHUNKS:,} chunks, {size:,} bytes, one chunk a piece")
    with (
        tempfile.TemporaryDirectory() as scratch,
        serve_lab(Path(scratch)) as served,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        lab = Lab(*served, browser)
        measure_whole(lab, report, "full speed", "", size)
        measure_whole(lab, report, "2,000 chunks a second", "per_s=2000", size)
        for per_s in (500, 5_000):
            options = f"per_s={per_s}, is_endless=True"
            measure_stop(lab, report, f"{per_s:,} chunks a second, no end", options)
        measure_stop(lab, report, "full speed, no end", "is_endless=True")
        for is_seen in (True, False):
            measure_cost(lab, report, is_seen=is_seen)
        browser.close()
    return int(report.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
