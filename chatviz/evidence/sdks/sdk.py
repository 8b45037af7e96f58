"""SDK: a library by its name, with what reads each dialect that it speaks; how they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, entry_points, version
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Final, TypeAlias

from chatviz.evidence.sdks import adapters
from chatviz.given_values import check_fits, shown
from chatviz.runs.run import StreamRun

__all__ = ["GROUP", "SDK", "Adapter", "ReadsBody", "find_sdk", "find_sdks", "sdk_of"]

GROUP: Final = "chatviz.sdks"  # entry points of other packages: modules like those in adapters/
NPM: Final = ("ai-sdk",)

ReadsBody: TypeAlias = Callable[[bytes, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True)
class Adapter:
    """How a library reads an answer.

    Attributes
    ----------
    read : callable
        Takes the body and what is known of the request, returns a dict: see ``cv.sdk_matrix``.
    reads : mapping of str to str or None
        By the dialect that it reads: the framing in which it comes; None for whatever there is.
    prepare : callable or None
        Imports what takes its time.
    """

    read: ReadsBody
    reads: Mapping[str, str] | None = None
    prepare: Callable[[], object] | None = None

    def can_read(self, run: StreamRun) -> bool:
        """Whether it is for such answers."""
        return self.reads is None or self.reads.get(run.dialect) == run.framing


@dataclass(frozen=True, slots=True)
class SDK:
    """A library, or a function of the user's own.

    Attributes
    ----------
    name : str
    adapters : tuple of Adapter
    versions : mapping of str to str
        What takes part, with its version; of a function nothing.
    is_absent : bool
        Whether it is not installed, or cannot be loaded.
    flaw : str
        Why its adapter cannot be loaded; ``""`` where it can.
    """

    name: str
    adapters: tuple[Adapter, ...] = field(repr=False)
    versions: Mapping[str, str] = field(default_factory=dict)
    is_absent: bool = False
    flaw: str = ""

    @property
    def version(self) -> str:
        """Its version; ``""`` where it has none."""
        return next(iter(self.versions.values()), "")

    @property
    def advice(self) -> str:
        """How it is installed, or why its adapter cannot be loaded."""
        if self.flaw:
            return f"its adapter cannot be loaded: {self.flaw}"
        if self.name in NPM:
            return (
                "npm install ai @ai-sdk/openai-compatible @ai-sdk/openai @ai-sdk/anthropic "
                "@ai-sdk/google, in the working directory or the folder that "
                "CHATVIZ_NODE_PROJECT names"
            )
        return f"pip install {self.name}"

    def adapter_for(self, run: StreamRun) -> Adapter | None:
        """Return the one that reads such an answer; None where none does."""
        if self.is_absent or run.response.status != 200:
            return None
        return next((one for one in self.adapters if one.can_read(run)), None)


def find_sdks() -> dict[str, SDK]:
    """Return the libraries that there are adapters for, by name; those that are absent, too.

    They are the files in ``adapters/``, and entry points of the group ``chatviz.sdks``.
    """
    found: dict[str, list[Any]] = {}
    made: dict[str, SDK] = {}
    for adapter in _packaged():
        found.setdefault(_name_of(adapter), []).append(adapter)
    for entry in entry_points(group=GROUP):
        try:
            adapter = entry.load()
        except Exception as error:  # of somebody else's package: the others are read all the same
            flaw = f"{type(error).__name__}: {str(error)[:200]}"
            made[entry.name] = SDK(entry.name, (), is_absent=True, flaw=flaw)
        else:
            found.setdefault(_name_of(adapter), []).append(adapter)
    made |= {name: _make(name, ours) for name, ours in found.items()}
    return dict(sorted(made.items()))


def find_sdk(name: str) -> SDK:
    """Return a library by its name.

    Raises
    ------
    ValueError
        There is no adapter for it; the message names those that there are.
    TypeError
        It is no name.
    ModuleNotFoundError
        It is not installed; the message says how to install it.
    """
    known = find_sdks()
    wanted = f"the name of an SDK, one of {', '.join(known)}"
    check_fits(isinstance(name, str), wanted, name)
    if name not in known:
        near = get_close_matches(name, known, n=1)
        advice = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"wanted {wanted}, found {shown(name)}.{advice}")
    if known[name].is_absent:
        is_flawed = bool(known[name].flaw)
        how = "cannot be asked" if is_flawed else "is not installed"
        told = f"the SDK {name!r} {how}: {known[name].advice}."
        raise ModuleNotFoundError(told, name=name)
    return known[name]


def sdk_of(given: str | ReadsBody) -> SDK:
    """Return what the user named: a library, absent or not, or a function of their own.

    Raises
    ------
    ValueError
        There is no adapter for it.
    TypeError
        It is neither.
    """
    if isinstance(given, str):
        known = find_sdks()
        return known[given] if given in known else find_sdk(given)
    if isinstance(given, SDK):
        return given
    if not callable(given):
        raise TypeError(
            f"wanted names of SDKs and functions read(body, request) as sdks, found {shown(given)}."
        )
    name = getattr(given, "__name__", type(given).__name__)
    return SDK(name, (Adapter(given, getattr(given, "READS", None)),))


@cache
def _packaged() -> tuple[ModuleType, ...]:
    names = sorted(one.name for one in iter_modules(adapters.__path__))
    return tuple(import_module(f"{adapters.__name__}.{name}") for name in names)


def _name_of(adapter: Any) -> str:
    return str(getattr(adapter, "SDK", None) or adapter.__name__.rpartition(".")[2])


def _make(name: str, found: Iterable[Any]) -> SDK:
    made, versions = [], {}
    is_absent = False
    for one in found:
        read = one.read if isinstance(one, ModuleType) else one
        made.append(Adapter(read, getattr(one, "READS", None), getattr(one, "prepare", None)))
        told = _versions(one)
        is_absent = is_absent or told is None
        versions.update(told or {})
    return SDK(name, tuple(made), versions, is_absent)


def _versions(adapter: Any) -> dict[str, str] | None:
    """Return what takes part, with its version; None where it is not installed."""
    if hasattr(adapter, "versions"):
        return dict(adapter.versions()) or None
    name = getattr(adapter, "DISTRIBUTION", None) or getattr(adapter, "SDK", None)
    if name is None:
        return {}
    try:
        return {name: version(name)}
    except PackageNotFoundError:
        return None
