"""Write docs/findings.md and chatviz/explanations: each kind of finding, and its example, run.

``python docs/make_findings.py`` writes both; a test holds them to what the code says now.
"""

from __future__ import annotations

import ast
import json
import struct
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import yaml

from chatviz.cassettes.reading import read_runs
from chatviz.chat.findings.kinds import KINDS
from chatviz.chat.findings.log import Finding
from chatviz.chat.findings.recording_kinds import RECORDING_KINDS
from chatviz.dialects import dialect_finding_kinds
from chatviz.measures.money.estimates import price_findings
from chatviz.runs.conversation import Conversation
from chatviz.runs.linking import link_runs
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun
from chatviz.wire.exchange import RequestHead, ResponseHead
from finding_examples import EXAMPLES, Exchange, FindingExample

__all__ = [
    "ALL_KINDS",
    "EXPLANATIONS",
    "PAGE",
    "careless_result",
    "chatviz_result",
    "decode_chunks",
    "explanation",
    "finding_of",
    "page",
]

PAGE: Final = Path(__file__).with_name("findings.md")
EXPLANATIONS: Final = Path(__file__).parents[1] / "chatviz" / "explanations"
ALL_KINDS: Final = {**KINDS, **dialect_finding_kinds(), **RECORDING_KINDS}
BUILTINS: Final = (
    *("dict", "enumerate", "int", "isinstance", "iter", "len", "list", "max", "min", "next"),
    *("range", "reversed", "set", "sorted", "str", "sum", "tuple", "zip"),
)
INTRO: Final = """\
# Findings: what was odd on the wire

Providers bend the format of streamed chats. chatviz reads it right anyway, and says so in a
*finding*: one for each code and part, with a count and the first and last chunk that show it.
`run.findings` lists those of an answer, `talk.findings` those of a conversation too, and
`cv.finding_table` makes a table of them.

- **error**: something is lost, wrong or cannot be used;
- **warning**: it can be read in more than one way, may be incomplete, or breaks code as clients
  usually write it;
- **info**: unusual, but read without doubt, by usual code too. Views fold these.

Each section shows the bytes, code as people write it with what it makes of them, and what chatviz
read. The results are not typed: `python docs/make_findings.py` runs the code, and a test holds
this page to it. In that code `body` is the answer's bytes and `chunks` what its data lines,
or the payloads of its frames, decode to (`answers` and `requests` where there are several);
`recording` is what a file decodes to. Bytes from a recording are cut down to the fields that
matter; those that are hand-made follow a provider's habit or the standard. Counts are of 1,040
real streams of chat completions, with 608 tool calls, where no other dialect is named.
"""


def page() -> str:
    """Return the text of docs/findings.md."""
    rows = [
        f"| [`{kind.code}`](#{kind.code}) | {kind.severity} | {_cell(finding_of(kind.code))} |"
        for kind in ALL_KINDS.values()
    ]
    table = "\n".join(["| code | severity | for example |", "|---|---|---|", *rows])
    sections = [f"## {code}\n\n{explanation(code)}" for code in ALL_KINDS]
    return "\n".join([INTRO, table, "", *sections])


def explanation(code: str) -> str:
    """Return the text about a kind of finding: its bytes, careless code, and what chatviz read."""
    kind, example = ALL_KINDS[code], EXAMPLES[code]
    return "\n".join(
        [
            f"**{kind.severity}** · {example.about}",
            "",
            f"The {'file' if example.file else 'bytes'} ({_origin(example)}):",
            "",
            *_bytes_of(example),
            "",
            "Careless code, and its result:",
            "",
            "```python",
            example.careless,
            f"# → {_shown(careless_result(example))}",
            "```",
            "",
            f"chatviz: {finding_of(code).message}",
            "",
            "```python",
            example.read,
            f"# → {_shown(chatviz_result(example))}",
            "```",
            "",
        ]
    )


def careless_result(example: FindingExample) -> object:
    """Run an example's careless code; return its last line's value, or what it raised."""
    body = ast.parse(example.careless).body
    last = body.pop()
    assert isinstance(last, ast.Expr), "the last line of careless code is an expression"
    names = _names_for_code(example)
    try:
        exec(compile(ast.Module(body, []), "<careless>", "exec"), names)
        return eval(compile(ast.Expression(last.value), "<careless>", "eval"), names)
    except Exception as error:  # the careless code's own failure is its result
        return error


