"""Clients that are tried: careless, careful, stuck; each takes what it asks with."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

import httpx

__all__ = [
    "URL",
    "careful",
    "careful_async",
    "counting",
    "exiting",
    "forgetful",
    "naive",
    "over_a_server",
    "stuck_on_a_pause",
    "talkative",
]

URL = "https://openrouter.ai/api/v1/chat/completions"


def naive(client: httpx.Client) -> str:
    """Take a missing end for an end, pass over what cannot be read, and append all the rest."""
    text = ""
    try:
        with client.stream("POST", URL, json={}) as response:
            for line in response.iter_lines():
                text += _text_of(line)
    except httpx.TransportError:
        pass
    return text


def _text_of(line: str) -> str:
    try:
        choices = json.loads(line.removeprefix("data: "))["choices"]
        return choices[0]["delta"].get("content") or ""
    except (ValueError, LookupError):
        return ""


def careful(client: httpx.Client) -> dict[str, Any]:
    """Ask again where it was refused, and raise where anything is odd."""
    response = client.post(URL, json={})
    if response.status_code == 429:
        response = client.post(URL, json={})
    return read_carefully(response.raise_for_status().content)


async def careful_async(client: httpx.AsyncClient) -> dict[str, Any]:
    """Do the same with an async client."""
    response = await client.post(URL, json={})
    return read_carefully(response.raise_for_status().content)


def over_a_server(url: str) -> dict[str, Any]:
    """Do the same with a base URL."""
    response = httpx.post(f"{url}/chat/completions", json={})
    return read_carefully(response.raise_for_status().content)


def read_carefully(body: bytes) -> dict[str, Any]:
    lines = body.decode().splitlines()
    if "data: [DONE]" not in lines:
        raise ValueError("the end is missing")
    chunks = [json.loads(line[6:]) for line in lines if line.startswith("data: {")]
    if any("error" in chunk for chunk in chunks):
        raise RuntimeError("the server told of an error")
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    told = [one["finish_reason"] for chunk in chunks for one in chunk["choices"]]
    reasons = [reason for reason in told if reason]
    return {"text": "".join(one.get("content") or "" for one in deltas), "end": reasons[-1]}


def stuck_on_a_pause(client: httpx.Client) -> str:
    """Never come back from a pause that is longer than 0.1 s."""
    try:
        with client.stream("POST", URL, json={}, timeout=0.1) as response:
            return "".join(map(_text_of, response.iter_lines()))
    except httpx.ReadTimeout:
        threading.Event().wait()
        return ""


def exiting(client: httpx.Client) -> str:
    """End the process where the server fails."""
    with client.stream("POST", URL, json={}) as response:
        if response.status_code != 200:
            os._exit(7)
        return "".join(map(_text_of, response.iter_lines()))


def talkative(client: httpx.Client) -> list[str]:
    """Ask for a summary of what came: a request that depends on the answer."""
    first = naive(client)
    if first.startswith("I'll add and multiply the numbers 2 and 3"):
        return [first]
    return [first, client.post(f"{URL}/summary", json={"of": first}).text]


_counted: list[int] = []


def counting(client: httpx.Client) -> int:
    """Return something else each time."""
    _counted.append(1)
    return len(_counted) + int.from_bytes(os.urandom(4))


def forgetful(client: httpx.Client) -> None:
    """Return nothing."""
    naive(client)
