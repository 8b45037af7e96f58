"""Examples of what is odd in a recording: the file shows it, not the bytes of an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from finding_examples.example import FindingExample

__all__ = ["OF_RECORDINGS"]

_ASKED: Final = """\
version: 2
interactions:
- request:
    method: POST
    url: https://api.example/v1/chat/completions
    body: '{"model":"m","messages":[]}'
  response:
    code: 200
"""
_CUT: Final = r"""    body: "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",
      \"content\":\"It is\"}}]}\n\n"
"""
_WHOLE: Final = r"""    body: "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",
      \"content\":\"It is 5\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
"""

OF_RECORDINGS: Final[Mapping[str, FindingExample]] = {
    "body_not_decoded": FindingExample(
        about="The headers name a coding, and the body is not of it, is damaged, or needs a "
        "library that is not installed. It is kept as it was recorded.",
        file=_ASKED
        + "    headers: {Content-Encoding: [gzip]}\n"
        + "    body: !!binary H4sIAAAAAAAA/0tJLElUsFIoyS/PSU1RKEktLlHS\n",
        careless="""\
body = recording["interactions"][0]["response"]["body"]
[json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: ")]""",
        read='[one.code for one in run.findings if one.severity == "error"]',
    ),
    "recording_not_read": FindingExample(
        about="One entry of a file cannot be read. The others are; this one is an answer that "
        "says why.",
        file="""\
{"log": {"version": "1.2", "entries": [{
  "request": {"method": "POST", "url": "https://api.example/v1/chat/completions",
    "postData": {"text": "{\\"model\\":\\"m\\",\\"messages\\":[]}"}},
  "response": {"status": 200, "content": {
    "mimeType": "text/event-stream", "encoding": "base64", "text": "data: @"}}}]}}
""",
        careless='recording["log"]["entries"][0]["response"]["content"]["text"]',
        read="run.message.text",
    ),
    "recording_cut_short": FindingExample(
        about="The client closed the stream before its end while chatviz recorded it: what is "
        "missing was never received.",
        file=_ASKED + _CUT + "    x-chatviz: {clock: none, cut_short: closed by the caller}\n",
        careless="""\
response = recording["interactions"][0]["response"]
"whole" if response["code"] == 200 else "failed\"""",
        read="(run.message.text, run.finish_reason)",
    ),
    "recording_notes_unfit": FindingExample(
        about="What chatviz noted beside an answer, such as the times of its pieces, was changed "
        "by hand or does not fit the body. The answer is read without it.",
        file=_ASKED + _WHOLE + "    x-chatviz: {clock: exact}\n",
        careless='recording["interactions"][0]["response"]["x-chatviz"]["clock"]',
        read="run.timing",
    ),
}
