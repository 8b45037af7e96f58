"""raises: an SDK fails on an answer, each reading in a process of its own with a limit of time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import ClassVar, Final, Literal

from chatviz.evidence.sdks.sdk_process import Reading, SDKProcess
from chatviz.runs.run import StreamRun

__all__ = ["SDKS", "SDKFails", "raises"]

SDKS: Final[dict[str, dict[str, str]]] = {
    "openai": {"openai-chat": "openai_chat", "openai-responses": "openai_responses"},
    "anthropic": {"anthropic-messages": "anthropic_messages"},
}
"""By the name of an SDK: the adapter for each dialect that it speaks."""


def raises(sdk: str, *, limit_s: float = 10.0) -> SDKFails:
    """Say that an SDK fails on an answer: it raises an error, hangs, or reads something else.

    Parameters
    ----------
    sdk : str
        ``"openai"`` (chat completions and Responses) or ``"anthropic"``, which must be installed.
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
    if sdk not in SDKS:
        raise ValueError(f"wanted the name of an SDK, one of {', '.join(SDKS)}, found {sdk!r}.")
    try:
        found = version(sdk)
    except PackageNotFoundError:
        raise ModuleNotFoundError(
            f"the SDK {sdk!r} is not installed: pip install {sdk}.", name=sdk
        ) from None
    return SDKFails(sdk, found, SDKProcess(limit_s))


@dataclass(frozen=True, slots=True)
class SDKFails:
    """An SDK fails on an answer; once it is pinned, always in the same way.

    Attributes
    ----------
    sdk, version : str
    how : tuple of str
        How it fails: the ending, and the error with its place, or what differs; empty for any.
    """

    sdk: str
    version: str
    process: SDKProcess = field(repr=False, compare=False)
    how: tuple[str, ...] = ()
    needs: ClassVar[Literal["body"]] = "body"

    @property
    def name(self) -> str:
        """The SDK, its version, and how it fails."""
        match self.how:
            case ():
                told = "fails"
            case ("raises", error, *_):
                told = f"raises {error}"
            case ("differs", what):
                told = f"reads other {what} than was sent"
            case _:
                told = self.how[0]
        return f"{self.sdk} {self.version} {told}"

    def __call__(self, run: StreamRun) -> bool:
        """Whether the SDK fails on an answer, in the way that was pinned."""
        how = self._how(run)
        return how == self.how if self.how else how != ()

    def pinned(self, run: StreamRun) -> SDKFails | None:
        """Return the failure as it is on an answer: the same error at the same place."""
        how = self._how(run)
        return replace(self, how=how) if how else None

    def close(self) -> None:
        """End the process in which the SDK reads."""
        self.process.close()

    def test_lines(self, run: StreamRun) -> str:
        """Return a test that reads the answer as the adapter does; it needs the SDK alone."""
        name = SDKS[self.sdk][run.dialect]
        source = files(__package__ or "").joinpath(f"{name}.py").read_text(encoding="utf-8")
        source = source.partition('"""\n\n')[2].replace('__all__ = ["read"]\n\n\n', "\n")
        check = "    read(BODY)\n"
        if self.how[0] == "differs":
            what = self.how[1]
            right = run.message.text if what == "text" else _calls_of(run)
            check = f"    assert read(BODY)[{what!r}] == {right!r}\n"
        return f"{source}\n\ndef test_the_stream_is_read():\n{check}"

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return what chatviz reads, and what the SDK does."""
        expected = f"The stream is read: text {run.message.text!r}"
        expected += "".join(f", call {name!r} with {text!r}" for name, text in _calls_of(run))
        read = self.process.read(SDKS[self.sdk][run.dialect], run.body)
        match read.ending:
            case "raises":
                where = f" (in `{read.place[1]}`, {read.place[0]})" if read.place else ""
                got = f"{read.error}: {read.message}{where}" if read.message else read.error + where
            case "read":
                got = f"text {read.text!r}, calls {list(read.calls)!r}"
            case _:
                got = f"it {read.ending}"
        return expected + ".", got

    def versions(self) -> dict[str, str]:
        """Return the SDK and its version."""
        return {self.sdk: self.version}

    def _how(self, run: StreamRun) -> tuple[str, ...]:
        """Return how the SDK fails on an answer; () where it does not, or does not read such."""
        adapter = SDKS[self.sdk].get(run.dialect)
        if adapter is None or run.framing != "sse" or run.response.status != 200:
            return ()
        return _compare(self.process.read(adapter, run.body), run)


def _compare(read: Reading, run: StreamRun) -> tuple[str, ...]:
    if read.ending != "read":
        return (read.ending, *((read.error, *read.place) if read.error else ()))
    if read.text != run.message.text:
        return ("differs", "text")
    right = [(name, _value(text)) for name, text in _calls_of(run)]
    return (
        () if [(name, _value(text)) for name, text in read.calls] == right else ("differs", "calls")
    )


def _calls_of(run: StreamRun) -> list[tuple[str, str]]:
    return [(call.name, call.arguments) for call in run.message.tool_calls]


def _value(arguments: str) -> object:
    """Return the value of arguments; of such as are no JSON, their text. None at all are ``{}``."""
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments
