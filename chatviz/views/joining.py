"""Joining: ES modules and all that they import as one script, each once, in the order of imports.

Modules are written so that this needs no parser, and whatever is written otherwise is refused:
imports are single lines at the top (`import { a, b } from "./c.js";`), exports come before a
function, a class or a constant at the beginning of a line, each declaration names one thing, and no
template holds another template (rjsmin would squeeze its inside).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final

__all__ = ["JoinedScript", "join_modules", "squeeze_script", "squeeze_style"]

_IMPORT: Final = re.compile(r'import \{ (\w+(?:, \w+)*) \} from "(\.\.?/[\w./-]+\.js)";')
_DECLARATION: Final = re.compile(
    r"(export )?(?:(?:async )?function\*? (\w+)\(|class (\w+) |(?:const|let) (\w+)(?: =|;))"
)
_BEGINS: Final = re.compile(r"(?:export|import|async|function|class|const|let|var)\b")
_HIDDEN: Final = re.compile(r"\s+(?:export|import)\b|.*\bimport\s*[(.]")
_COMMENT: Final = re.compile(r"\s*(?://|/?\*)")
_NESTED: Final = re.compile(r"\$\{[^}`]*`")


@dataclass(frozen=True, slots=True)
class JoinedScript:
    """Modules as one script.

    Attributes
    ----------
    files : tuple of str
        Where they are, in the order of the script: what is imported comes first.
    code : str
        Their statements, without imports and exports.
    exports : dict of str to str
        The names that they exported, and the file of each.
    style : str
        The style sheets that are beside them, under the same names.
    """

    files: tuple[str, ...]
    code: str
    exports: dict[str, str]
    style: str


@dataclass(frozen=True, slots=True)
class _Source:
    path: str
    code: str
    imports: tuple[tuple[int, tuple[str, ...], str], ...]  # line, names, file
    declared: dict[str, int]  # lines
    exported: tuple[str, ...]


def join_modules(root: Traversable, paths: Iterable[str]) -> JoinedScript:
    """Join modules and all that they import.

    Parameters
    ----------
    root : Traversable
        The folder that the paths start from.
    paths : iterable of str
        The modules that are wanted, with ``/`` between folders.

    Raises
    ------
    ValueError
        A module is written in a way that is not understood, imports what is not there or in a
        circle, or declares a name that another one declares; the message names file and line.
    """
    sources: dict[str, _Source] = {}
    for path in paths:
        _collect(root, path, sources, ())
    _refuse_clashes(sources.values())
    styles = (root.joinpath(path.removesuffix(".js") + ".css") for path in sources)
    return JoinedScript(
        tuple(sources),
        "\n".join(source.code for source in sources.values()),
        {name: source.path for source in sources.values() for name in source.exported},
        "\n".join(style.read_text(encoding="utf-8") for style in styles if style.is_file()),
    )


def squeeze_script(code: str) -> str:
    """Return a script without its comments, and without the spaces that mean nothing."""
    import rjsmin  # type: ignore[import-untyped]

    squeezed: str = rjsmin.jsmin(code)
    return squeezed.strip()


def squeeze_style(style: str) -> str:
    """Return a style sheet without comments and line breaks."""
    bare = " ".join(re.sub(r"(?s)/\*.*?\*/", "", style).split())
    return re.sub(r" ?([{};,]) ?", r"\1", bare).replace(": ", ":").replace(";}", "}")


def _collect(
    root: Traversable, path: str, sources: dict[str, _Source], above: tuple[str, ...]
) -> None:
    """Add a module behind those that it imports."""
    if path in sources:
        return
    if path in above:
        raise ValueError(f"{path} imports itself by way of {' → '.join(above)}: no circles.")
    source = _read(root, path)
    for line, names, target in source.imports:
        if not root.joinpath(target).is_file():
            raise ValueError(f"{path}, line {line}: there is no {target} to import from.")
        _collect(root, target, sources, (*above, path))
        missing = [name for name in names if name not in sources[target].exported]
        if missing:
            raise ValueError(f"{path}, line {line}: {target} exports no {', '.join(missing)}.")
    sources[path] = source


def _read(root: Traversable, path: str) -> _Source:
    text = root.joinpath(path).read_text(encoding="utf-8")
    imports, declared, exported, kept = [], {}, [], []
    for number, line in _code_lines(text):
        if found := _IMPORT.fullmatch(line):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
            imports.append((number, tuple(found[1].split(", ")), target))
            continue
        declaration = _DECLARATION.match(line)
        if _HIDDEN.match(line) or (_BEGINS.match(line) and not declaration):
            raise ValueError(
                f"{path}, line {number}: this form is not joined: {line.strip()!r}. Write "
                '`import { a } from "./b.js";`, `export` before a function, class or const at the '
                "beginning of a line, and one name in each declaration."
            )
        if declaration:
            name = next(filter(None, declaration.groups()[1:]))
            declared[name] = number
            exported += [name] if declaration[1] else []
        kept.append(line.removeprefix("export ") if declaration else line)
    code = "\n".join(kept)
    if nested := _NESTED.search(code):
        raise ValueError(f"{path}: a template inside a template is not squeezed: {nested[0]!r}.")
    return _Source(path, code, tuple(imports), declared, tuple(exported))


def _code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that are no comments, with their numbers."""
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not _COMMENT.match(line):
            yield number, line


def _refuse_clashes(sources: Iterable[_Source]) -> None:
    places: dict[str, str] = {}
    for source in sources:
        for name, line in source.declared.items():
            place = f"{source.path}, line {line}"
            if name in places:
                raise ValueError(f"{place}: {name!r} is declared in {places[name]}, too.")
            places[name] = place
