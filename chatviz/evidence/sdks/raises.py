"""raises: an SDK fails on an answer, each reading in a process of its own with a limit of time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Literal

from chatviz.evidence.sdks.comparing import sent_text
from chatviz.evidence.sdks.reader import SDKReader
from chatviz.evidence.sdks.reading import Reading
from chatviz.evidence.sdks.result import choices_read
from chatviz.evidence.sdks.sdk import find_sdk
from chatviz.evidence.sdks.sdk_test import sdk_test
from chatviz.runs.choices import in_choice
from chatviz.runs.run import StreamRun

__all__ = ["SDKFails", "raises"]

SAID: Final = ("text", "calls", "arguments")  # in every text of what was expected, and came


def raises(sdk: str, *, limit_s: float = 10.0) -> SDKFails:
    """Say that an SDK fails on an answer: it raises an error, hangs, or contradicts what was sent.

    What the SDK only leaves out (`cv.sdk_matrix` calls that lossy) is no failure here;
    ``cv.sdk_matrix(…).shrink(run, sdk)`` shrinks that, too.

    Parameters
    ----------
    sdk : str
        Any that ``cv.sdk_matrix`` knows (``"openai"``, ``"anthropic"``, ``"google-genai"`` …),
        which must be installed.
    limit_s : float
        Seconds for one reading; what takes longer hangs.

    Returns
    -------
    SDKFails
        For ``cv.shrink``; called with a `StreamRun` it says whether the SDK fails on it.

    Raises
    ------
    ValueError
        The SDK is not known; the message names those that are.
    ModuleNotFoundError
        It is not installed; the message says how to install it.
    """
    return SDKFails(SDKReader(find_sdk(sdk), limit_s))


@dataclass(frozen=True, slots=True)
class SDKFails:
    """An SDK fails on an answer; once it is pinned, always in the same way.

    Attributes
    ----------
    reader : SDKReader
        The SDK, and the process in which it reads.
    how : tuple of str
        How it fails: ``("raises", error, file, function, line)``, ``("hangs",)``, or ``"wrong"`` or
        ``"lossy"`` with what differs first, and how the sides are related; empty for any but
        lossy. What stands there must be so; a shorter one asks for less.
    """

    reader: SDKReader = field(repr=False, compare=False)
    how: tuple[str, ...] = ()
    needs: ClassVar[Literal["body"]] = "body"

    @property
    def sdk(self) -> str:
        """The SDK's name."""
        return self.reader.sdk.name

    @property
    def version(self) -> str:
        """The SDK's version; ``""`` for a function."""
        return self.reader.sdk.version

    @property
    def name(self) -> str:
        """The SDK, its version, and how it fails."""
        match self.how:
            case ():
                told = "fails"
            case ("raises", error, *_):
                told = f"raises {error}"
            case ("wrong", what, *_):
                told = f"reads other {what} than {'were' if what[-1] == 's' else 'was'} sent"
            case ("lossy", what, *_):
                told = f"leaves out {what}"
            case _:
                told = self.how[0]
        return " ".join(filter(None, (self.sdk, self.version, told)))

    def __call__(self, run: StreamRun) -> bool:
        """Whether the SDK fails on an answer, in the way that was pinned."""
        how = self.reader.read(run).how
        if self.how:
            return how[: len(self.how)] == self.how
        return how[:1] not in ((), ("lossy",))

    def pinned(self, run: StreamRun) -> SDKFails | None:
        """Return the failure as it is on an answer: the same error at the same place."""
        if self.how:
            return self if self(run) else None
        how = self.reader.read(run).how
        return replace(self, how=how) if how[:1] not in ((), ("lossy",)) else None

    def close(self) -> None:
        """End the process in which the SDK reads."""
        self.reader.close()

    def test_lines(self, run: StreamRun) -> str:
        """Return a test that reads the answer as the adapter does; it needs the SDK alone.

        Raises
        ------
        ValueError
            The adapter's source cannot stand in a test; the message says why.
        """
        adapter = self.reader.sdk.adapter_for(run)
        if adapter is None:
            raise ValueError(f"wanted an answer that {self.sdk} reads, found another.")
        return sdk_test(adapter.read, self.how, run)

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return what chatviz reads, and what the SDK does."""
        expected = f"The stream is read: {'; '.join(_say_sent(run))}"
        reading = self.reader.read(run)
        sent = "".join(
            f"; {one.place} {one.sent!r}" for one in reading.differences if one.kind not in SAID
        )
        return f"{expected}{sent}.", _got(reading)

    def versions(self) -> dict[str, str]:
        """Return what takes part, with its version."""
        return dict(self.reader.sdk.versions)


def _say_sent(run: StreamRun) -> Iterator[str]:
    """Yield what each choice says."""
    for place, message in enumerate(run.messages):
        calls = (f", call {one.name!r} with {one.arguments!r}" for one in message.tool_calls)
        before = in_choice(message.choice) if place else ""
        yield f"{before}text {sent_text(message)!r}{''.join(calls)}"


def _got(reading: Reading) -> str:
    if reading.error:
        where = f" (in `{reading.place[1]}`, {reading.place[0]})" if reading.place else ""
        told = f"{reading.error}: {reading.message}" if reading.message else reading.error
        return told + where
    if not reading.result:
        return f"it {reading.verdict}"
    said: list[str] = []
    for number, choice in enumerate(choices_read(reading.result)):
        calls = [(one["name"], one["arguments"]) for one in choice["calls"] or ()]
        said.append(f"{in_choice(number)}text {choice['text'] or ''!r}, calls {calls!r}")
    other = "".join(
        f"; {one.place} {one.read!r}" if one.read else f"; no {one.place}"
        for one in reading.differences
        if one.kind not in SAID
    )
    return f"{'; '.join(said)}{other}"
