"""``python -m chatviz``: the command line."""

from __future__ import annotations

import sys

from chatviz.doors.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
