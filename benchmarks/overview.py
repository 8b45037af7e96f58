"""How soon a folder of thousands is seen: the overview, and the workbench in Chromium.

Run ``python benchmarks/overview.py`` (``--files 200`` for a quick look). The files are synthetic
copies of the packaged recordings, as ``many.py`` makes them. Needs Chromium and the ``test`` extra;
$CHATVIZ_CHROMIUM names another Chromium. Times and memory are of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from many import make_many
from playwright.sync_api import Page, sync_playwright

import chatviz as cv
from chatviz.widgets.workbench.workbench import Workbench

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
TRAITS = (
    *("css", "_key", "_names", "_progress", "_charts", "_rows", "_state"),
    *("_film", "_cursor", "_table", "_comparison", "_notice"),
)
OPEN = """
async ([code, traits]) => {
  const acts = {};
  const model = {
    get: name => traits[name], on: (name, act) => (acts[name] ??= new Set()).add(act),
    off: (name, act) => acts[name]?.delete(act),
    send: message => window.toPython(JSON.stringify(message)),
  };
  window.take = changed => {
    Object.assign(traits, changed);
    for (const name of Object.keys(changed)) for (const act of acts[`change:${name}`] ?? []) act();
  };
  const url = URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
  (await import(url)).default.render({model, el: document.body});
}
"""
SCROLL = """
async () => {
  const roots = [...document.querySelector(".chatviz").shadowRoot.querySelectorAll(".chatviz")];
  const list = roots.map(one => one.shadowRoot.querySelector(".window")).find(one => one);
  const next = () => new Promise(requestAnimationFrame), times = [];
  let last = await next();
  for (let n = 0; n < 200; n++) {
    list.scrollTop += 100;
    const now = await next();
    times.push(now - last);
    last = now;
  }
  return times;
}
"""


class Figure(NamedTuple):
    """One figure, and what it may be at most; None where nothing is asked."""

    what: str
    measured: float
    most: float | None
    unit: str


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    files = parser.parse_args().files
    with TemporaryDirectory() as folder:
        make_many(Path(cv.sample("synthetic_timed")).parents[1], Path(folder), files)
        figures = [*measure_overview(folder), *measure_workbench(folder)]
    print(f"{files:,} files (synthetic copies)\n{'':46}{'measured':>12}{'at most':>12}")
    for what, measured, most, unit in figures:
        told = "" if most is None else f"{most:,.4g} {unit}"
        print(f"{what:46}{measured:>9,.4g} {unit:2}{told:>12}")
    return int(any(most is not None and measured > most for _, measured, most, _ in figures))


def measure_overview(folder: str) -> Iterator[Figure]:
    started = time.perf_counter()
    view = cv.overview(cv.read_folder(folder, progress=False))
    yield Figure("overview: read and summed up", time.perf_counter() - started, None, "s")
    yield Figure("overview: the whole output", len(view.html.encode()) / 1e6, 1.0, "MB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    yield Figure("overview: memory at most, pandas included", peak, None, "MB")


def measure_workbench(folder: str) -> Iterator[Figure]:
    with open_page() as page:
        started = time.perf_counter()
        bench = Workbench(folder)
        asked: list[dict[str, Any]] = []
        page.expose_function("toPython", lambda text: asked.append(json.loads(text)))
        known = traits_of(bench)
        page.evaluate(OPEN, [bench._esm, known])
        is_first = True
        while is_first or bench._progress["read"] < len(bench._names) or asked:
            known = answer(page, bench, asked, known)
            if is_first and page.locator(".rows .sign").count() > 1:
                is_first = False
                yield Figure("workbench: first rows", time.perf_counter() - started, 5.0, "s")
        yield Figure("workbench: all rows", time.perf_counter() - started, None, "s")
        yield Figure("workbench: memory, as it says", bench._progress["memory_mb"] or 0, None, "MB")
        times = page.evaluate(SCROLL)
        yield Figure(
            "workbench: a frame while scrolling, median", statistics.median(times), 34, "ms"
        )
        bench.close()


def answer(
    page: Page, bench: Workbench, asked: list[dict[str, Any]], known: dict[str, Any]
) -> dict[str, Any]:
    """Let Python act on what the page asked for, and tell the page what changed."""
    page.wait_for_timeout(20)
    while asked:
        bench._handle_custom_msg(asked.pop(0), [])
    now = traits_of(bench)
    changed = {name: value for name, value in now.items() if value != known[name]}
    if changed:
        page.evaluate("changed => take(changed)", changed)
    return now


def traits_of(bench: Workbench) -> dict[str, Any]:
    return {name: getattr(bench, name) for name in TRAITS}


@contextmanager
def open_page() -> Iterator[Page]:
    chromium = os.environ.get("CHATVIZ_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser.new_page(viewport={"width": 1200, "height": 900})
        browser.close()


if __name__ == "__main__":
    sys.exit(main())
