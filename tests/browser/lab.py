"""A real JupyterLab on this machine, and how to work in it: for tests, and for benchmarks."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import nbformat
from nbformat.sign import NotebookNotary, SQLiteSignatureStore
from playwright.sync_api import Browser, Page

FOLDERS = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR", "LAB_SETTINGS_DIR", "LAB_WORKSPACES_DIR")
FLAGS = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--expose-app-in-browser",
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
]
IDLE = """
() => window.jupyterapp?.shell?.currentWidget?.context?.sessionContext?.session?.kernel?.status
  === "idle"
"""
OURS = re.compile("chatviz|widget|blob:|mountAt|[Mm]odule", re.IGNORECASE)
PLANTED = "sk-planted-0123456789-key"  # in the environment of all kernels, and nowhere else
PANEL = "window.jupyterapp.shell.currentWidget"
# Whether the last cell has begun: a kernel is idle before it does, too.
HAS_RUN = f"{PANEL}.content.widgets.at(-1).model.executionCount !== null"


class Lab:
    """A JupyterLab over a folder of notebooks."""

    def __init__(self, url: str, folder: Path, browser: Browser) -> None:
        self.url = url
        self.folder = folder
        self.errors: list[str] = []
        self.context = browser.new_context(viewport={"width": 1500, "height": 1200})

    def write(self, name: str, *sources: str) -> str:
        """Write a notebook of code cells that were not run."""
        cells = [code_cell(source) for source in sources]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata = {"kernelspec": kernel}
        notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (self.folder / name).write_text(json.dumps(notebook), encoding="utf-8")
        return name

    def open(self, name: str, *, kernel: bool = True) -> Page:
        """Open a notebook, and wait for its kernel."""
        page = self.context.new_page()
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))
        page.goto(f"{self.url}/lab/tree/{name}?reset")
        if kernel:
            page.wait_for_function(IDLE)
        else:
            page.locator(".jp-Notebook .jp-OutputArea-output").first.wait_for()
        return page

    def run(self, name: str) -> Page:
        """Open a notebook and run all its cells."""
        page = self.start(name)
        page.wait_for_function(IDLE)
        return page

    def start(self, name: str) -> Page:
        """Open a notebook and have its cells run, but wait for none."""
        page = self.open(name)
        page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(f"() => !({IDLE})() || {HAS_RUN}")
        return page

    def set_source(self, page: Page, source: str) -> None:
        """Write another source into the last cell."""
        page.evaluate(
            f"source => {PANEL}.content.widgets.at(-1).model.sharedModel.setSource(source)", source
        )

    def run_last(self, page: Page) -> None:
        """Run the last cell as a reader does."""
        page.evaluate(f"{PANEL}.content.activeCellIndex = {PANEL}.content.widgets.length - 1")
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
        page.wait_for_function(IDLE)

    def take_kernel(self, name: str, *, trusted: bool) -> None:
        """Make a saved notebook one of a kernel that is not there; sign it, or do not."""
        path = self.folder / name
        notebook = nbformat.read(path, 4)
        notebook.metadata = nbformat.NotebookNode(
            kernelspec={"name": "gone", "display_name": "Gone"}
        )
        nbformat.write(notebook, path)
        if trusted:
            data = self.folder.parent / "data_dir"
            with closing(SQLiteSignatureStore(db_file=str(data / "nbsignatures.db"))) as store:
                notary = NotebookNotary(data_dir=str(data), store_factory=lambda: store)
                notary.sign(nbformat.read(path, 4))

    def chatviz_errors(self) -> list[str]:
        """The errors in the console, but for those of JupyterLab itself."""
        return [text for text in self.errors if OURS.search(text)]

    def save(self, page: Page) -> dict[str, Any]:
        """Save a notebook; return it."""
        path = page.evaluate(f"{PANEL}.context.save().then(() => {PANEL}.context.path)")
        saved: dict[str, Any] = json.loads((self.folder / path).read_text(encoding="utf-8"))
        return saved

    def shut_down(self, page: Page) -> None:
        page.evaluate(f"{PANEL}.context.sessionContext.shutdown()")

    def restart(self, page: Page) -> None:
        """Restart a notebook's kernel, and wait until it is there again."""
        page.evaluate(f"{PANEL}.context.sessionContext.session.kernel.restart()")
        page.wait_for_function(IDLE)

    def _note(self, kind: str, text: str) -> None:
        if kind == "error":
            self.errors.append(text)


def code_cell(source: str) -> dict[str, Any]:
    name = f"cell-{abs(hash(source)):x}"[:20]
    fields = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": name, "source": source, **fields}


@contextmanager
def serve_lab(scratch: Path) -> Iterator[tuple[str, Path]]:
    """Serve a JupyterLab that keeps all in a folder; yield its address and its notebooks."""
    folder = scratch / "notebooks"
    folder.mkdir()
    environment = {**os.environ, "IPYTHONDIR": str(scratch / "ipython")}
    for name in FOLDERS:
        prefix = "JUPYTERLAB" if name.startswith("LAB_") else "JUPYTER"
        environment[f"{prefix}_{name.removeprefix('LAB_')}"] = str(scratch / name.lower())
    environment["OPENAI_API_KEY"] = PLANTED  # for who looks whether it is kept where it is
    for name in ("CHATVIZ_RENDERER", "CHATVIZ_MODE"):
        environment.pop(name, None)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", *FLAGS, f"--ServerApp.port={port}"]
    command.append(f"--ServerApp.root_dir={folder}")
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if f"http://127.0.0.1:{port}" in line:
                break
        reader = Thread(target=process.stderr.read)  # nobody else empties the pipe
        reader.start()
        try:
            assert process.poll() is None, "JupyterLab did not start:\n" + "".join(said)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            end(process)
            reader.join()


def end(process: subprocess.Popen[str]) -> None:
    """Ask a server to end; one that hangs in its own clean-up is killed: its kernels have ended."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
