"""Walks recordings of go-vcr and vcrpy with PyYAML alone, and tells each request's dialect."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
PATHS = (  # (dialect, methods, how the path ends)
    ("openai-chat", ("POST",), r"/chat/completions"),
    ("openai-completions", ("POST",), r"/completions"),
    ("anthropic-messages", ("POST",), r"/v1/messages"),
    ("anthropic-messages", ("POST",), r"/publishers/anthropic/models/[^/]+:(stream)?[rR]awPredict"),
    ("anthropic-messages", ("POST",), r"/model/[^/]+/invoke(-with-response-stream)?"),
    ("openai-responses", ("POST",), r"/responses"),
    ("openai-responses", ("GET",), r"/responses/[^/]+"),
    ("gemini", ("POST",), r":(generateContent|streamGenerateContent)"),
    ("bedrock-converse", ("POST",), r"/model/[^/]+/converse(-stream)?"),
    ("ollama-chat", ("POST",), r"/api/chat"),
)


class Exchange(NamedTuple):
    """One recorded request with its answer, bodies as bytes."""

    file: str
    number: int
    method: str
    url: str
    request: bytes
    status: int
    response: bytes


def dialect_of(method: str, url: str, request_body: bytes) -> str | None:
    """Return the dialect that a request speaks; None where it asks for no chat."""
    path = urlsplit(url).path.rstrip("/")
    for dialect, methods, ending in PATHS:
        if method.upper() in methods and re.search(f"(?:{ending})$", path):
            is_invoke = re.search(r"/invoke(-with-response-stream)?$", path)
            return None if is_invoke and b'"anthropic_version"' not in request_body else dialect
    return None


def exchanges(folder: Path) -> Iterator[Exchange]:
    """Yield all that the YAML files of a folder and its folders hold; others are passed over."""
    for path in sorted([*folder.rglob("*.yaml"), *folder.rglob("*.yml")]):
        yield from exchanges_of(path)


def exchanges_of(path: Path) -> Iterator[Exchange]:
    """Yield what one file holds."""
    content = yaml.load(path.read_bytes(), LOADER)  # a safe loader, whichever it is
    listed = content.get("interactions") if isinstance(content, dict) else None
    for number, item in enumerate(listed or ()):
        asked, told = item.get("request") or {}, item.get("response") or {}
        status = told.get("code", told.get("status"))
        status = status.get("code") if isinstance(status, dict) else status
        url = asked.get("url") or asked.get("uri") or ""
        method = asked.get("method") or ""
        yield Exchange(path.name, number, method, url, _body(asked), int(status or 0), _body(told))


def _body(half: dict[str, Any]) -> bytes:
    if "parsed_body" in half:
        return json.dumps(half["parsed_body"], ensure_ascii=False).encode()
    body = half.get("body")
    if isinstance(body, dict):
        body = body["string"] if "string" in body else json.dumps(body)
    body = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body or b""
    return gzip.decompress(body) if body[:3] == b"\x1f\x8b\x08" else body
