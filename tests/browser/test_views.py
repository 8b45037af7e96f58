"""The pictures as Chromium draws them: narrow and wide, light and dark."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from chatviz.cassettes.reading import read_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.cache.cache import cache
from chatviz.views.timeline.timeline import timeline
from chatviz.views.tool_calls.tool_calls import tool_calls
from chatviz.views.transcript.transcript import transcript
from chatviz.views.usage.usage import usage
from chatviz.views.view import View
from chatviz.wire.exchange import RequestHead, ResponseHead

VIEWS = (timeline, tool_calls, transcript, usage, cache)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the pictures; what replaces them where scripts run has tests of its own."""
    monkeypatch.setenv("CHATVIZ_RENDERER", "static")


LOOK = """
() => {
  const boxes = [...document.querySelectorAll("svg text")].map(text => {
    const {left, right, top, bottom} = text.getBoundingClientRect();
    return {words: text.textContent, left, right, top, bottom,
            size: parseFloat(getComputedStyle(text).fontSize)};
  });
  const {left, right, top, bottom} = document.querySelector("svg").getBoundingClientRect();
  return {boxes, frame: {left, right, top, bottom}};
}
"""
SIZES = """
async () => {
  const image = document.querySelector("img");
  await image.decode();
  return [image.width === image.naturalWidth, image.height === image.naturalHeight,
          document.documentElement.scrollWidth <= window.innerWidth];
}
"""
CLEAR_PIXELS = """
async source => {
  const image = new Image();
  image.src = source;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
  let clear = 0;
  for (let at = 3; at < data.length; at += 4) clear += data[at] < 255;
  return clear;
}
"""


def every_kind() -> StreamRun:
    """Return a measured run with long names, wide letters, keep-alives and all kinds of deltas."""
    reader = StreamReader(
        RequestHead("POST", "https://api.example.com/v1/chat/completions", {}, b"{}"),
        response=ResponseHead(200, {}, 2.5, "measured"),
    )
    words = "WWWW mmmm 漢字漢字 @@@ a_very_long_name_of_something_that_never_ends"
    deltas: list[dict[str, Any]] = [{"role": "assistant"}, {"reasoning": words}, {"content": words}]
    for index in range(3):
        call = {"index": index, "id": f"call-{index}-" + "W" * 90, "function": {"name": words}}
        deltas.append({"tool_calls": [call]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in ('{"WWWWWWWWWWWWWWWWWWWWWWWW', '": "MMMMMMMMMMMMMMM', "漢字漢字", '"', "}")
        ]
    for at, delta in enumerate(deltas):
        chunk = {"id": "x", "model": words, "choices": [{"index": 0, "delta": delta}]}
        reader.feed(b": keep-alive\n\ndata: " + json.dumps(chunk).encode() + b"\n\n", 2.6 + at / 9)
    usage = {"prompt_tokens": 10**12, "completion_tokens": 10**9, "cost": 0.123456789012345}
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": usage}
    reader.feed(b"data: " + json.dumps(end).encode() + b"\n\n", 7.0)
    return reader.close()


@pytest.fixture(params=["seeds", "every kind", "nothing"])
def runs(request: pytest.FixtureRequest, seeds: Any) -> list[StreamRun]:
    made: dict[str, Callable[[], list[StreamRun]]] = {
        "seeds": lambda: [run for path in seeds for run in read_runs(path)],
        "every kind": lambda: [every_kind()],
        "nothing": list,
    }
    return made[request.param]()


@pytest.fixture(params=VIEWS, ids=lambda view: view.__name__)
def view(request: pytest.FixtureRequest, runs: list[StreamRun]) -> View:
    shown: View = request.param(runs)
    return shown


def overlapping(boxes: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield each pair of texts that overlap by more than a pixel."""
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            wide = min(one["right"], other["right"]) - max(one["left"], other["left"])
            high = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
            # The boxes of two lines of text touch; their letters do not.
            if wide > 1 and high > 4:
                yield one["words"], other["words"]


def test_no_label_overlaps_another_or_leaves_the_picture_or_is_small(
    page: Page, view: View
) -> None:
    page.set_content(f'<body style="margin:0">{view.svg}</body>')
    seen = page.evaluate(LOOK)
    assert list(overlapping(seen["boxes"])) == []
    frame = seen["frame"]
    outside = [
        box["words"]
        for box in seen["boxes"]
        if box["left"] < frame["left"] or box["right"] > frame["right"] - 1
        or box["top"] < frame["top"] or box["bottom"] > frame["bottom"]
    ]  # fmt: skip
    assert outside == []
    assert all(box["size"] >= 11 for box in seen["boxes"])


def test_the_picture_keeps_its_size_and_ground_on_any_page(page: Page, view: View) -> None:
    for width in (320, 1200):
        for ground in ("#ffffff", "#111111"):
            page.set_viewport_size({"width": width, "height": 600})
            # What notebooks' own style sheets do to images must not make the letters smaller.
            style = f"body {{ background: {ground}; margin: 0 }} img {{ max-width: 100% }}"
            page.set_content(f"<style>{style}</style>{view.html}")
            assert page.evaluate(SIZES) == [True, True, True]
            image = page.locator("img")
            assert image.get_attribute("alt") == view.sentence
            assert page.evaluate(CLEAR_PIXELS, image.get_attribute("src")) == 0


def test_every_lane_is_labelled(page: Page, seeds: Any) -> None:
    view = timeline(read_runs(seeds.fireworks)[0])
    page.set_content(view.svg)
    words = {box["words"] for box in page.evaluate(LOOK)["boxes"]}
    lanes = {row[1] for row in view.tables[0].rows}
    assert lanes - {"finish", "usage"} <= words
    assert "▼ finish  ◆ usage" in {" ".join(word.split(" ")) for word in words}


def test_hostile_text_runs_nothing(page: Page, problems: list[str]) -> None:
    hostile = '<script>throw 1</script><img src=x onerror="throw 2">" onload="throw 3'
    reader = StreamReader()
    delta = {"content": hostile, "tool_calls": [{"index": 0, "id": hostile,
             "function": {"name": hostile, "arguments": hostile}}]}  # fmt: skip
    chunk = {"model": hostile, "choices": [{"index": 0, "delta": delta}]}
    reader.feed(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    run = reader.close()
    page.set_content("".join(show(run).html + show(run).svg for show in VIEWS))
    assert page.locator("script, img:not([src^='data:image/svg'])").count() == 0
    assert problems == []
