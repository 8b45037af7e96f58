"""The process that reads batches of files: pickles on its input ask it, pickles answer.

It is started as ``python -m``, by `worker_process`, and is of this machine and this user: what is
unpickled was written by the other end of its own pipe.
"""

from __future__ import annotations

import os
import pickle
import signal
import struct
import sys
from contextlib import suppress
from typing import IO, Any, Final

from chatviz.datasets.batches import read_batch

__all__ = ["main", "receive", "send"]

_SIZE: Final = struct.Struct("<Q")


def main() -> None:
    """Answer until the input ends; what is printed meanwhile goes nowhere."""
    with suppress(ValueError):  # not in the main thread: somebody tests this
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (asked := receive(sys.stdin.buffer)) is not None:
        entries, wanted, with_keys = asked
        send(answers, read_batch(entries, wanted, with_keys=with_keys, with_frames=False))


def send(pipe: IO[bytes], value: object) -> None:
    """Write a value with its size before it."""
    data = pickle.dumps(value, protocol=5)
    pipe.write(_SIZE.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Any:
    """Read a value; None where there will be none."""
    head = pipe.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    size = _SIZE.unpack(head)[0]
    data = pipe.read(size)
    return pickle.loads(data) if len(data) == size else None


if __name__ == "__main__":
    main()
