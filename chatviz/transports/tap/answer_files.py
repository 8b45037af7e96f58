"""AnswerFiles: where a tap keeps its answers: a file for each conversation, or one for all."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from chatviz.cassettes.pending import wait_for_writers
from chatviz.cassettes.reading import read_interaction
from chatviz.cassettes.redaction.redaction import RedactionRules, redact
from chatviz.errors import CassetteError
from chatviz.runs.linking import RunLinker
from chatviz.runs.run import StreamRun
from chatviz.transports.clients.cassette_file import Addition, CassetteFile
from chatviz.transports.clients.recording import InteractionRecording
from chatviz.transports.tap.tapped_answers import TapLog

__all__ = ["AnswerFiles", "is_one_file", "make_addition"]

_LOG = logging.getLogger("chatviz")
_SUFFIXES: Final = (".yaml", ".yml")
_MOST_OPEN: Final = 32  # files; one that goes on later is opened again
_MOST_GOING_ON: Final = 200  # conversations; one that goes on after so many others begins anew
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(slots=True)
class _Unwritten:
    """What should be in a file and is not: answers, and how many of them the file knows of."""

    answers: list[tuple[Addition, StreamRun | None]] = field(default_factory=list)
    handed_over: int = 0


class AnswerFiles:
    """Adds answers to files, each behind those of its conversation; for a `CassetteWriter`.

    Parameters
    ----------
    to : path-like
        A file (``.yaml`` or ``.yml``) that grows by every answer; or a folder, in which every
        conversation has a file, and everything that is no chat one together.
    log : TapLog
        Is told where each answer is kept.

    Raises
    ------
    CassetteError
        There is no such folder and it cannot be made, or the file cannot be added to.
    """

    def __init__(self, to: str | os.PathLike[str], log: TapLog) -> None:
        self.path = Path(to).absolute()
        self.paths: dict[Path, None] = {}  # what was written, in order
        self._log = log
        self._open: dict[Path, CassetteFile] = {}
        self._unwritten: dict[Path, _Unwritten] = {}
        self._linker = RunLinker()
        self._of_thread: dict[int, Path] = {}  # in the order in which they went on
        self._of_others: Path | None = None
        self._is_one = is_one_file(to)
        self._made_folder = not self._is_one and not self.path.exists()
        self._is_gone = False  # the folder, taken away again
        wait_for_writers(self.path)
        if self._is_one:
            self._open_file(self.path).check_format()
        else:
            _make_folder(self.path)

    def add(self, additions: Sequence[Addition]) -> None:
        """Add interactions, and have them on the disk before returning.

        Raises
        ------
        CassetteError
            A file cannot be written; what should be in it is kept, and written with the next.
        """
        for each in additions:
            run = read_interaction(each.interaction) if each.interaction.is_chat else None
            path = self.path if self._is_one else self._choose(each, run)
            self._unwritten.setdefault(path, _Unwritten()).answers.append((each, run))
        self._write()

    def close(self) -> None:
        """Give every file its final form; a folder that was made in vain is taken away.

        Raises
        ------
        CassetteError
            One cannot be written; closing again tries again.
        """
        self._write()
        for file in self._open.values():
            file.close()
        if self._made_folder and not self.paths:
            with suppress(OSError):  # somebody else has put something there
                self.path.rmdir()
                self._is_gone = True

    def _write(self) -> None:
        """Write what is not written yet, whatever file it belongs to."""
        failures = []
        for path in [*self._unwritten]:
            try:
                self._write_file(path)
            except CassetteError as error:
                _LOG.error("the tap cannot write what has passed: %s", error)
                failures.append(error)
        if failures:
            raise failures[0]

    def _write_file(self, path: Path) -> None:
        if self._is_gone:  # the tap was started again
            _make_folder(self.path)
            self._is_gone = False
        unwritten, file = self._unwritten[path], self._open_file(path)
        new = unwritten.answers[unwritten.handed_over :]
        unwritten.handed_over = len(unwritten.answers)  # a file keeps what it cannot write
        file.add([addition for addition, _ in new])
        del self._unwritten[path]
        self.paths[path] = None
        for addition, run in unwritten.answers:
            self._log.keep(addition.number, path, run)

    def _open_file(self, path: Path) -> CassetteFile:
        file = self._open.pop(path, None) or CassetteFile(path)
        self._open[path] = file
        if len(self._open) > _MOST_OPEN:
            oldest = next(each for each in self._open if each not in self._unwritten)
            self._open.pop(oldest).close()
        return file

    def _choose(self, addition: Addition, run: StreamRun | None) -> Path:
        """Return the file of an answer's conversation."""
        if run is None:
            self._of_others = self._of_others or self._new_path(addition, "others")
            return self._of_others
        thread = self._linker.add(run)
        path = self._of_thread.pop(thread, None) or self._new_path(addition)
        self._of_thread[thread] = path
        del self._linker.threads[thread][:-1]
        if len(self._of_thread) > _MOST_GOING_ON:
            oldest = next(iter(self._of_thread))
            del self._of_thread[oldest]
            self._linker.forget(oldest)
        return path

    def _new_path(self, addition: Addition, name: str = "") -> Path:
        """Return a file that is not there: by the time of the first request, and who was asked."""
        answer = self._log.find(addition.number)
        stem = name or "answers"
        if answer is not None:  # it is, but behind a thousand others at once
            started = datetime.fromtimestamp(answer.started_unix_s)
            stem = f"{started:%Y%m%d-%H%M%S}-{name or _UNSAFE.sub('-', answer.server)}"
        taken = {*self.paths, *self._unwritten, *self._of_thread.values()}
        path, number = self.path / f"{stem}.yaml", 1
        while path in taken or path.exists():
            number += 1
            path = self.path / f"{stem}-{number}.yaml"
        return path


def make_addition(recording: InteractionRecording, rules: RedactionRules) -> Addition:
    """Return what is kept of a recording, without its secrets."""
    interaction, _ = redact(recording.interaction(), rules=rules)
    return Addition(interaction, recording.number)


def is_one_file(to: str | os.PathLike[str]) -> bool:
    """Say whether a path means one file, and not a folder."""
    return Path(to).suffix.lower() in _SUFFIXES and not Path(to).is_dir()


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise CassetteError(
            f"the folder for recordings cannot be made: {error.strerror}. Give the path of a "
            "folder, or of one in a folder that exists.",
            path=str(path),
        ) from error