def chatviz_result(example: FindingExample) -> object:
    """Return what chatviz read in place of the careless result."""
    runs = _runs(example)
    return eval(example.read, {"run": runs[0], "runs": runs, "talk": link_runs(runs)[0]})


def finding_of(code: str) -> Finding:
    """Return the finding that an example shows.

    Raises
    ------
    LookupError
        Its bytes do not show it.
    """
    example = EXAMPLES[code]
    runs = _runs(example)
    priced = [one for run in runs for one in price_findings(run, example.prices)]
    for finding in chain(priced, *map(_findings, link_runs(runs))):
        if finding.code == code:
            return finding
    raise LookupError(f"the example of {code!r} does not show it: mend its bytes.")


def decode_chunks(body: bytes) -> list[Any]:
    """Decode a body's data lines, its frames' payloads, or the JSON that it is or has in lines."""
    if body.startswith(b"\0"):
        return [json.loads(payload) for _, payload in _frames(body)]
    if b"data: " not in body:
        try:
            return [json.loads(body)] if body else []
        except ValueError:
            return [json.loads(line) for line in body.splitlines()]
    found = []
    for line in body.split(b"\n"):
        if line.startswith(b"data: ") and line != b"data: [DONE]":
            try:
                found.append(json.loads(line[6:]))
            except ValueError:
                continue
    return found


def _frames(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the headers and the payload of each frame, its checksums unread."""
    while body:
        total, headers = struct.unpack_from(">II", body)
        yield body[12 : 12 + headers], body[12 + headers : total - 4]
        body = body[total:]


def _findings(talk: Conversation) -> Iterator[Finding]:
    yield from talk.own_findings
    for run in talk.runs:
        yield from run.findings


def _runs(example: FindingExample) -> list[StreamRun]:
    if not example.file:
        return [_read(exchange) for exchange in example.exchanges]
    with TemporaryDirectory() as folder:
        path = Path(folder, "recording.yaml")
        path.write_text(example.file, encoding="utf-8")
        return read_runs(path)


def _read(exchange: Exchange) -> StreamRun:
    head = RequestHead("POST", exchange.url, {}, json.dumps(exchange.request).encode())
    request = head if exchange.url else exchange.request or None
    reader = StreamReader(request, response=ResponseHead(exchange.status))
    reader.feed(exchange.body)
    return reader.close()


def _names_for_code(example: FindingExample) -> dict[str, Any]:
    builtins = __builtins__ if isinstance(__builtins__, Mapping) else vars(__builtins__)
    answers = [decode_chunks(exchange.body) for exchange in example.exchanges]
    return {
        "__builtins__": {name: builtins[name] for name in BUILTINS},
        "json": json,
        "body": example.exchanges[0].body if answers else b"",
        "chunks": answers[0] if answers else [],
        "answers": answers,
        "requests": [exchange.request for exchange in example.exchanges],
        "recording": yaml.safe_load(example.file),
    }


def _origin(example: FindingExample) -> str:
    return f"cut from a recording of {example.origin}" if example.recording else "hand-made"


def _bytes_of(example: FindingExample) -> Iterator[str]:
    """Show the bytes of each exchange, with what was asked and the status where they matter."""
    yield "```text"
    if example.file:
        yield example.file.rstrip()
    for number, exchange in enumerate(example.exchanges):
        if number:
            yield ""
        if exchange.request:
            yield f"→ {json.dumps(exchange.request)}"
        if exchange.status != 200:
            yield f"← HTTP status {exchange.status}"
        if exchange.body.startswith(b"\0"):
            for headers, payload in _frames(exchange.body):
                yield f"{headers!r} {payload.decode()}"
            continue
        text = exchange.body.decode("utf-8", "backslashreplace").rstrip("\n")
        yield text or "(no bytes)"
    yield "```"


def _shown(result: object) -> str:
    if isinstance(result, Exception):
        told = f"{result}" if str(result) else ""
        return f"{type(result).__name__}{told and ': ' + told}"
    return repr(result)


def _cell(finding: Finding) -> str:
    return finding.message.replace("|", "\\|").replace("<", "\\<")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _write(PAGE, page())
    for old in EXPLANATIONS.glob("*.md"):
        old.unlink()
    for code in ALL_KINDS:
        _write(EXPLANATIONS / f"{code}.md", explanation(code))
