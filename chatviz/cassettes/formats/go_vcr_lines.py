"""A go-vcr file that grows: each interaction is one line, and counts by the line's first byte.

The list of interactions comes last, its items at the left edge. A line is appended as a comment
(``# {…}``), which harms no reader however much of it is there. One byte makes an item of it
(``- {…}``), and one byte makes it a comment again: so the file can be read at every moment.
"""

from __future__ import annotations

from chatviz.cassettes.cassette import Cassette, Interaction
from chatviz.cassettes.formats.go_vcr import VERSION, interaction_tree, with_extra
from chatviz.cassettes.yaml.write import write_yaml
from chatviz.cassettes.yaml.write_line import write_line

__all__ = ["COMMENT", "EMPTY", "ITEM", "LIST", "line_of", "start_of"]

ITEM = b"-"
COMMENT = b"#"
LIST = b"\ninteractions:\n"
"""What comes before the first line."""
EMPTY = b"version: 2" + LIST
"""The start of a file without extra keys."""


def start_of(cassette: Cassette) -> bytes:
    """Return what comes before the lines of the interactions.

    Raises
    ------
    CassetteFormatError
        An extra key has the name of one of the format's own, or holds what is no plain data.
    """
    tree = dict(with_extra({"version": VERSION, "interactions": None}, cassette.extra))
    tree["interactions"] = tree.pop("interactions")  # behind the extra keys
    return write_yaml(tree).removesuffix(" null\n").encode() + b"\n"


def line_of(interaction: Interaction) -> bytes:
    """Return an interaction as a line that does not count yet.

    Raises
    ------
    CassetteFormatError
        It holds what the format cannot.
    """
    return b"%s %s\n" % (COMMENT, write_line(interaction_tree(interaction), depth=3).encode())
