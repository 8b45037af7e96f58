"""Media in bodies stay as they are, in base64 or not: nothing in them is taken for a secret."""

from __future__ import annotations

import base64
import json
from random import Random

import pytest

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.redaction.redaction import redact

IMAGE = base64.b64encode(Random(4).randbytes(400_000)).decode()  # spells two of Artifactory's


@pytest.mark.parametrize("size", [0, 4, 4000])
@pytest.mark.parametrize("before", ["", "data:image/png;base64,"])
def test_an_image_in_an_answer_and_in_a_request_is_kept(before: str, size: int) -> None:
    """Whole, and in the pieces that audio and images are streamed in."""
    size = size or len(IMAGE)
    pieces = [before + IMAGE[:size], *(IMAGE[n : n + size] for n in range(size, 120_000, size))]
    events = [json.dumps({"delta": piece}).encode() for piece in pieces]
    asked = b"[%s]" % b",".join(events)
    body = b"".join(b"data: %s\n\n" % event for event in events)
    interaction = Interaction(RecordedRequest(body=asked), RecordedResponse(200, body=body))
    assert redact(interaction) == (interaction, ())
