"""What holds the project together: its dependencies and its recordings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import chatviz

ROOT = Path(__file__).parents[1]
# where conda-forge calls it otherwise
CONDA_NAMES = {
    "brotli": "brotli-python",
    "dask[dataframe]": "dask",
    "playwright": "playwright-python",
}
CONDA_ONLY = {"python", "pip", "nodejs"}  # what pip cannot install, and what it is on


@pytest.fixture(scope="module")
def pyproject() -> dict:
    """The tables of pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


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
    texts = [
        *(ROOT / "chatviz").rglob("*.py"),
        *(ROOT / "benchmarks").glob("*.py"),
        *ROOT.glob("*.md"),
    ]
    assert wrong.search("pip install 'chatviz[server]'") is not None
    assert [path for path in texts if wrong.search(path.read_text(encoding="utf-8"))] == []


def test_the_recordings_are_never_rewritten_by_git() -> None:
    attributes = (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()
    assert "data/cassettes/** -text" in attributes


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
