"""Events as bytes: a JSON payload framed as the other events of a body are."""

from __future__ import annotations

from chatviz.wire.decoders.aws_frames import exception_frame
from chatviz.wire.wire_event import Framing

__all__ = ["write_last_event"]


def write_last_event(framing: Framing, payload: bytes, name: str = "") -> bytes:
    """Return the bytes of an event that may end a body which is framed so.

    Parameters
    ----------
    framing : str
    payload : bytes
        JSON on one line.
    name : str
        The name of a server-sent event, ``""`` for none; of an AWS frame the type of its exception.
    """
    match framing:
        case "json_lines":
            return payload + b"\n"
        case "json_array":
            return payload + b"]"
        case "json":
            return payload
        case "aws_frames":
            return exception_frame(name, payload)
        case _:
            named = f"event: {name}\n".encode() if name else b""
            return named + b"data: " + payload + b"\n\n"
