"""Examples of an odd pace: hand-made recordings with the time of each piece."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from finding_examples.example import FindingExample

__all__ = ["OF_PACE"]


def _recording(*reads: tuple[int, Sequence[str]]) -> str:
    """Return a go-vcr file of an answer: for each read how long it took to come, and its words."""
    body, pieces = "", []
    for number, (wait_ms, words) in enumerate(reads):
        events = [
            "data: " + json.dumps({"choices": [{"delta": {"content": word}}]}) for word in words
        ]
        end = "\n\ndata: [DONE]\n\n" if number == len(reads) - 1 else "\n\n"
        piece = "\n\n".join(events) + end
        pieces.append(f"{len(piece)}+{wait_ms * 1_000_000}")
        body += piece
    return f"""\
version: 2
interactions:
- request:
    method: POST
    url: https://api.example/v1/chat/completions
    body: '{{"model":"m","messages":[]}}'
  response:
    code: 200
    body: {json.dumps(body)}
    x-chatviz: {{clock: measured, pieces: {" ".join(pieces)}}}
"""


_CARELESS: Final = '[len(each["response"]["body"]) for each in recording["interactions"]]'

OF_PACE: Final[Mapping[str, FindingExample]] = {
    "silent_start": FindingExample(
        about="More than 10 s passed without any event before the first chunk. A client with a "
        "read timeout below that gives up; a keep-alive would have held it.",
        file=_recording((12_000, ["It"]), (50, [" is"]), (50, [" 5."])),
        careless=_CARELESS,
        read="round(run.time_to_first_chunk_s, 3)",
    ),
    "stall": FindingExample(
        about="A gap between two chunks that is longer than 1 s and than 5 times the median of "
        "the other gaps. `cv.gap_table` lists them with what came before and after, and says "
        "which watchdog would have given up.",
        file=_recording((300, ["It"]), (50, [" is"]), (2_400, [" 5"]), (50, ["."])),
        careless=_CARELESS,
        read="round(run.wire.times[2] - run.wire.times[1], 3)",
    ),
    "burst": FindingExample(
        about="One read brought five chunks or more, after a wait of 50 ms or more: a proxy, a "
        "buffer or a slow reader collected them, and a user sees text in jumps. Where about 4, 8 "
        "or 16 kB come each time, the size of a buffer is named.",
        file=_recording((300, ["a"]), (50, ["b"]), (400, list("cdefg")), (50, ["h"])),
        careless=_CARELESS,
        read="[round(at, 3) for at in run.wire.times[:-1]]",
    ),
    "faked_stream": FindingExample(
        about="Nearly all chunks (9 of 10, and at least 10) came within the last fiftieth of the "
        "time, after more than 1 s: somebody made the whole answer first and cut it up then.",
        file=_recording((3_000, list("It is so.")), (10, ["!"])),
        careless=_CARELESS,
        read="(len(run.chunks), round(run.wire.times[0], 3), round(run.wire.times[-1], 3))",
    ),
}
