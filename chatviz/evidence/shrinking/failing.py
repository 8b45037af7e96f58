"""Failing: what must still be true of a smaller recording, and how a test asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Final, Literal, Protocol, TypeAlias, TypeGuard

from chatviz.evidence.shrinking.sources import source_with_needs
from chatviz.explanations import codes
from chatviz.given_values import shown
from chatviz.runs.run import StreamRun

__all__ = ["Failing", "Fails", "FindingFails", "PredicateFails", "failing_of"]


class Failing(Protocol):
    """What is true of a recording, and must be true of a smaller one."""

    @property
    def name(self) -> str:
        """What fails, in words, behind which "on this stream" may stand."""
        ...

    def __call__(self, run: StreamRun) -> bool:
        """Whether it is true of an answer."""
        ...

    def pinned(self, run: StreamRun) -> Failing | None:
        """Return the failure as it is on an answer; None where that does not fail."""
        ...

    def close(self) -> None:
        """End what was started to find out."""
        ...

    @property
    def needs(self) -> Literal["recording", "body"]:
        """What its test needs: ``RECORDING``, a whole file, or ``BODY``, the answer's bytes."""
        ...

    def test_lines(self, run: StreamRun) -> str:
        """Return the source of a test, which finds what it needs in front of it.

        Raises
        ------
        ValueError
            No source can be given; the message says why, and what to do.
        """
        ...

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return what should come of an answer, and what came, in words."""
        ...

    def versions(self) -> dict[str, str]:
        """Return what took part besides chatviz and Python, with its version."""
        ...


Fails: TypeAlias = str | Failing | Callable[[StreamRun], bool]


def failing_of(fails: Fails) -> Failing:
    """Return what the user gave as a failure.

    Raises
    ------
    ValueError
        A text is not the code of a finding; the message names the near ones.
    TypeError
        It is neither a text nor callable.
    """
    if isinstance(fails, str):
        if fails not in codes():
            near = get_close_matches(fails, codes(), n=3)
            advice = f"near it: {', '.join(near)}" if near else "'chatviz explain' lists them"
            raise ValueError(f"wanted the code of a finding, found {shown(fails)}; {advice}.")
        return FindingFails(fails)
    if _is_failing(fails):
        return fails
    if not callable(fails):
        raise TypeError(
            "wanted the code of a finding, a function of a run, or cv.raises(…) as what fails, "
            f"found {type(fails).__name__!r}."
        )
    return PredicateFails(fails)


def _is_failing(fails: object) -> TypeGuard[Failing]:
    return hasattr(fails, "pinned")


@dataclass(frozen=True, slots=True)
class FindingFails:
    """A finding is there, by its code."""

    code: str
    needs: ClassVar[Literal["recording"]] = "recording"

    @property
    def name(self) -> str:
        """The finding."""
        return f"chatviz finds {self.code}"

    def __call__(self, run: StreamRun) -> bool:
        """Whether the finding is there."""
        return any(one.code == self.code for one in run.findings)

    def pinned(self, run: StreamRun) -> FindingFails | None:
        """Return itself where the finding is there."""
        return self if self(run) else None

    def close(self) -> None:
        """Nothing was started."""

    def test_lines(self, run: StreamRun) -> str:
        """Return a test that reads the answer and looks for the finding."""
        return (
            "import chatviz as cv\n\n\n"
            f"def test_the_stream_shows_{self.code}(tmp_path):\n"
            f"{_READ}"
            f"    assert {self.code!r} in [finding.code for finding in run.findings]\n"
        )

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return that the finding should not be there, and its sentence."""
        found = next((one.message for one in run.findings if one.code == self.code), "")
        return f"a stream without the finding {self.code}", found

    def versions(self) -> dict[str, str]:
        """Nothing besides chatviz."""
        return {}


@dataclass(frozen=True, slots=True)
class PredicateFails:
    """A function of the user's own says so."""

    function: Callable[[StreamRun], bool]
    needs: ClassVar[Literal["recording"]] = "recording"

    @property
    def name(self) -> str:
        """The function by its name."""
        return f"{getattr(self.function, '__name__', type(self.function).__name__)}(run) is true"

    def __call__(self, run: StreamRun) -> bool:
        """Whether the function says so."""
        return bool(self.function(run))

    def pinned(self, run: StreamRun) -> PredicateFails | None:
        """Return itself where the function says so; what it raises on a whole answer is raised."""
        return self if self(run) else None

    def close(self) -> None:
        """Nothing was started."""

    def test_lines(self, run: StreamRun) -> str:
        """Return a test with the function's source in it, and of what it calls.

        Raises
        ------
        ValueError
            As for ``source_with_needs``.
        """
        imports, source = source_with_needs(self.function)
        name = getattr(self.function, "__name__", "")
        lines = "\n".join(sorted({*imports, "import chatviz as cv"}))
        return (
            f"{lines}\n\n\n{source}\n\n"
            "def test_the_stream_is_as_it_should_be(tmp_path):\n"
            f"{_READ}"
            f"    assert not {name}(run)\n"
        )

    def expected_and_got(self, run: StreamRun) -> tuple[str, str]:
        """Return that the function should say no, and that it says yes."""
        name = getattr(self.function, "__name__", "the predicate")
        return f"{name}(run) is false", f"{name}(run) is true"

    def versions(self) -> dict[str, str]:
        """Nothing besides chatviz."""
        return {}


_READ: Final = """\
    path = tmp_path / "shrunk.yaml"
    path.write_bytes(RECORDING)
    (run,) = cv.read_runs(path)
"""
