"""How the house is built: floors, sizes, names; what import-linter cannot say is checked here."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "chatviz"
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]
FOLDERS = sorted({path.parent for path in MODULES})
GROUND_FLOOR = ("wire", "chat", "dialects", "runs")
FULLER_FOLDERS = (PACKAGE, PACKAGE / "views")  # the front door's rooms; a room for each picture

IMPORTED_BY_NAME = {
    "__init__.py": "the front door opens rooms when they are first used, and fills the registries",
    "doors/cli/functions.py": "a function of the user's own, named on the command line",
    "public_names.py": "which room holds each public name, for the front door",
    "cassettes/content/encodings.py": "codecs that may be missing",
    "evidence/sdks/sdk.py": "adapters are found by their place",
    "transports/endpoint/aws_signer.py": "botocore may be missing",
    "transports/server/installed.py": "the extra 'server' may be missing",
}

# One name, one meaning. Private shapes of the wire's own objects may repeat from dialect to
# dialect (see `_named`): each is called what its provider calls it.
HOMONYMS: dict[str, str] = {}


# ---- floors


def test_imports_keep_to_the_floors() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_go_in_no_circle() -> None:
    assert _circle({_dotted(path): _parse(path) for path in MODULES}) == []


def test_a_circle_is_found_wherever_the_import_is() -> None:
    modules = {
        "a": ast.parse("from b import x"),
        "b": ast.parse("def late():\n    import c"),
        "c": ast.parse("import a"),
    }
    assert set(_circle(modules)) == {"a", "b", "c"}
    assert _circle({**modules, "c": ast.parse("import json")}) == []


def test_the_ground_floor_opens_no_file() -> None:
    opened = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] in GROUND_FLOOR
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Call) and _called(node) in {"open", "input", "print"}
    ]
    assert opened == []


def test_no_room_imports_the_front_door() -> None:
    rooms = [path for path in MODULES if path != PACKAGE / "__init__.py"]
    assert [path for path in rooms if any(_from_front_door(_parse(path)))] == []


def test_nothing_is_imported_by_its_name_in_a_string_but_what_is_listed() -> None:
    """The list says why; a line of it that is no longer needed fails, too."""
    names = {_dotted(path) for path in MODULES}
    found = {
        name
        for path, name in zip(MODULES, MODULE_NAMES, strict=True)
        if any(_imports_by_name(_parse(path), names))
    }
    assert found == set(IMPORTED_BY_NAME)


@pytest.mark.parametrize(
    "source",
    [
        "import importlib\nimportlib.import_module(name)",
        "from importlib import import_module\nimport_module('json')",
        "__import__('json')",
        "shown_by = 'chatviz.views.view'",
        "loaders = {'view': 'chatviz.views.view:View'}",
    ],
)
def test_an_import_by_name_is_found(source: str) -> None:
    assert any(_imports_by_name(ast.parse(source), {"chatviz.views.view"}))


def test_a_resource_of_a_room_is_no_import() -> None:
    tree = ast.parse("files('chatviz.views').joinpath('static')")
    assert not any(_imports_by_name(tree, {"chatviz.views"}))


# ---- dialects


def test_a_dialect_imports_another_only_as_its_variant() -> None:
    dialects = PACKAGE / "dialects"
    modules = {
        path.relative_to(dialects).as_posix(): path.read_text(encoding="utf-8")
        for path in dialects.rglob("*.py")
    }
    assert len({name.partition("/")[0] for name in modules if "/" in name}) >= 1
    assert _borrowed(modules) == []


BORROWING = "from chatviz.dialects.one.usage import read_usage"
VARIANT = "from chatviz.dialects.one.stream import One\nclass Two(One): pass"


def test_a_dialect_that_borrows_is_found() -> None:
    """Made up: two dialects, the second of which takes a function of the first."""
    one = {"one/stream.py": "class One: pass", "one/usage.py": "def read_usage(): pass"}
    assert _borrowed({**one, "two/stream.py": BORROWING}) == ["two/stream.py borrows from one"]
    import_alone = "import chatviz.dialects.one.usage"
    assert _borrowed({**one, "two/stream.py": import_alone}) == ["two/stream.py borrows from one"]
    used_alone = "from chatviz.dialects.one.stream import One\nmodel = One()"
    assert _borrowed({**one, "two/stream.py": used_alone}) == ["two/stream.py borrows from one"]
    assert _borrowed({**one, "hosts.py": BORROWING}) == ["hosts.py borrows from one"]


def test_a_variant_may_use_what_its_parent_uses() -> None:
    one = {"one/stream.py": "class One: pass", "one/usage.py": "def read_usage(): pass"}
    assert _borrowed({**one, "two/stream.py": VARIANT, "two/usage.py": BORROWING}) == []
    assert _borrowed({**one, "one/more.py": BORROWING, "__init__.py": BORROWING}) == []


# ---- names


def test_a_name_has_one_meaning() -> None:
    found = _homonyms({name: _parse(path) for name, path in _named_modules()})
    assert set(found) == set(HOMONYMS), found


def test_a_homonym_is_found_private_or_not() -> None:
    """Made up: a class, an alias and a type variable, each of a name that is taken."""
    modules = {
        "a.py": ast.parse("class Key: pass\nclass Source: pass\nT = TypeVar('T')"),
        "b.py": ast.parse("def f():\n    class _Key: pass"),
        "c.py": ast.parse("if TYPE_CHECKING:\n    Source: TypeAlias = str"),
        "d.py": ast.parse("T = TypeVar('T')"),
        "dialects/x/y.py": ast.parse("class _Source: pass"),
    }
    found = _homonyms(modules)
    assert found == {"Key": ["a.py", "b.py"], "Source": ["a.py", "c.py"], "T": ["a.py", "d.py"]}


def test_no_module_is_called_utils_helpers_or_common() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [path for path in files if vague & {*path.with_suffix("").parts[-2:]}] == []


# ---- sizes


@pytest.mark.parametrize("folder", FOLDERS, ids=[path.name for path in FOLDERS])
def test_a_folder_holds_twelve_modules_or_folders_at_most(folder: Path) -> None:
    modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
    folders = [path for path in FOLDERS if path.parent == folder]
    if folder not in FULLER_FOLDERS:
        assert max(len(modules), len(folders)) <= 12


@pytest.mark.parametrize("path", MODULES, ids=MODULE_NAMES)
def test_a_module_is_short_says_its_idea_and_lists_its_names(path: Path) -> None:
    text, tree = path.read_text(encoding="utf-8"), _parse(path)
    assert len(text.splitlines()) <= 300
    assert max(map(len, text.splitlines()), default=0) <= 100
    assert ast.get_docstring(tree)
    defines = any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree.body)
    assert not defines or "__all__" in {name for name, _ in _assigned(tree.body)}


@pytest.mark.parametrize("path", MODULES, ids=MODULE_NAMES)
def test_no_function_is_longer_than_forty_lines(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [one.name for one in functions if _code_length(one) > 40] == []


# ---- how it is found out


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each import, wherever it is: the module, and the name taken from it, or ''."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((one.name, "") for one in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", one.name) for one in node.names)


def _circle(modules: Mapping[str, ast.Module]) -> list[str]:
    """Return the modules of a circle of imports; the front door, which only types, is left out."""
    graph: dict[str, set[str]] = {}
    for name, tree in modules.items():
        targets = {f"{module}.{taken}" for module, taken in _imports(tree)}
        targets |= {module for module, _ in _imports(tree)}
        graph[name] = (targets & modules.keys()) - {name, "chatviz"}
    graph.pop("chatviz", None)
    for name, targets in graph.items():  # a package that only holds the module it is taken from
        graph[name] = {one for one in targets if not any(t.startswith(f"{one}.") for t in targets)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _from_front_door(tree: ast.Module) -> Iterator[str]:
    """Names that a module takes from chatviz itself and not from one of its rooms."""
    for module, name in _imports(tree):
        is_room = (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()
        if module == "chatviz" and not (name and is_room):
            yield name


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _imports_by_name(tree: ast.Module, modules: Iterable[str]) -> Iterator[ast.AST]:
    """Yield calls that import by a name, and strings that are the name of a module of ours."""
    names = set(modules)
    resources = {
        id(argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node) == "files"
        for argument in node.args
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in {"import_module", "__import__"}:
            yield node
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_ours = node.value.partition(":")[0] in names and "." in node.value
            if is_ours and id(node) not in resources:
                yield node


def _borrowed(modules: Mapping[str, str]) -> list[str]:
    """Return which modules of dialects/ import from the folder of a dialect they are no variant of.

    A dialect is a folder; its parents are those folders whose classes its own classes subclass.
    """
    trees = {name: ast.parse(text) for name, text in modules.items() if name != "__init__.py"}
    folders = {name.partition("/")[0] for name in modules if "/" in name}
    parents: dict[str, set[str]] = defaultdict(set)
    for name, tree in trees.items():
        homes = {taken: module for module, taken in _imports(tree)}
        bases = {base.id for base in _bases(tree)}
        parents[_folder(name)] |= {_dialect_of(homes[one]) for one in bases & homes.keys()}
    return [
        f"{name} borrows from {dialect}"
        for name, tree in trees.items()
        for dialect in sorted({_dialect_of(module) for module, _ in _imports(tree)} & folders)
        if dialect != _folder(name) and dialect not in parents[_folder(name)]
    ]


def _folder(name: str) -> str:
    return name.rpartition("/")[0].partition("/")[0]


def _dialect_of(module: str) -> str:
    parts = module.split(".")
    return parts[2] if parts[:2] == ["chatviz", "dialects"] and len(parts) > 2 else ""


def _bases(tree: ast.Module) -> Iterator[ast.Name]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (base for base in node.bases if isinstance(base, ast.Name))


def _named_modules() -> Iterator[tuple[str, Path]]:
    return zip(MODULE_NAMES, MODULES, strict=True)


def _homonyms(modules: Mapping[str, ast.Module]) -> dict[str, list[str]]:
    """Return the names that two modules give a meaning, underscores aside, and those modules."""
    homes: dict[str, list[str]] = defaultdict(list)
    for path, tree in modules.items():
        for name in set(_named(tree)):
            if not (name.startswith("_") and path.startswith("dialects/")):
                homes[name.lstrip("_")].append(path)
    return {name: paths for name, paths in homes.items() if len(paths) > 1}


def _named(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module's classes, type aliases and type variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name
    aliases = {
        name
        for name, node in _assigned(tree.body)
        if name.lstrip("_")[:1].isupper() and (not name.isupper() or _makes_type_variable(node))
    }
    yield from aliases


def _assigned(body: Iterable[ast.stmt]) -> Iterator[tuple[str, Any]]:
    """Yield what a module assigns, under an `if` too, with the statement."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _assigned(node.body + node.orelse)
        targets = node.targets if isinstance(node, ast.Assign) else ()
        if isinstance(node, ast.AnnAssign):
            targets = (node.target,)
        yield from ((one.id, node) for one in targets if isinstance(one, ast.Name))


def _makes_type_variable(node: ast.Assign | ast.AnnAssign) -> bool:
    return isinstance(node.value, ast.Call) and _called(node.value) in {"TypeVar", "ParamSpec"}


def _code_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines
