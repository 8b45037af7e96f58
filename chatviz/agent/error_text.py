"""What an exception says, in one line; an exception that cannot say it makes no trouble."""

from __future__ import annotations

from contextlib import suppress

__all__ = ["add_note", "say_error"]


def say_error(error: BaseException) -> str:
    """Return an exception's name and message: ``"ValueError: no such city"``.

    Making the message runs the author's own code, which may fail; then the text says so.
    """
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException as failure:
        return f"{name} (its message cannot be read: {type(failure).__name__})"
    return f"{name}: {text}" if text else name


def add_note(error: BaseException, note: str) -> None:
    """Add a note to an exception, where its class takes one."""
    with suppress(Exception):
        error.add_note(note)
