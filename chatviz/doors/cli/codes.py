"""Codes of findings on the command line: completed by a shell, and refused where none has them."""

from __future__ import annotations

import click

__all__ = ["check_code", "complete_code"]


def check_code(code: str) -> None:
    """Let the code of a finding pass.

    Raises
    ------
    click.BadParameter
        No finding has it; the message names those near it.
    """
    from difflib import get_close_matches

    from chatviz.explanations import codes

    if code not in codes():
        near = ", ".join(get_close_matches(code, codes(), n=3))
        advice = f"near it: {near}" if near else "'chatviz explain' lists them"
        raise click.BadParameter(f"no finding has the code {code!r}; {advice}.")


def complete_code(_context: object, _parameter: object, begun: str) -> list[str]:
    """Return the codes that begin so, for a shell."""
    from chatviz.explanations import codes

    return [code for code in codes() if code.startswith(begun)]
