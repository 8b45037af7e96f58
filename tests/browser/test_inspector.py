"""The inspector and the comparison in Chromium, without Jupyter: what a reader does with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import chatviz as cv
from chatviz.runs.conversation import Conversation
from chatviz.runs.given_runs import conversations_of
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.views.compare.compare import compare
from chatviz.views.inspector.data import inspector_data
from chatviz.views.inspector.inspect import INSPECTOR_PANES, inspect
from chatviz.views.page_module import pane_module
from chatviz.views.view import View
from chatviz.wire.exchange import RequestHead, ResponseHead

URL = "https://api.example.com/v1/chat/completions"
INSPECTOR = pane_module(*INSPECTOR_PANES)
PARTS = ("timeline", "tool_calls", "transcript", "usage")
OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
# A stub of anywidget's model, and the module from a Blob: what a widget manager does.
STUB = """
async ([code, data, css]) => {
  const handlers = {}, sent = [];
  const model = {
    sent, data: {data, css}, get: name => model.data[name], set: () => {}, save_changes: () => {},
    send: message => sent.push(message),
    on: (name, act) => { handlers[name] = act; }, off: name => { delete handlers[name]; },
    emit: (name, value) => handlers[name](value), names: () => Object.keys(handlers),
  };
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  const module = await import(url);
  window.model = model;
  window.stop = module.default.render({model, el: document.querySelector("#el")});
}
"""


def open_view(page: Page, *views: View) -> None:
    html = "".join(view.html for view in views)
    page.set_content(f"<!doctype html><meta charset=utf-8><title>t</title><body>{html}")
    page.locator(".chatviz").last.wait_for()


def stop_clock(page: Page) -> None:
    """From now on time passes only when a test says so."""
    page.clock.install(time=0)
    page.clock.pause_at(1_000)


def read(
    pieces: list[bytes],
    *,
    request: dict[str, Any] | None = None,
    times: Iterator[float] | None = None,
    head: ResponseHead | None = None,
) -> StreamRun:
    body = json.dumps(request or {"model": "m", "messages": []}).encode()
    reader = StreamReader(RequestHead("POST", URL, {}, body), response=head)
    for piece in pieces:
        reader.feed(piece, None if times is None else next(times))
    return reader.close()


def chunk(delta: dict[str, Any] | None, **fields: Any) -> bytes:
    reason = fields.pop("finish_reason", None)
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": reason}]
    payload = {"id": "x", "model": "m", "provider": "P", "choices": choices, **fields}
    return b"data: " + json.dumps(payload).encode() + b"\n\n"


def fragment(text: str, **named: str) -> dict[str, Any]:
    function = {**({"name": named["name"]} if named else {}), "arguments": text}
    return {"tool_calls": [{"index": 0, "function": function, **named}]}


@pytest.fixture(scope="module")
def talk() -> Conversation:
    return cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))


@pytest.fixture(scope="module")
def measured() -> StreamRun:
    """An answer of 20 chunks, one each tenth of a second, the first after half a second."""
    pieces = [chunk({"content": f"w{n} "}) for n in range(20)]
    head = ResponseHead(200, {}, 0.4, "measured")
    return read(pieces, times=(0.5 + n / 10 for n in count()), head=head)


@pytest.fixture
def seed(page: Page, talk: Conversation) -> Page:
    """A page with the inspector of a seed, at its first chunk."""
    open_view(page, inspect(talk))
    page.locator("canvas").focus()
    page.keyboard.press("Home")
    return page


def place(page: Page) -> str:
    return page.locator(".place").inner_text()


# ---- in the page


def test_the_module_replaces_picture_and_tables(page: Page, talk: Conversation) -> None:
    open_view(page, inspect(talk))
    assert page.locator("img").count() == 0
    expect(page.get_by_role("heading")).to_have_text("Fireworks · moonshotai/kimi-k2-0905")
    assert page.locator("canvas").bounding_box()["width"] > 1000


def test_without_scripts_picture_and_table_remain(browser: Browser, talk: Conversation) -> None:
    context = browser.new_context(java_script_enabled=False, offline=True)
    for view in (inspect(talk), compare(talk, talk)):
        page = context.new_page()
        page.set_content(view.html)
        assert page.locator("img").is_visible()
        assert page.locator("table").first.count() == 1
    context.close()


def test_several_views_and_the_same_one_twice_live_in_one_page(
    page: Page, talk: Conversation, measured: StreamRun
) -> None:
    open_view(page, inspect(talk), inspect(measured), inspect(talk), compare(talk, measured))
    assert page.locator(".chatviz").count() == 4
    assert page.locator("img").count() == 0
    page.locator("canvas").nth(1).focus()
    page.keyboard.press("Home")
    assert page.locator(".place").nth(1).inner_text() == "0 of 0–19"
    assert page.locator(".place").first.inner_text() == "29 of 0–29 · step 2"


@pytest.mark.parametrize("part", PARTS)
def test_each_part_lives_on_its_own(page: Page, talk: Conversation, part: str) -> None:
    open_view(page, getattr(cv, part)(talk))
    assert page.get_by_role("slider").count() == (part not in ("timeline", "usage"))
    assert page.locator("header").count() == (part != "timeline")
    assert page.locator("canvas").count() == (part == "timeline")
    assert page.locator(".pane").count() == 1
    assert page.locator(".pane table").count() == (part == "usage")


def test_an_answer_without_chunks_and_one_that_was_refused_are_shown(page: Page) -> None:
    empty = read([], head=ResponseHead(200))
    refused = read([b'{"error": {"message": "slow down", "code": 429}}'], head=ResponseHead(429))
    open_view(page, inspect(empty), inspect(refused), inspect([]), inspect([empty, refused]))
    texts = page.locator(".app").all_inner_texts()
    assert "No chunk came." in texts[0]
    assert "HTTP 429" in texts[1] and "slow down" in texts[1]
    assert "There are no answers to show." in texts[2]
    assert "slow down" in texts[3]


# ---- play, step, scrub


def test_buttons_step_and_stop_at_both_ends(seed: Page) -> None:
    assert place(seed) == "0 of 0–43 · step 1"
    seed.get_by_role("button", name="Previous chunk").click()
    assert place(seed).startswith("0 of")
    seed.get_by_role("button", name="Next chunk").click()
    assert place(seed).startswith("1 of")
    seed.get_by_role("button", name="Last chunk").click()
    assert place(seed) == "29 of 0–29 · step 2"
    seed.get_by_role("button", name="Next chunk").click()
    assert place(seed) == "29 of 0–29 · step 2"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        (["ArrowRight", "ArrowRight", "ArrowLeft"], "1 of 0–43 · step 1"),
        (["End"], "29 of 0–29 · step 2"),
        (["End", "Home"], "0 of 0–43 · step 1"),
        (["t"], "14 of 0–43 · step 1"),
        (["t", "t"], "28 of 0–43 · step 1"),
        (["t", "t", "Shift+T"], "14 of 0–43 · step 1"),
        (["t", "ArrowRight", "Shift+ArrowRight"], "16 of 0–43 · step 1"),
        (["f"], "14 of 0–43 · step 1"),
        (["End", "Shift+F"], "0 of 0–29 · step 2"),
    ],
)
def test_each_key_goes_where_the_help_says(seed: Page, keys: list[str], wanted: str) -> None:
    for key in keys:
        seed.keyboard.press(key)
    assert place(seed) == wanted


def test_the_scrubber_is_a_slider_that_shows_what_had_come(seed: Page) -> None:
    slider = seed.get_by_role("slider")
    slider.fill("3")
    assert slider.get_attribute("aria-valuetext") == "chunk 3 · step 1"
    assert "I'll add" in seed.locator(".said.assistant").inner_text()
    assert seed.locator(".said.assistant mark").inner_text() == " multiply"


def test_without_times_it_plays_at_a_pace_that_is_called_simulated(
    page: Page, talk: Conversation
) -> None:
    stop_clock(page)
    open_view(page, inspect(talk))
    assert page.locator("select[aria-label=Speed] optgroup").get_attribute("label") == (
        "simulated pace"
    )
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1_050)
    assert place(page) in ("9 of 0–43 · step 1", "10 of 0–43 · step 1")
    page.get_by_role("button", name="Pause").click()
    stopped = place(page)
    page.clock.run_for(1_000)
    assert place(page) == stopped


def test_recorded_times_are_kept_to(page: Page, measured: StreamRun) -> None:
    stop_clock(page)
    open_view(page, inspect(measured))
    page.locator("canvas").focus()
    page.keyboard.press("Space")
    page.clock.run_for(450)
    assert place(page) in ("3 of 0–19", "4 of 0–19")
    page.locator("select[aria-label=Speed]").select_option("x5")
    page.clock.run_for(200)
    assert place(page) in ("12 of 0–19", "13 of 0–19", "14 of 0–19")
    page.clock.run_for(2_000)
    assert place(page) == "19 of 0–19"
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_restart_plays_from_the_beginning(page: Page, measured: StreamRun) -> None:
    stop_clock(page)
    open_view(page, inspect(measured))
    page.locator("canvas").focus()
    page.keyboard.press("r")
    assert place(page) == "0 of 0–19"
    page.clock.run_for(5_000)
    assert place(page) == "19 of 0–19"


def test_with_reduced_motion_it_moves_four_times_a_second(page: Page, measured: StreamRun) -> None:
    page.emulate_media(reduced_motion="reduce")
    stop_clock(page)
    open_view(page, inspect(measured))
    page.locator("canvas").focus()
    page.keyboard.press("r")
    page.clock.run_for(240)
    assert place(page) == "0 of 0–19"
    page.clock.run_for(60)
    assert place(page) == "2 of 0–19"


# ---- what was true at a chunk


def test_each_path_shows_its_state_and_fragments_their_newest(seed: Page) -> None:
    seed.get_by_role("slider").fill("20")
    card = seed.locator(".card").first
    assert card.locator(".chip.fresh").all_inner_texts() == [","]
    assert [row.split("\n") for row in card.locator(".row").all_inner_texts()] == [
        ["$", "{ }", "◐ being written"],
        ["a", "2", "● complete"],
        ["b", "○ not there yet"],
    ]
    assert "not there yet" in seed.locator(".card").nth(1).inner_text()


def test_it_is_told_since_when_a_call_could_run(seed: Page, measured: StreamRun) -> None:
    seed.get_by_role("slider").fill("26")
    card = seed.locator(".card").first
    assert "runnable since chunk 26, 17 chunks before the end" in card.inner_text()
    seed.get_by_role("slider").fill("27")
    assert card.locator(".chip.empty.fresh").inner_text() == "empty"


def test_what_breaks_the_schema_is_marked_with_its_reason(page: Page) -> None:
    parameters = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["b"]}
    tools = [{"type": "function", "function": {"name": "f", "parameters": parameters}}]
    request = {"model": "m", "messages": [], "tools": tools}
    run = read(
        [chunk(fragment("", id="c", name="f")), chunk(fragment('{"a": 1')), chunk(fragment("}"))],
        request=request,
    )
    open_view(page, inspect(run))
    wrong = page.locator(".row.wrong").all_inner_texts()
    assert [text.split("\n")[0] for text in wrong] == ["a", "✕ $.b"]
    assert "wrong type" in wrong[0] and "is not of type" in wrong[0]
    page.get_by_role("slider").fill("0")
    assert page.locator(".row.wrong").count() == 0


def test_raw_json_marks_what_this_chunk_changed(seed: Page) -> None:
    seed.get_by_role("slider").fill("20")
    assert seed.locator(".raw mark").all_inner_texts() == ['"arguments": ","']
    seed.locator(".raw details summary").click()
    expect(seed.locator(".raw details pre")).to_contain_text(re.compile('^data: {"id":"gen-'))


def test_the_chunk_can_be_copied(seed: Page) -> None:
    seed.evaluate(
        "Object.defineProperty(navigator, 'clipboard',"
        " {value: {writeText: async text => { window.copied = text }}})"
    )
    seed.get_by_role("button", name="Copy").click()
    expect(seed.get_by_role("button", name="Copied")).to_be_visible()
    assert seed.evaluate("window.copied").startswith("data: {")


def test_where_no_script_can_copy_the_button_says_so(seed: Page) -> None:
    """A page over plain http has no clipboard."""
    seed.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    seed.get_by_role("button", name="Copy").click()
    expect(seed.get_by_role("button", name="Failed")).to_be_visible()


def test_usage_is_shown_when_it_came(seed: Page) -> None:
    rows = seed.locator(".usage tbody tr")
    assert "not yet" in rows.first.inner_text()
    seed.get_by_role("slider").fill("43")
    assert rows.first.inner_text().split("\t")[:4] == ["step 1", "210", "55", "0"]
    seed.keyboard.press("End")
    seed.locator("canvas").focus()
    seed.keyboard.press("End")
    assert rows.last.inner_text().split("\t")[:6] == ["so far", "493", "84", "0", "0", "577"]
    assert "0.0005058" in rows.last.inner_text()


def test_a_finding_leads_to_its_chunk(seed: Page) -> None:
    seed.get_by_role("button", name="10 findings").click()
    seed.get_by_role("button", name="step 1, chunk 29–41").click()
    assert place(seed) == "29 of 0–43 · step 1"
    assert seed.locator("li.now").count() >= 1


def test_the_clock_has_a_badge(page: Page, talk: Conversation, measured: StreamRun) -> None:
    open_view(page, inspect(talk), inspect(measured))
    assert page.locator(".badge.clock, .badge.none").first.inner_text() == "no clock: by number"
    assert page.locator(".badge.measured").inner_text() == "measured clock"


def test_what_is_left_out_is_said(page: Page, talk: Conversation) -> None:
    open_view(page, inspect(talk, max_bytes=20_000))
    text = page.locator(".app").inner_text()
    assert "The raw bytes are left out (25,120 bytes)" in text
    assert "runs[1].chunks[29].data" in text


# ---- the timeline


def told(page: Page) -> str:
    return page.locator(".told").inner_text()


def test_hovering_tells_chunk_time_gap_bytes_and_text(page: Page, measured: StreamRun) -> None:
    open_view(page, inspect(measured))
    box = page.locator("canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40)
    assert re.match(
        r"▸ chunk \d+ · \d\.\d+ s \(gap 0\.100 s\) · \d+ bytes · text “w\d+ ”", told(page)
    )
    page.mouse.move(5, 5)
    assert told(page).startswith("chunk 19 ")


def test_a_click_goes_to_the_chunk(seed: Page) -> None:
    box = seed.locator("canvas").bounding_box()
    seed.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + 40)
    assert re.match(r"2\d of 0–43 · step 1", place(seed))


def test_a_drag_selects_a_range_that_is_summed_up(seed: Page) -> None:
    box = seed.locator("canvas").bounding_box()
    seed.mouse.move(box["x"] + 200, box["y"] + 60)
    seed.mouse.down()
    seed.mouse.move(box["x"] + 400, box["y"] + 60, steps=4)
    seed.mouse.up()
    assert re.search(r"\d+ chunks, \d+ to \d+ · [\d,]+ bytes · \d+ characters", told(seed))
    seed.get_by_role("button", name="Zoom to it").click()
    seed.get_by_role("button", name="Clear").click()
    assert told(seed).startswith("chunk 0 ")


def test_the_keyboard_selects_a_range_too(seed: Page) -> None:
    for key in ("b", "ArrowRight", "ArrowRight", "b"):
        seed.keyboard.press(key)
    assert "3 chunks, 0 to 2" in told(seed)


def test_the_axis_shows_only_what_is_recorded(seed: Page) -> None:
    axis = seed.locator("select[aria-label=Axis]")
    assert axis.locator("option[disabled]").all_inner_texts() == ["axis: seconds (not recorded)"]
    seed.keyboard.press("a")
    assert axis.input_value() == "bytes"
    seed.keyboard.press("a")
    assert axis.input_value() == "chunk"


def test_zooming_and_panning_redraw_the_picture(seed: Page) -> None:
    shots = []
    for key in ("0", "+", "+", "]", "-", "0"):
        seed.keyboard.press(key)
        seed.wait_for_timeout(50)
        shots.append(seed.locator("canvas").screenshot())
    assert shots[0] == shots[-1]
    assert len(set(shots)) == 5


def test_the_wheel_zooms_only_with_ctrl_or_in_the_focused_timeline(
    page: Page, talk: Conversation
) -> None:
    open_view(page, inspect(talk), inspect(talk))
    box = page.locator("canvas").first.bounding_box()
    page.mouse.move(box["x"] + 300, box["y"] + 40)
    page.mouse.wheel(0, 100)
    page.wait_for_function("window.scrollY === 100")
    page.locator("canvas").first.focus()
    page.mouse.move(box["x"] + 300, box["y"] - 60)
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(100)
    assert page.evaluate("window.scrollY") == 100


# ---- guests in a notebook


def test_keys_stay_inside_but_for_escape_and_tab(seed: Page) -> None:
    seed.evaluate(
        "window.keys = []; document.addEventListener('keydown', e => window.keys.push(e.key))"
    )
    for key in ("b", "a", "Enter", "x", "ArrowDown", "Escape", "Tab"):
        seed.locator("canvas").focus()
        seed.keyboard.press(key)
    assert seed.evaluate("window.keys") == ["Escape", "Tab"]


def test_what_can_have_the_focus_suppresses_jupyters_shortcuts(seed: Page) -> None:
    without = """() => {
      const root = document.querySelector(".chatviz").shadowRoot;
      return [...root.querySelectorAll("button, select, input, summary, canvas, [tabindex]")]
        .filter(node => !node.closest("[data-lm-suppress-shortcuts]")).length;
    }"""
    assert seed.locator(".chatviz").get_attribute("data-lm-suppress-shortcuts") == ""
    assert seed.evaluate(without.replace(", [tabindex]", "")) == 0


def test_everything_that_can_be_pressed_has_a_name(page: Page, talk: Conversation) -> None:
    open_view(page, inspect(talk), compare(talk, talk))
    nameless = """() => [...document.querySelectorAll(".chatviz")].flatMap(host =>
      [...host.shadowRoot.querySelectorAll("button, select, input, canvas, summary")])
      .filter(node => !(node.getAttribute("aria-label") || node.textContent.trim())).length"""
    assert page.evaluate(nameless) == 0


def test_a_widget_renders_says_what_is_chosen_and_cleans_up(page: Page, talk: Conversation) -> None:
    page.set_content('<div id="el">before</div>')
    data = inspector_data(conversations_of(talk))
    page.evaluate(STUB, [INSPECTOR.code, data, INSPECTOR.style])
    assert page.evaluate("model.sent") == [{"kind": "ready"}]
    page.get_by_role("slider").fill("50")
    assert page.evaluate("model.sent.at(-1)") == {"kind": "select", "run": 1, "chunk": 6}
    page.evaluate("model.emit('msg:custom', {kind: 'select', run: 0, chunk: 7})")
    assert place(page) == "7 of 0–43 · step 1"
    page.evaluate("model.emit('msg:custom', {kind: 'select', run: 99, chunk: 7})")
    assert place(page) == "7 of 0–43 · step 1"
    page.evaluate("window.stop()")
    assert page.locator(".chatviz").count() == 0
    assert page.evaluate("model.names()") == []


def test_new_data_is_drawn(page: Page, talk: Conversation, measured: StreamRun) -> None:
    page.set_content('<div id="el"></div>')
    data = inspector_data(conversations_of(talk))
    page.evaluate(STUB, [INSPECTOR.code, data, ""])
    other = inspector_data(conversations_of(measured))
    page.evaluate("data => { model.data.data = data; model.emit('change:data'); }", other)
    assert place(page) == "19 of 0–19"
    assert page.locator("canvas").count() == 1


@pytest.mark.parametrize("width", [320, 2000])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_every_width_in_light_and_dark(
    browser: Browser, talk: Conversation, width: int, scheme: Any
) -> None:
    viewport: Any = {"width": width, "height": 900}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, offline=True)
    page = context.new_page()
    for view in (inspect(talk), compare(talk, talk)):
        open_view(page, view)
        page.wait_for_timeout(50)
        assert page.evaluate(OVERFLOW) <= 0
        ground = page.locator(".app").evaluate("node => getComputedStyle(node).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 24, 27)")
    context.close()


def test_it_follows_the_theme_of_its_host(page: Page, talk: Conversation) -> None:
    open_view(page, inspect(talk))
    pixel = "canvas => [...canvas.getContext('2d').getImageData(2, 2, 1, 1).data]"
    assert page.locator("canvas").evaluate(pixel) == [255, 255, 255, 255]
    page.evaluate("document.body.style.setProperty('--jp-layout-color1', '#102030')")
    page.wait_for_timeout(100)
    assert page.locator("canvas").evaluate(pixel) == [16, 32, 48, 255]


def test_it_lives_with_forced_colours(browser: Browser, talk: Conversation) -> None:
    context = browser.new_context(forced_colors="active", contrast="more", offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_view(page, inspect(talk), compare(talk, talk))
    assert errors == []
    context.close()


# ---- the comparison


def test_the_comparison_moves_by_what_is_said_and_by_chunk(page: Page) -> None:
    views = [
        cv.read_conversation(cv.sample(f"openrouter_kimi-k2_{n}")) for n in ("fireworks", "novita")
    ]
    open_view(page, compare(*views))
    words = page.locator(".words")
    assert words.nth(1).inner_text() == (
        "I'll perform both the addition and multiplication of 2 and 3 for you."
    )
    marked = words.nth(1).locator("mark").all_inner_texts()
    assert marked == ["perform both", "addition and multiplication of"]
    page.get_by_role("slider").fill("0")
    assert words.first.inner_text().strip() == "… 50 more"
    page.locator("select").select_option("chunk")
    page.get_by_role("slider").fill("100")
    assert place(page) == "chunk 4"
    assert "not recorded" in page.locator("option[disabled]").inner_text()


def test_the_comparison_can_be_by_time_where_all_is_measured(
    page: Page, measured: StreamRun
) -> None:
    open_view(page, compare(measured, measured))
    page.locator("select").select_option("time")
    page.get_by_role("slider").fill("500")
    assert place(page) == "1.200 s"
    assert page.locator(".words").first.inner_text().startswith("w0 w1 w2 w3 w4 w5 w6 w7 ")


# ---- hostile streams

HOSTILE = (
    "<img src=x onerror='window.hacked=1'>",
    "</script><script>window.hacked=1</script>",
    "<!-- <script> -->",
    "javascript:window.hacked=1",
    "'\"><svg/onload=window.hacked=1>",
    '"+(window.hacked=1)+"',
    "${window.hacked=1}",
    "]]><style>@import 'https://example.com/x.css'</style>",
    "\u202e\u0000\ud800\u2028",
)


def hostile_run(text: str) -> StreamRun:
    """An answer that holds a text in every field that is shown."""
    arguments = json.dumps({text: [text, {text: text}]})
    schema = {"type": "object", "properties": {text: {"type": "integer"}}, "required": [text * 2]}
    tools = [{"type": "function", "function": {"name": text, "parameters": schema}}]
    asked = [{"role": text, "content": text}, {"role": "user", "content": text}]
    named = {"model": text, "provider": text, "id": text}
    pieces = [
        f": {text}\n\n".replace("\u2028", "").encode(errors="replace"),
        chunk({"role": text, "content": ""}, **named),
        chunk({"reasoning": text, "reasoning_details": [{"type": text, "data": text}]}, **named),
        chunk({"content": text, "refusal": text, text: text}, **named),
        chunk(fragment("", id=text, name=text, type=text), **named),
        *(chunk(fragment(arguments[n : n + 9]), **named) for n in range(0, len(arguments), 9)),
        chunk(fragment(text), **named),
        chunk({}, finish_reason=text, native_finish_reason=text, **named),
        chunk(None, usage={"prompt_tokens": 1, "completion_tokens": 2, text: text}, **named),
        b"data: " + json.dumps({"error": {"message": text, "code": text}}).encode() + b"\n\n",
        f"data: {text}\n\n".encode(errors="replace"),
    ]
    return read(pieces, request={"model": text, "messages": asked, "tools": tools})


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_stream_runs_or_is_fetched(
    browser: Browser, text: str, problems: list[str]
) -> None:
    run = hostile_run(text)
    refused = read([json.dumps({"error": text}).encode()], head=ResponseHead(500))
    views = [inspect([run, refused]), compare(run, refused), compare(run, hostile_run(text + "!"))]
    for part in PARTS:
        views.append(getattr(cv, part)(run))
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.on("request", lambda request: problems.append(f"asked for {request.url[:100]}"))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("dialog", lambda dialog: problems.append(dialog.message))
    open_view(page, *views)
    assert page.locator(".chatviz").count() == len(views)
    for slider in page.get_by_role("slider").all():
        for value in ("0", "3", "6"):
            slider.fill(value)
    page.locator("canvas").first.hover()
    strange = """() => [...document.querySelectorAll(".chatviz")].map(host => host.shadowRoot
      .querySelectorAll("img, script, iframe, a, object, embed, svg[onload], link").length)"""
    assert set(page.evaluate(strange)) == {0}
    page.wait_for_timeout(50)
    assert page.evaluate("window.hacked") is None
    problems[:] = [one for one in problems if "data:image/svg+xml" not in one]
    context.close()


@pytest.mark.parametrize("max_bytes", [100_000, 50_000, 20_000])
def test_a_stream_too_large_to_be_stored_whole_says_what_is_left_out(
    page: Page, max_bytes: int
) -> None:
    run = read([chunk({"content": f"word {n} "}) for n in range(5_000)])
    data = inspector_data(conversations_of(run), max_bytes=max_bytes)
    assert data["left_out"]
    page.set_content("<!doctype html><meta charset=utf-8><title>t</title><body><div id=el></div>")
    page.evaluate(STUB, [INSPECTOR.code, data, INSPECTOR.style])
    expect(page.locator(".raw pre").first).to_contain_text("Left out of this view")
    expect(page.locator(".note").first).to_contain_text("The raw bytes are left out")
    page.get_by_role("button", name="Previous chunk").click()
    expect(page.locator(".place")).to_contain_text("4998")
