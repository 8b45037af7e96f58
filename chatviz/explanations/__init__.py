"""Explanations of findings, one text for each code, read when it is asked for.

``python docs/make_findings.py`` writes the texts from the examples that it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from chatviz.given_values import shown

__all__ = ["codes", "explain", "explain_all"]


def explain(code: str) -> str:
    """Return the explanation of a kind of finding, in Markdown.

    Parameters
    ----------
    code : str
        The ``code`` of a finding.

    Returns
    -------
    str
        What it is and who does it, the bytes of an example, what careless code makes of them, and
        how chatviz reads them.

    Raises
    ------
    LookupError
        No kind of finding with this code is explained.
    """
    texts = {text.name: text for text in files("chatviz.explanations").iterdir()}
    if f"{code}.md" not in texts:
        raise LookupError(
            f"wanted the code of a finding that is explained, found {shown(code)}: "
            "take finding.code; 'chatviz explain' lists them."
        )
    return texts[f"{code}.md"].read_text(encoding="utf-8")


def codes() -> tuple[str, ...]:
    """Return the codes of the findings that are explained, sorted."""
    names = (text.name for text in files("chatviz.explanations").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def explain_all(codes: Iterable[str]) -> dict[str, str]:
    """Return the explanations of those codes that have one, each once, without their first word.

    That word is the severity, which a view shows by itself.
    """
    folder = files("chatviz.explanations")
    texts = {code: folder.joinpath(f"{code}.md") for code in codes}
    read = {
        code: text.read_text(encoding="utf-8") for code, text in texts.items() if text.is_file()
    }
    return {code: text.partition(" · ")[2] for code, text in read.items()}
