"""read_folder: many recordings become one data set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, overload

from chatviz.datasets.cluster.dask_dataset import DaskDataSet
from chatviz.datasets.dataset import DataSet, Link
from chatviz.datasets.passes import FolderReading
from chatviz.datasets.sources.finding import FolderSource, find_entries
from chatviz.given_values import check_count, shown

__all__ = ["read_folder"]


@overload
def read_folder(
    source: FolderSource | Iterable[FolderSource],
    *,
    engine: None = None,
    link: Link = "file",
    workers: int | None = None,
    progress: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> DataSet: ...
@overload
def read_folder(
    source: FolderSource | Iterable[FolderSource],
    *,
    engine: Literal["dask"],
    progress: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> DaskDataSet: ...
def read_folder(
    source: FolderSource | Iterable[FolderSource],
    *,
    engine: Literal["dask"] | None = None,
    link: Link = "file",
    workers: int | None = None,
    progress: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> DataSet | DaskDataSet:
    """Take many recordings as one data set.

    Files are listed now, and read when something is wanted of them. A file that cannot be read is
    a row of ``data.files`` with its reason, and stops nothing.

    Parameters
    ----------
    source : folder, file, glob, archive, URL, or an iterable of them
        Of a folder and its folders the files that are called as recordings are (``.yaml``,
        ``.yml``, ``.json``, ``.har``, ``.sse``, ``.ndjson``, ``.jsonl``), whatever their formats;
        what is hidden is passed over, and links to folders are not followed. Zip and tar archives
        are unpacked in memory, up to 256 MB each. A URL is one that fsspec knows
        (``s3://bucket/folder``; extra ``cloud`` and the package of the store).
    link : str
        ``"file"``: a conversation is within one file. ``"folder"``: it may go on in another.
    engine : "dask" or None
        ``"dask"``: files are read by the workers of the `distributed.Client` that is there, or by
        Dask's local scheduler, and tables are frames of Dask (extra ``dask``).
    workers : int | None
        How many processes read for tables and ``files``, this one included; None: one, and for
        large folders (16 MB and more) as many as the machine has processors, at most 8. Runs and
        conversations are always read in this one.
    progress : bool | None
        Whether a bar shows rate, bad files and time left; None: on a terminal and in a notebook,
        where there are many files.
    storage_options : mapping or None
        What fsspec needs to open the store: an endpoint, a key. It is shown nowhere.

    Returns
    -------
    DataSet or DaskDataSet
        ``.files``, ``.runs``, ``.conversations``, and each table as a method. It can be given to
        every table and view as runs can.

    Raises
    ------
    FileNotFoundError
        There is no such folder or file, or nothing that a glob matches.
    TypeError
        It is none of these.
    ValueError
        ``link`` or ``engine`` is something else, or ``workers`` is no such number.

    Examples
    --------
    >>> data = cv.read_folder(cv.sample("openrouter_kimi-k2_fireworks").parent)
    >>> data.files[["name", "format", "state", "runs"]]
                                              name  format         state  runs
    0                       LICENSE-Apache-2.0.txt    <NA>  no recording  <NA>
    1  multi_tool_streaming_kimi-k2_fireworks.yaml  go-vcr          read     2
    2             stream_unique_tool_call_ids.yaml  go-vcr          read     2
    >>> len(cv.chunk_table(data)) == len(data.chunk_table())
    True
    """
    if link not in ("file", "folder"):
        raise ValueError(f"link is 'file' or 'folder', found {shown(link)}.")
    if workers is not None:
        check_count(workers, "workers", "so many processes; None leaves it to chatviz")
    found = find_entries(source, storage_options or {})
    if engine not in (None, "dask"):
        raise ValueError(f"engine is 'dask' or None, found {shown(engine)}.")
    if engine is not None and (link != "file" or workers is not None):
        raise ValueError("engine='dask' links within files, and its client has the workers.")
    reading = FolderReading(found.entries, is_shown=progress, workers=workers)
    if engine == "dask":
        return DaskDataSet(reading, place=found.place)
    return DataSet(reading, place=found.place, link=link)
