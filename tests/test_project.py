"""What holds the project together: its floors, its names, its dependencies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import chatviz

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "chatviz"
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_NAMES = [path.relative_to(PACKAGE).as_posix() for path in MODULES]
GROUND_FLOOR = ("wire", "chat", "dialects", "runs")
# where conda-forge calls it otherwise
CONDA_NAMES = {"brotli": "brotli-python", "playwright": "playwright-python"}
CONDA_ONLY = {"python", "pip", "nodejs"}  # what pip cannot install, and what it stands on


@pytest.fixture(scope="module")
def pyproject() -> dict:
    """The tables of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_imports_keep_to_the_floors() -> None:
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command as run; run()",
    ]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_transports_are_closed_to_all_once_they_are_there(pyproject: dict) -> None:
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    closed = {name for one in contracts for name in one.get("forbidden_modules", ())}
    assert not (PACKAGE / "transports").exists() or "chatviz.transports" in closed


def test_the_ground_floor_opens_no_file() -> None:
    opened = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if path.relative_to(PACKAGE).parts[0] in GROUND_FLOOR
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"open", "input", "print", "__import__"}
    ]
    assert opened == []


def test_no_room_imports_the_front_door() -> None:
    rooms = [path for path in MODULES if path != PACKAGE / "__init__.py"]
    assert [path for path in rooms if any(_imports_front_door(path))] == []


def test_a_dialect_imports_another_only_as_its_variant() -> None:
    for path in (PACKAGE / "dialects").glob("*.py"):
        if path.stem not in ("__init__", "base"):
            borrowed = set(_borrowed_dialects(_parse(path)))
            assert borrowed <= set(_base_classes(_parse(path))), path


def test_no_module_is_called_utils_helpers_or_common() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    assert [path for path in files if vague & {*path.with_suffix("").parts[-2:]}] == []


@pytest.mark.parametrize("path", MODULES, ids=MODULE_NAMES)
def test_a_module_is_short_says_its_idea_and_lists_its_names(path: Path) -> None:
    tree = _parse(path)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300
    assert ast.get_docstring(tree)
    defines = any(isinstance(node, ast.ClassDef | ast.FunctionDef) for node in tree.body)
    assert not defines or "__all__" in _assigned(tree)


@pytest.mark.parametrize("path", MODULES, ids=MODULE_NAMES)
def test_no_function_is_longer_than_forty_lines(path: Path) -> None:
    functions = (
        node
        for node in ast.walk(_parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [one.name for one in functions if _code_length(one) > 40] == []


def test_the_conda_environment_names_what_pyproject_names(pyproject: dict) -> None:
    project = pyproject["project"]
    extras = project["optional-dependencies"]
    wanted = {*project["dependencies"], *extras["lab"], *extras["test"]}
    wanted.add(f"python{project['requires-python']}")
    assert {_conda(one) for one in wanted} == set(_environment()) - {"pip", "nodejs>=20"}


def test_every_lower_bound_is_met_by_the_constraints(pyproject: dict) -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    pinned = dict(line.split("==") for line in lines)
    project = pyproject["project"]
    extras = project["optional-dependencies"].values()
    bounds = [*project["dependencies"], *(one for extra in extras for one in extra)]
    for bound in map(Requirement, bounds):
        version = pinned.get(canonicalize_name(bound.name))
        assert version is None or version in bound.specifier, bound


def test_what_is_cited_is_the_version_that_is_here() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cited["version"] == chatviz.__version__


def test_the_workflow_tests_every_version_of_python_that_pyproject_names(pyproject: dict) -> None:
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    tested = yaml.safe_load(text)["jobs"]["unit"]["strategy"]["matrix"]["python"]
    named = re.findall(r":: (3\.\d+)", "\n".join(pyproject["project"]["classifiers"]))
    assert tested == named


def test_no_advice_installs_the_other_project_that_is_called_chatviz(pyproject: dict) -> None:
    name = pyproject["project"]["name"]
    wrong = re.compile(rf"pip install (?:-\S+ )*['\"]?chatviz(?!{name.removeprefix('chatviz')})")
    texts = [*MODULES, *(ROOT / "benchmarks").glob("*.py"), *ROOT.glob("*.md")]
    assert wrong.search("pip install 'chatviz[server]'") is not None
    assert [path for path in texts if wrong.search(path.read_text(encoding="utf-8"))] == []


def test_the_recordings_are_never_rewritten_by_git() -> None:
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "data/cassettes/** -text" in attributes


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports_front_door(path: Path) -> Iterator[str]:
    """Names that a module takes from chatviz itself and not from one of its rooms."""
    for node in ast.walk(_parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name == "chatviz")
        if isinstance(node, ast.ImportFrom) and node.module == "chatviz":
            yield from (one.name for one in node.names if not _is_room(one.name))


def _is_room(name: str) -> bool:
    return (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").is_file()


def _borrowed_dialects(tree: ast.Module) -> Iterator[str]:
    """Names of other dialects' classes that a dialect imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatviz.dialects."):
            yield from (one.name for one in node.names if one.name.endswith("Dialect"))


def _base_classes(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from (base.id for base in node.bases if isinstance(base, ast.Name))
    yield "Dialect"  # base.py's protocol belongs to all


def _assigned(tree: ast.Module) -> set[str]:
    targets = [
        target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets
    ]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _code_length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end, without the docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is not None:
        lines -= (first.end_lineno or 0) - first.lineno + 1
    return lines


def _conda(requirement: str) -> str:
    """The same requirement under conda-forge's name."""
    name, sign, bound = requirement.partition(">=")
    return CONDA_NAMES.get(name, name) + sign + bound


def _environment() -> list[str]:
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    packages = yaml.safe_load(text)["dependencies"]
    from_pip = next(one["pip"] for one in packages if isinstance(one, dict))
    return [one for one in packages if isinstance(one, str)] + [
        one for one in from_pip if one != "-e ."
    ]
