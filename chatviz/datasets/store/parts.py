"""The parts of a stored data set: which Parquet files count, written and read whole.

A part has one file in the folder of each table, ``usage_table/3f….parquet``. Which parts count
stands in ``chatviz.json``; it is replaced after the files of a part are there and before those of
an old one go, so that whoever reads by it never sees half of a change.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from chatviz.datasets.store.schema import (
    FILES,
    SCHEMA_VERSION,
    columns_of,
    frame_of,
    import_pyarrow,
    to_arrow,
)
from chatviz.errors import DataSetError
from chatviz.whole_files import write_whole

__all__ = ["MANIFEST", "StoredParts", "open_parts"]

MANIFEST: Final = "chatviz.json"
_ENDING: Final = ".parquet"


@dataclass(frozen=True, slots=True)
class StoredParts:
    """The parts that count.

    Attributes
    ----------
    folder : Path
    tables : tuple of str
        The names of the tables that are stored.
    place : str
        The folder, glob, archive or URL of the recordings; ``""`` where there were several.
    parts : tuple of str
        Their names, in the order in which they were written.
    """

    folder: Path
    tables: tuple[str, ...]
    place: str
    parts: tuple[str, ...] = ()

    def path(self, table: str, part: str) -> Path:
        """Return where the file of a table's part is."""
        return self.folder / table / f"{part}{_ENDING}"

    def paths(self, table: str) -> list[str]:
        """Return the files of a table, in order."""
        return [str(self.path(table, part)) for part in self.parts]

    def add(self, frames: Mapping[str, pd.DataFrame]) -> StoredParts:
        """Write a part; return the parts with it, which `save` makes count."""
        name = secrets.token_hex(8)
        self.write(frames, name)
        return self.count([name])

    def count(self, names: Iterable[str]) -> StoredParts:
        """Return the parts with some more, which are written."""
        return replace(self, parts=(*self.parts, *names))

    def write(self, frames: Mapping[str, pd.DataFrame], name: str) -> None:
        """Write the files of a part."""
        for table in (*self.tables, FILES):
            folder = self.folder / table
            folder.mkdir(exist_ok=True)
            self._write(self.path(table, name), _parquet_of(frames[table]))

    def save(self) -> None:
        """Make these the parts that count, and remove the files of all others."""
        self.save_list()
        self.sweep()

    def save_list(self) -> None:
        """Make these the parts that count; the files of others may be on their way."""
        told = {
            "schema_version": SCHEMA_VERSION,
            "place": self.place,
            "tables": list(self.tables),
            "parts": list(self.parts),
        }
        self._write(self.folder / MANIFEST, json.dumps(told, indent=1).encode())

    def sweep(self) -> None:
        """Remove the files of parts that do not count: replaced, or left by who was killed."""
        for table in (*self.tables, FILES):
            if (self.folder / table).is_dir():
                for path in (self.folder / table).iterdir():
                    if path.suffix == _ENDING and path.stem not in self.parts:
                        path.unlink(missing_ok=True)

    def read(
        self, table: str, columns: Sequence[str] | None = None, *, parts: Iterable[str] = ()
    ) -> pd.DataFrame:
        """Return a table with its keys, or some columns of it; of all parts, or of some."""
        pyarrow = import_pyarrow()
        wanted = [one for one in columns_of(table) if columns is None or one.name in columns]
        names = [one.name for one in wanted]
        from pyarrow import parquet

        read = [
            parquet.ParquetFile(self.path(table, part)).read(columns=names)
            for part in parts or self.parts
        ]
        if not read:
            return frame_of(to_arrow(frame_of_nothing(table)), wanted)
        return frame_of(pyarrow.concat_tables(read).unify_dictionaries(), wanted)

    def _write(self, path: Path, data: bytes) -> None:
        try:
            write_whole(path, data)
        except OSError as error:
            raise DataSetError(
                f"the data set in {os.fspath(self.folder)!r} cannot be written: {error.strerror}. "
                "What was written before is whole: make room, and write again to go on."
            ) from error


def open_parts(folder: Path) -> StoredParts | None:
    """Return the parts of a folder; None where no data set is in it.

    Raises
    ------
    DataSetError
        What is there is no list of parts, or one of another version.
    """
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        version, place = told["schema_version"], str(told["place"])
        tables, parts = tuple(map(str, told["tables"])), tuple(map(str, told["parts"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise DataSetError(
            f"{os.fspath(folder / MANIFEST)!r} is no list of a data set's parts. "
            "Write the data set to another folder."
        ) from None
    if version != SCHEMA_VERSION:
        raise DataSetError(
            f"the data set in {os.fspath(folder)!r} has the schema version {version}; this chatviz "
            f"reads version {SCHEMA_VERSION}. Write it anew, to another folder."
        )
    return StoredParts(folder, tables, place, parts)


def frame_of_nothing(table: str) -> pd.DataFrame:
    """Return a table with its keys and without a row."""
    from chatviz.tables.columns.frames import build_frame

    columns = columns_of(table)
    return build_frame(columns, {column.name: () for column in columns})


def _parquet_of(frame: pd.DataFrame) -> bytes:
    pyarrow = import_pyarrow()
    from pyarrow import parquet

    into: Any = pyarrow.BufferOutputStream()
    parquet.write_table(to_arrow(frame), into, compression="zstd")
    return bytes(into.getvalue())
