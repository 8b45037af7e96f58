"""convert: any recording that can be read, written as a go-vcr file."""

from __future__ import annotations

import os
from dataclasses import replace

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.storage import load_cassette, save_cassette

__all__ = ["convert"]


def convert(source: Cassette | str | os.PathLike[str], path: str | os.PathLike[str]) -> Cassette:
    """Write a recording as a go-vcr file, version 2, whatever recorder it came from.

    What go-vcr's format has no place for is kept under an extra key named after the original
    format. Everything is kept, secrets included: a browser's archive is full of them.

    Parameters
    ----------
    source : Cassette or path
        In any format that is read: go-vcr, vcrpy, HAR, or a captured body.
    path : str or path-like
        In a folder that exists; a file that is there is replaced.

    Returns
    -------
    Cassette
        What was written.

    Raises
    ------
    CassetteError
        The source cannot be read, or the file cannot be written.
    """
    cassette = source if isinstance(source, Cassette) else load_cassette(source)
    numbered = tuple(
        interaction if interaction.id is not None else replace(interaction, id=number)
        for number, interaction in enumerate(cassette.interactions)
    )
    cassette = replace(
        cassette, interactions=numbered, version=2, format="go-vcr", path=os.fspath(path)
    )
    save_cassette(cassette, path)
    return cassette
