"""Files in stores that fsspec knows (``s3://``, ``gs://``, ``memory://`` …), which it opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import IO, Any

from chatviz.datasets.sources.entries import RefusedEntry, SourceEntry
from chatviz.datasets.sources.folders import OTHER_NAME, may_be_recording

__all__ = ["RemoteEntry", "is_url", "list_url", "remote_file"]


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """A file in a store; whoever reads it opens the store anew."""

    name: str
    path: str
    size_bytes: int | None
    version: str
    options: Mapping[str, Any] = field(repr=False)  # they may hold a key
    read_neighbour: None = None
    limit: None = None

    def open(self) -> IO[bytes]:
        """Open the file, as an archive is."""
        store, inside = _open_store(self.path, self.options)
        opened: IO[bytes] = store.open(inside, "rb")
        return opened

    def read(self) -> bytes:
        """Fetch the file."""
        store, inside = _open_store(self.path, self.options)
        try:
            data: bytes = store.cat_file(inside)
        except OSError:
            raise
        except Exception as error:  # each store has errors of its own
            raise OSError(f"{type(error).__name__}: {error}") from error
        return data


def is_url(text: str) -> bool:
    """Say whether a text names a store: ``s3://…``; a drive of Windows is none."""
    scheme, sign, _ = text.partition("://")
    return bool(sign) and len(scheme) > 1 and scheme.replace("+", "").isalnum()


def remote_file(url: str, options: Mapping[str, Any]) -> RemoteEntry:
    """Return the entry of one file in a store."""
    store, inside = _open_store(url, options)
    return _entry(store.info(inside), url.rpartition("/")[2], url, options)


def list_url(url: str, options: Mapping[str, Any]) -> Iterator[SourceEntry]:
    """Yield an entry for each file under a URL, or of the files that it matches, sorted.

    Raises
    ------
    FileNotFoundError
        There is nothing.
    """
    store, inside = _open_store(url, options)
    if any(sign in inside for sign in "*?["):
        found, root = store.glob(inside, detail=True), _fixed_part(inside)
    elif store.isfile(inside):
        found, root = {inside: store.info(inside)}, inside.rpartition("/")[0]
    else:
        found, root = store.find(inside, detail=True), inside
    files = {path: info for path, info in found.items() if info.get("type") == "file"}
    if not files:
        raise FileNotFoundError(f"there is nothing at {url!r}. Check the URL.")
    for path in sorted(files, key=lambda path: path.split("/")):
        name = path.removeprefix(root).strip("/")
        if any(part.startswith(".") for part in name.split("/")):
            continue
        where = store.unstrip_protocol(path)
        if may_be_recording(path) or path == inside:
            yield _entry(files[path], name, where, options)
        else:
            found = _entry(files[path], name, where, options)
            yield RefusedEntry(name, where, OTHER_NAME, False, found.size_bytes, found.version)


def _entry(info: Mapping[str, Any], name: str, url: str, options: Mapping[str, Any]) -> RemoteEntry:
    stamps = ("ETag", "etag", "md5Hash", "generation", "LastModified", "mtime", "created")
    told = [str(info[stamp]) for stamp in stamps if info.get(stamp)]
    size = info.get("size")
    return RemoteEntry(name, url, size, f"{'-'.join(told)}-{size}" if told else "", options)


def _open_store(url: str, options: Mapping[str, Any]) -> tuple[Any, str]:
    fsspec = _import_fsspec()
    try:
        return fsspec.core.url_to_fs(url, **options)  # type: ignore[no-any-return]
    except ImportError as error:
        scheme = url.partition("://")[0]
        raise ImportError(f"to read {scheme}:// URLs, install what fsspec asks for: {error}") from (
            error
        )
    except ValueError as error:
        raise ValueError(f"wanted a URL that fsspec knows, found {url!r}: {error}") from None


def _import_fsspec() -> ModuleType:
    try:
        import fsspec
    except ImportError:
        raise ImportError(
            "recordings behind a URL are read by fsspec: pip install 'chatviz-inspector[cloud]'"
        ) from None
    return fsspec  # type: ignore[no-any-return]


def _fixed_part(pattern: str) -> str:
    """Return the folder of a pattern down to its first sign."""
    fixed = pattern
    for sign in "*?[":
        fixed = fixed.partition(sign)[0]
    return fixed.rpartition("/")[0]
