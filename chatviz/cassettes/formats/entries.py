"""The entries of a file, one by one: an odd one becomes an interaction that says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from chatviz.cassettes.cassette import Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.errors import CassetteFormatError

__all__ = ["note_faults", "read_entries", "say_fault"]

EntryValue = TypeVar("EntryValue")


def read_entries(
    entries: Iterable[EntryValue],
    read: Callable[[EntryValue, int], Interaction],
    *,
    extra_of: Callable[[EntryValue], Mapping[YamlKey, YamlValue]],
) -> tuple[Interaction, ...]:
    """Read every entry; one that cannot be read is kept as it is, with the reason.

    Parameters
    ----------
    entries : iterable
    read : function
        Reads one entry, given its place.
    extra_of : function
        What is kept of an entry that cannot be read.

    Raises
    ------
    CassetteFormatError
        None of the entries can be read: the first one's error.
    """
    interactions: list[Interaction] = []
    errors: list[CassetteFormatError] = []
    for place, entry in enumerate(entries):
        try:
            interactions.append(read(entry, place))
        except CassetteFormatError as error:
            errors.append(error)
            response = note_faults(RecordedResponse(0), [say_fault(error)])
            interactions.append(Interaction(RecordedRequest(), response, extra=extra_of(entry)))
    if errors and len(errors) == len(interactions):
        raise errors[0]
    return tuple(interactions)


def note_faults(response: RecordedResponse, faults: Sequence[str]) -> RecordedResponse:
    """Note beside a response why its entry could not be read whole; ``""`` is no fault."""
    metadata = response.metadata or RecordingMetadata()
    text = " ".join(fault for fault in (metadata.fault, *faults) if fault)
    return replace(response, metadata=replace(metadata, fault=text)) if text else response


def say_fault(error: CassetteFormatError) -> str:
    """Return what is wrong with an entry, with the line of the file where it is known."""
    return error.reason if error.line is None else f"line {error.line}: {error.reason}"
