"""Where a test's recording and its page lie: paths that follow from the test's name."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

import pytest

__all__ = ["cassette_path", "page_path"]

_FOLDER: Final = "cassettes"
_UNSAFE: Final = re.compile(r"""[<>?%*:|"'/\\\x00-\x1f]""")  # in the name of a file, somewhere
_LONGEST: Final = 150  # characters; file systems take 255 bytes


def cassette_path(item: pytest.Item, given: str | os.PathLike[str] | None) -> Path:
    """Return the path of a test's recording.

    Parameters
    ----------
    item : pytest.Item
    given : str, path-like or None
        As seen from the folder of the test's file. By default
        ``cassettes/FILE/CLASS.TEST[PARAMETERS].yaml`` there, which is where pytest-recording
        looks, too.
    """
    if given is not None:
        return Path(os.path.normpath(item.path.parent / given))
    return item.path.parent / _FOLDER / item.path.stem / f"{_file_name(item)}.yaml"


def page_path(item: pytest.Item, folder: Path) -> Path:
    """Return the path of the page of a test that failed: a folder for each of its file's."""
    file = item.nodeid.partition("::")[0]
    parts = [part for part in Path(file).with_suffix("").parts if part not in ("..", os.sep)]
    return folder.joinpath(*parts, f"{_file_name(item)}.html")


def _file_name(item: pytest.Item) -> str:
    """Return the name of a file, without an ending; one that had to be changed gets a mark."""
    owner = getattr(item, "cls", None)
    name = item.name if owner is None else f"{owner.__qualname__}.{item.name}"
    safe = _UNSAFE.sub("-", name)[:_LONGEST].encode("utf-8", "replace").decode()
    if safe == name:
        return safe
    mark = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"{safe}-{mark}"
