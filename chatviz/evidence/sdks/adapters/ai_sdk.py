"""Vercel's AI SDK reads a streamed answer with streamText; node runs it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from base64 import b64encode
from importlib.resources import files
from pathlib import Path
from typing import Any

__all__ = ["READS", "SDK", "read", "versions"]

SDK = "ai-sdk"
READS = {
    "openai-chat": "sse",
    "openai-responses": "sse",
    "anthropic-messages": "sse",
    "gemini": "sse",
}
SCRIPT = files(__package__).joinpath("ai_sdk.mjs").read_text(encoding="utf-8")
PROVIDERS = ("openai-compatible", "openai", "anthropic", "google")


def versions() -> dict[str, str]:
    """Return the npm packages that are installed where node looks, with their versions.

    Node looks for ``node_modules`` in the folder that the environment variable
    ``CHATVIZ_NODE_PROJECT`` names, else in the working directory, and above it.
    """
    if shutil.which("node") is None:
        return {}
    names = ["ai", *(f"@ai-sdk/{name}" for name in PROVIDERS)]
    found = {name: version for name in names if (version := _version(name))}
    return found if "ai" in found else {}


def read(body: bytes, request: dict[str, Any]) -> dict[str, Any]:
    """Return what the SDK's own accumulator makes of an answer's body."""
    asked = {
        "body": b64encode(body).decode(),
        "dialect": request["dialect"],
        "tools": request["tools"],
        "repeats": 2,
    }
    done = subprocess.run(
        ["node", "--input-type=module", "--eval", SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=_project(),
    )
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(f"node ended with exit code {done.returncode}: {done.stderr[-500:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    if "error" not in told:
        return told
    name, message = told["error"]
    raise type(name, (Exception,), {})(message)  # by the name that it has there


def _project() -> Path:
    return Path(os.environ.get("CHATVIZ_NODE_PROJECT") or Path.cwd())


def _version(name: str) -> str:
    folder = _project().resolve()
    for one in (folder, *folder.parents):
        path = one / "node_modules" / name / "package.json"
        if path.is_file():
            return str(json.loads(path.read_text(encoding="utf-8"))["version"])
    return ""
