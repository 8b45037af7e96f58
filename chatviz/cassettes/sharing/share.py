"""share: a recording that may be shown, with the same stream and without the people in it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from secrets import token_bytes
from typing import Final, get_args

from chatviz.cassettes.cassette import Cassette, Interaction, RecordedRequest, RecordedResponse
from chatviz.cassettes.content.decoding import decode_interactions, decode_request
from chatviz.cassettes.metadata import METADATA_KEY
from chatviz.cassettes.reading import CassetteLike, read_runs
from chatviz.cassettes.redaction.redaction import redact_cassette
from chatviz.cassettes.sharing.checks import CHECKS, check_steps
from chatviz.cassettes.sharing.fragments import ChunkPieces, pieces_of
from chatviz.cassettes.sharing.learning import learn_ids, learn_vocabulary
from chatviz.cassettes.sharing.personal import PersonalFinder
from chatviz.cassettes.sharing.report import ShareCheck, ShareReport
from chatviz.cassettes.sharing.word_map import WordMap
from chatviz.cassettes.sharing.writer import FreeText, Writer
from chatviz.cassettes.storage import load_cassette, path_name, save_cassette
from chatviz.cassettes.yaml.nodes import YamlKey, YamlValue
from chatviz.errors import CassetteError
from chatviz.given_values import check_fits, check_list, shown
from chatviz.progress_bar import ProgressBar, somebody_looks
from chatviz.wire.exchange import Headers, header

__all__ = ["share", "share_cassette"]

# A word made up may look like a key, and a number may be too large for its schema: then again.
_ATTEMPTS: Final = (False, False, True)  # whether numbers that tools take are kept
_STEPS: Final = 4 + 2 * CHECKS  # of the first attempt, and of the file


def share(
    cassette: CassetteLike,
    path: str | os.PathLike[str],
    *,
    names: Iterable[str] = (),
    text: FreeText = "shapes",
    progress: bool | None = None,
) -> ShareReport:
    """Write a recording that may be shown to others: the same stream, without the people in it.

    Secrets are removed as `redact_cassette` does. Mail addresses, phone numbers, paths, ids and
    names become others; with ``text="shapes"`` so does every word that somebody or a model wrote,
    and every number that a tool takes: letters become letters and digits digits, as many and as
    large in UTF-8. A word becomes the same one in requests, answers and files, also where a stream
    cut it. The protocol's words, names of models and tools, keys and what a schema allows stay.

    Parameters
    ----------
    cassette : Cassette or path
        It is not changed.
    path : str or path-like
        Where to write, as go-vcr's version 2; a file that is there is replaced, but for the
        recording itself.
    names : iterable of str
        Of people, firms, projects: found whatever their case, in keys too; those of five
        characters or more also inside longer words.
    text : str
        ``"shapes"``, or ``"keep"``: what was written stays, but for what is personal.
    progress : bool or None
        Whether a bar says what is done, where it takes longer than a second; None: on a terminal
        and in a notebook.

    Returns
    -------
    ShareReport
        What was replaced, what stays, and the checks of the file that was written; ``.holds`` is
        False where one failed, and then the file should not be shown.

    Raises
    ------
    CassetteError
        The recording cannot be read, or the file cannot be written.
    ValueError
        ``text`` is neither, or a name is shorter than two characters.
    TypeError
        ``names`` is no list of texts.
    """
    source = cassette if isinstance(cassette, Cassette) else load_cassette(cassette)
    given = _checked(names, text)
    itself, target = Path(source.path or ""), Path(path_name(path))
    if source.path and itself.exists() and target.exists() and itself.samefile(target):
        reason = "the target is the recording itself: give another path, and keep both."
        raise CassetteError(reason, path=os.fspath(path))
    is_shown = somebody_looks() if progress is None else progress
    with ProgressBar(_STEPS, doing="sharing", unit="step", is_shown=is_shown) as bar:
        before, shared, report = _share(source, given, text, bar)
        bar.begin("writing the file")
        save_cassette(shared, path)
        checks = _check(before, load_cassette(path), PersonalFinder(given), bar)
    return replace(report, path=os.fspath(path), checks=checks)


def share_cassette(
    cassette: Cassette, *, names: Iterable[str] = (), text: FreeText = "shapes"
) -> tuple[Cassette, ShareReport]:
    """Return what `share` writes, and its report; nothing is written."""
    with ProgressBar(_STEPS, doing="sharing", unit="step", is_shown=False) as bar:
        _, shared, report = _share(cassette, _checked(names, text), text, bar)
    return shared, report


def _checked(names: Iterable[str], text: str) -> tuple[str, ...]:
    if isinstance(names, str):  # it may be a name, and is not repeated
        raise TypeError("wanted a list of names: names=['…']; found one text.")
    listed = check_list(names, "a list of names", "names=['…']")
    for name in listed:
        check_fits(isinstance(name, str), "names, each a text", name, "names=['…']")
    if text not in get_args(FreeText):
        raise ValueError(f"wanted text='shapes' or text='keep', found {shown(text)}.")
    return listed


def _share(
    cassette: Cassette, names: tuple[str, ...], text: FreeText, bar: ProgressBar
) -> tuple[Cassette, Cassette, ShareReport]:
    """Return a recording without its secrets, what may be shown of it, and the report."""
    finder = PersonalFinder(names)
    bar.begin("removing secrets")
    before, removed = redact_cassette(_decoded(cassette))
    for keeps_numbers in _ATTEMPTS:
        bar.begin("learning the words")
        sharing = _Sharing(before, finder, names, text, keeps_numbers)
        bar.begin("writing other words")
        after = sharing.write()
        checks = _check(before, after, finder, bar)
        report = ShareReport(None, dict(sharing.writer.changed), removed, sharing.left, checks)
        if report.holds:
            break
    return before, after, report


def _check(
    before: Cassette, after: Cassette, finder: PersonalFinder, bar: ProgressBar
) -> tuple[ShareCheck, ...]:
    steps, checks = check_steps(before, after, finder), []
    for _ in range(CHECKS):
        bar.begin("checking")
        checks.append(next(steps))
    return tuple(checks)


class _Sharing:
    """One attempt to write a recording anew, with words of its own."""

    def __init__(
        self,
        before: Cassette,
        finder: PersonalFinder,
        names: tuple[str, ...],
        text: FreeText,
        keeps_numbers: bool,
    ) -> None:
        self._before = before
        self._runs = read_runs(before)
        vocabulary = learn_vocabulary(before, self._runs)
        words = WordMap(token_bytes(32), names)
        for each in learn_ids(before, vocabulary):
            words.replace_id(each)
        self.writer = Writer(words, vocabulary, finder, text=text, keeps_numbers=keeps_numbers)
        self.left = tuple(self._list_left(text, keeps_numbers))

    def write(self) -> Cassette:
        runs = {run.interaction: pieces_of(run) for run in self._runs}
        written = tuple(
            self._write_interaction(each, runs.get(number, {}))
            for number, each in enumerate(self._before.interactions)
        )
        extra = self._write_map(self._before.extra)
        return replace(self._before, interactions=written, extra=extra, path=None)

    def _list_left(self, text: FreeText, keeps_numbers: bool) -> Iterable[str]:
        yield "hosts and paths of URLs, names of models and tools, keys, values of schemas"
        if text == "keep":
            yield "what was written, and what is in base64: names that were not given may be in it"
        if keeps_numbers and text == "shapes":
            yield "numbers that tools take: with others the recording would not be the same"

    def _write_interaction(
        self, interaction: Interaction, pieces: Mapping[int, ChunkPieces]
    ) -> Interaction:
        return replace(
            interaction,
            request=self._write_request(interaction.request, is_chat=interaction.is_chat),
            response=self._write_response(interaction.response, pieces),
            extra=self._write_map(interaction.extra),
        )

    def _write_request(self, request: RecordedRequest, *, is_chat: bool) -> RecordedRequest:
        line = self.writer.write_line
        free = self.writer.write_free
        return replace(
            request,
            url=self.writer.write_url(request.url, is_chat=is_chat),
            headers=self._write_headers(request.headers),
            body=self.writer.write_body(request.body, header(request.headers, "content-type")),
            form={name: tuple(map(free, values)) for name, values in request.form.items()},
            trailer=self._write_headers(request.trailer),
            host=line(request.host),
            remote_addr="",
            request_uri=self.writer.write_url(request.request_uri, is_chat=is_chat),
            extra=self._write_map(request.extra),
        )

    def _write_response(
        self, response: RecordedResponse, pieces: Mapping[int, ChunkPieces]
    ) -> RecordedResponse:
        content_type = header(response.headers, "content-type")
        return replace(
            response,
            headers=self._write_headers(response.headers),
            body=self.writer.write_body(response.body, content_type, pieces),
            trailer=self._write_headers(response.trailer),
            extra=self._write_map(response.extra),
        )

    def _write_headers(self, headers: Headers) -> dict[str, tuple[str, ...]]:
        writer = self.writer
        return {
            name: tuple(
                writer.write_id(value) if name.lower().endswith("-id") else writer.write_line(value)
                for value in values
            )
            for name, values in headers.items()
        }

    def _write_map(self, extra: Mapping[YamlKey, YamlValue]) -> dict[YamlKey, YamlValue]:
        return {
            key: value if key == METADATA_KEY else self._write_value(value)
            for key, value in extra.items()
        }

    def _write_value(self, value: YamlValue) -> YamlValue:
        """Write what no format knows: whatever it is, somebody's words are in it."""
        match value:
            case str():
                return self.writer.write_free(value)
            case bytes():
                text = self.writer.write_free(value.decode("utf-8", "surrogateescape"))
                return text.encode("utf-8", "surrogateescape")
            case list():
                return [self._write_value(item) for item in value]
            case dict():
                return self._write_map(value)
            case _:
                return value


def _decoded(cassette: Cassette) -> Cassette:
    decoded = decode_interactions(cassette.interactions)
    return replace(
        cassette,
        interactions=tuple(
            replace(each, request=decode_request(each.request)[0]) for each in decoded
        ),
    )
