"""``python -m chatviz``, and the command ``chatviz``: the command line."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> int:
    """Run the command line; return its exit code. Ctrl-C ends it quietly while it loads, too."""
    try:
        from chatviz.doors.cli.main import run

        return run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
