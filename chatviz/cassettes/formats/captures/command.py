"""The request that a curl command asks, as it is written in a shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from chatviz.cassettes.cassette import RecordedRequest

__all__ = ["find_command"]


def find_command(lines: Sequence[bytes]) -> RecordedRequest:
    """Return what the first curl command among the lines asks; an empty request without one."""
    for number, line in enumerate(lines):
        found = _CURL.search(line)
        if found is not None:
            rest = [line[found.start(1) :], *lines[number + 1 : number + _MOST_LINES]]
            return _read_words(_words([each.decode("utf-8", "replace") for each in rest]))
    return RecordedRequest()


def _words(lines: list[str]) -> list[str]:
    """Return the words of the command that begins here: a quote or a backslash continues a line."""
    command: list[str] = []
    size, quote = 0, ""
    for line in lines:
        size += len(line)
        if size > _LONGEST:
            return []
        quote = _quote_after(line, quote)
        continued = _CONTINUED.search(line)
        is_continued = continued is not None and quote != "'"
        command.append(line[: continued.start()] if continued and is_continued else line + "\n")
        if not quote and not is_continued:
            break
    try:
        return shlex.split("".join(command))
    except ValueError:  # a quote is open
        return []


def _quote_after(line: str, quote: str) -> str:
    """Return the quote that is open at the end of a line, given the one at its start."""
    for found in _QUOTE.finditer(line):
        if found[0] == quote:
            quote = ""
        elif not quote and len(found[0]) == 1:
            quote = found[0]
        elif quote == "'" and found[0] == "\\'":
            quote = ""  # between single quotes a backslash is one
    return quote


def _read_words(words: list[str]) -> RecordedRequest:
    url, method, data = "", "", []
    headers: dict[str, tuple[str, ...]] = {}
    for option, value in _options(words[1:]):
        name = _NAMES.get(option, option)
        if name == "--request":
            method = value
        elif name == "--header":
            key, _, text = value.partition(":")
            headers[key.strip()] = (*headers.get(key.strip(), ()), text.strip())
        elif name in _DATA:
            data.append(value)
        elif name == "" and (not url or value.startswith("http")):
            url = value
    # What curl reads from a file is not known here.
    body = "" if any(value.startswith("@") for value in data) else "&".join(data)
    return RecordedRequest(
        method or ("POST" if data else "GET"),
        url if "://" in url or not url else f"http://{url}",
        headers,
        body.encode("utf-8", "replace"),
    )


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value; a word that belongs to none is the URL, with ``""``."""
    waiting = iter(words)
    for word in waiting:
        if word in _ENDS:
            return
        if word.startswith("--"):
            yield word, next(waiting, "") if word in _TAKE_VALUES else ""
        elif word.startswith("-") and len(word) > 1:
            yield from _short_options(word[1:], waiting)
        else:
            yield "", word


def _short_options(letters: str, waiting: Iterator[str]) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(letters):
        if letter in _LETTERS_WITH_VALUES:
            yield f"-{letter}", letters[place + 1 :] or next(islice(waiting, 1), "")
            return
        yield f"-{letter}", ""


_MOST_LINES: Final = 2000
_LONGEST: Final = 256 * 1024
_QUOTE: Final = re.compile(r"\\.|[\"']", re.DOTALL)
_CURL: Final = re.compile(rb"(?:^|[\s$%#>|;&])(curl(?:\.exe)?\s)")
_CONTINUED: Final = re.compile(r"[\\`^]\s*$")
_ENDS: Final = frozenset({"|", ">", ">>", "2>", "2>&1", "&", "&&", ";"})
_DATA: Final = frozenset(
    {"--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"}
)
_NAMES: Final = {"-X": "--request", "-H": "--header", "-d": "--data", "--url": ""}
_TAKE_VALUES: Final = _DATA | {
    *("--request", "--header", "--url", "--user", "--user-agent", "--output", "--max-time"),
    *("--connect-timeout", "--proxy", "--cacert", "--cert", "--key", "--write-out", "--retry"),
    *("--trace", "--trace-ascii", "--resolve", "--cookie", "--form", "--referer", "--stderr"),
}
_LETTERS_WITH_VALUES: Final = "XHduoAebcmxFTwKErCDyYzUP"
