"""What the inspector weighs and how smoothly it moves, with 1,000 to 100,000 chunks in Chromium.

Run ``python benchmarks/inspector.py`` (``--quick`` for the two small sizes). Needs Chromium and the
``test`` extra; $CHATVIZ_CHROMIUM names another Chromium. Frame times are of this machine.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import sys
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright
from reading import make_body

from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.inspector.inspect import inspect

WANTED_FRAME_MS = 1000 / 30
MAX_BYTES = 1_000_000
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"]
# Time for the work of each frame: a key, what it draws, and the style and layout behind it.
PAN = """
async frames => {
  const root = document.querySelector(".chatviz").shadowRoot;
  const canvas = root.querySelector("canvas"), times = [];
  const press = key => canvas.dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
  const next = () => new Promise(requestAnimationFrame);
  canvas.focus();
  press("Home");
  for (const key of ["+", "+"]) { press(key); await next(); }
  let last = await next();
  for (let n = 0; n < frames; n++) {
    press(n % 8 === 7 ? (n % 16 === 7 ? "+" : "-") : n % 50 < 25 ? "]" : "[");
    const now = await next();
    times.push(now - last);
    last = now;
  }
  return times;
}
"""
PLAY = """
async frames => {
  const root = document.querySelector(".chatviz").shadowRoot;
  const speed = root.querySelector("select[aria-label=Speed]"), times = [];
  const next = () => new Promise(requestAnimationFrame);
  const canvas = root.querySelector("canvas");
  canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "0", bubbles: true, composed: true}));
  root.querySelector("input[type=range]").value = 0;
  root.querySelector("input[type=range]").dispatchEvent(new Event("input"));
  speed.value = "p10000";
  speed.dispatchEvent(new Event("change"));
  root.querySelector(".play").click();
  let last = await next();
  for (let n = 0; n < frames && root.querySelector(".play[aria-label=Pause]"); n++) {
    const now = await next();
    times.push(now - last);
    last = now;
  }
  return times;
}
"""
READY = """
() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(
  () => resolve([performance.now(), performance.memory.usedJSHeapSize]))))
"""


def read_timed(body: bytes) -> StreamRun:
    """Read a stream with a time for each event."""
    pace, at, reader = random.Random(1), 1.0, StreamReader()
    for event in body.split(b"\n\n")[:-1]:
        reader.feed(event + b"\n\n", at)
        at += pace.uniform(0.001, 0.03)
    return reader.close()


def measure(page: Page, chunks: int) -> dict[str, Any]:
    """Return the figures of one size."""
    body = make_body(chunks)
    run = read_timed(body)
    started = time.perf_counter()
    html = inspect(run).html
    made_s = time.perf_counter() - started
    page.goto("about:blank")
    page.set_content(f"<!doctype html><meta charset=utf-8>{html}", timeout=120_000)
    page.locator(".chatviz").wait_for()
    ready_ms, heap = page.evaluate(READY)
    panning = page.evaluate(PAN, 120)
    playing = page.evaluate(PLAY, 120)
    return {
        "chunks": chunks,
        "stream": len(body),
        "output": len(html.encode()),
        "made_s": made_s,
        "ready_ms": ready_ms,
        "heap_mb": heap / 1e6,
        "pan": panning,
        "play": playing,
    }


def slow(times: list[float]) -> float:
    """Return the time that 95 of 100 frames keep to."""
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two small sizes only")
    sizes = (1_000, 10_000) if parser.parse_args().quick else (1_000, 10_000, 100_000)
    chromium = os.environ.get("CHATVIZ_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        rows = [measure(page, chunks) for chunks in sizes]
        browser.close()
    print(
        " chunks    stream    output  of it   made  ready   heap   pan ms (95 %)   play ms (95 %)"
    )
    for row in rows:
        pan, play = (
            f"{statistics.median(times):6.1f} ({slow(times):5.1f})"
            for times in (row["pan"], row["play"] or [0.0])
        )
        share = row["output"] / row["stream"]
        print(
            f"{row['chunks']:7,} {row['stream'] / 1e6:6.2f} MB {row['output'] / 1e6:6.2f} MB "
            f"{share:6.2f} {row['made_s']:4.1f} s {row['ready_ms'] / 1000:4.2f} s "
            f"{row['heap_mb']:4.0f} MB   {pan}   {play}"
        )
    too_slow = [row for row in rows if statistics.median(row["pan"]) > WANTED_FRAME_MS]
    too_large = [row for row in rows if row["output"] > MAX_BYTES + 80_000]
    print(f"wanted: at most {WANTED_FRAME_MS:.0f} ms a frame, at most 1 MB of data")
    sys.exit(1 if too_slow or too_large else 0)


if __name__ == "__main__":
    main()
