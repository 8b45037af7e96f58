"""What is learned from a whole recording before anything of it is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.sharing.bodies import BodyText, find_texts
from chatviz.cassettes.sharing.fragments import SaidText, pieces_of
from chatviz.cassettes.sharing.json_tokens import (
    JSONToken,
    SpelledText,
    looks_like_json,
    read_tokens,
)
from chatviz.cassettes.sharing.vocabulary import Vocabulary
from chatviz.cassettes.yaml.nodes import YamlValue
from chatviz.runs.choices import finish_reasons, finish_reasons_sent, tool_calls_of
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import header

__all__ = ["body_texts", "learn_ids", "learn_vocabulary", "strings_in", "texts_of"]


def body_texts(cassette: Cassette) -> Iterator[BodyText]:
    """Yield the texts of all bodies of a recording."""
    for each in cassette.interactions:
        for half in (each.request, each.response):
            yield from find_texts(half.body, header(half.headers, "content-type").lower())


def learn_vocabulary(cassette: Cassette, runs: Iterable[StreamRun]) -> Vocabulary:
    """Return the words of a recording that stay."""
    vocabulary = Vocabulary()
    for token, text in strings_in(cassette):
        vocabulary.learn(token, text)
    for run in runs:
        asked = run.chat_request
        vocabulary.tools.update(tool.name for tool in asked.tools)
        vocabulary.tools.update(call.name for call in tool_calls_of(run))
        sent = (*finish_reasons_sent(run), *finish_reasons(run))
        vocabulary.words.update(filter(None, (asked.model, run.model, run.provider, *sent)))
    vocabulary.tools.discard("")
    return vocabulary


def learn_ids(cassette: Cassette, vocabulary: Vocabulary) -> list[str]:
    """Return the ids of a recording, each once: they are replaced wherever they are named."""
    found = (text for token, text in strings_in(cassette) if _is_id(token, text, vocabulary))
    return list(dict.fromkeys(found))


def strings_in(cassette: Cassette) -> Iterator[tuple[JSONToken, str]]:
    """Yield the strings in the JSON of all bodies, keys too, with their escapes undone."""
    for text in body_texts(cassette):
        if text.kind == "data" and looks_like_json(text.text):
            for token in read_tokens(text.text):
                if token.kind in ("string", "key"):
                    yield token, SpelledText(text.text[token.start : token.end]).text


def texts_of(cassette: Cassette, runs: Iterable[StreamRun]) -> Iterator[str]:
    """Yield all that a recording says: assembled, in each string, around the bodies."""
    said: dict[int, SaidText] = {}
    for run in runs:
        for chunk in pieces_of(run).values():
            pieces = (piece for each in chunk.waiting.values() for piece in each)
            said.update((id(piece.said), piece.said) for piece in pieces)
    yield from (each.text for each in said.values())
    yield from (text for _, text in strings_in(cassette))
    yield from (text.text for text in body_texts(cassette))
    for each in cassette.interactions:
        yield from (each.request.url, each.request.host, each.request.request_uri)
        for half in (each.request, each.response):
            yield half.body.decode("utf-8", "surrogateescape")
            for headers in (half.headers, half.trailer):
                yield from (value for values in headers.values() for value in values)
            yield from _strings(half.extra)
        yield from (value for values in each.request.form.values() for value in values)
        yield from _strings(each.extra)
    yield from _strings(cassette.extra)


def _strings(value: YamlValue | object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case bytes():
            yield value.decode("utf-8", "surrogateescape")
        case list():
            for item in value:
                yield from _strings(item)
        case dict():
            for key, item in value.items():
                yield from _strings(key)
                yield from _strings(item)
        case _:
            return


def _is_id(token: JSONToken, text: str, vocabulary: Vocabulary) -> bool:
    return token.kind == "string" and bool(text) and vocabulary.role_of(token, text) == "id"
