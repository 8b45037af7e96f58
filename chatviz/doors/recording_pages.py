"""The page of a recording, for doors that show one; and how far its making is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final, Literal

from chatviz.errors import CassetteError

if TYPE_CHECKING:
    from chatviz.runs.conversation import Conversation

__all__ = [
    "PAGE_HEADERS",
    "MadePage",
    "MakingStep",
    "Unreadable",
    "make_page",
    "sentence_page",
    "talks_page",
    "unreadable_page",
]

# What a server sends with a page: nobody keeps it, frames it, or is told where it was.
PAGE_HEADERS: Final = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
TELLINGS: Final = 100  # how often at most is said how many answers are read


@dataclass(frozen=True, slots=True)
class MakingStep:
    """What is done next.

    Attributes
    ----------
    doing : str
        ``"recording"``: its format is found and undone. ``"answers"``: they are read. ``"page"``:
        it is drawn.
    done, total : int
        How many interactions are read, of how many; 0 of 0 where it is not known.
    """

    doing: Literal["recording", "answers", "page"]
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class MadePage:
    """A whole page, as HTML."""

    html: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why there is no page, in a sentence."""

    reason: str


def make_page(
    data: bytes, name: str, read_neighbour: Callable[[str], bytes] | None = None
) -> Iterator[MakingStep | MadePage | Unreadable]:
    """Read a recording and make its page; yield what is done next, and at last what came of it.

    Parameters
    ----------
    data : bytes
        A file of any format that is read.
    name : str
        The page's title.
    read_neighbour : function
        Reads a file beside it by its name; without one none is opened.
    """
    from chatviz.cassettes.reading import iterate_runs
    from chatviz.cassettes.storage import read_data
    from chatviz.runs.linking import link_runs

    try:
        yield MakingStep("recording")
        cassette = read_data(data, name, read_neighbour)
        runs, total = [], len(cassette.interactions)
        often = max(1, total // TELLINGS)
        yield MakingStep("answers", 0, total)
        for count, run in enumerate(iterate_runs(cassette), 1):
            runs.append(run)
            if count % often == 0:
                yield MakingStep("answers", (run.interaction or 0) + 1, total)
        yield MakingStep("page")
        yield MadePage(talks_page(link_runs(runs), name))
    except CassetteError as error:
        line = "" if error.line is None else f"line {error.line}: "
        yield Unreadable(line + error.reason)
    except Exception as error:  # whatever a strange file does, whoever opened it is told
        yield Unreadable(f"{type(error).__name__}: this was not foreseen")


def talks_page(talks: Iterable[Conversation], name: str) -> str:
    """Return the inspector's page of conversations."""
    from chatviz.views.inspector.inspect import inspect
    from chatviz.views.saving import page_html

    return page_html(inspect(list(talks)), name)


def unreadable_page(reason: str, name: str) -> str:
    """Return a page that says why a recording cannot be read."""
    return sentence_page("This recording cannot be read.", name, more=reason)


def sentence_page(sentence: str, name: str, *, more: str = "") -> str:
    """Return a page that says something in place of a recording."""
    from chatviz.views.saving import page_html

    return page_html(_SaidPage(sentence, more), name)


class _SaidPage:
    """What a page shows where it shows no view."""

    def __init__(self, sentence: str, more: str) -> None:
        from chatviz.views.drawing.text import show_text

        self.sentence = sentence
        self.html = "".join(f"<p>{escape(show_text(one))}</p>" for one in (sentence, more) if one)
