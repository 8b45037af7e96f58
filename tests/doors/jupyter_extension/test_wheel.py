"""What a wheel holds of the extension, built and not built, and what enables it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import chatviz as cv

ROOT = Path(__file__).parents[3]
LAB = "chatviz/doors/jupyter_extension/lab"
SHARE = ".data/data/share/jupyter/labextensions/chatviz/"
pytest.importorskip("hatchling", reason="hatchling is not installed (extra: test)")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The part of a checkout that a wheel is made of, where nothing was built yet."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / LAB, folder / LAB)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "chatviz/__init__.py",
                 "chatviz/doors/jupyter_extension/server_config.json"):  # fmt: skip
        shutil.copy(ROOT / name, folder / name)
    recording = "data/cassettes/openai_chat/stream_unique_tool_call_ids.yaml"
    (folder / recording).parent.mkdir(parents=True)
    shutil.copy(ROOT / recording, folder / recording)
    return folder


def build(folder: Path, kind: str) -> Path:
    """Build a wheel or an sdist without node: nothing but Python is on the path."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", f"{folder}/out"]
    environment = {**os.environ, "PATH": str(Path(sys.executable).parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ending = "*.whl" if kind == "wheel" else "*.tar.gz"
    (built,) = (folder / "out").glob(ending)
    return built


def names_in(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_a_wheel_of_a_plain_checkout_enables_the_server_and_lacks_the_extension_of_lab(
    checkout: Path,
) -> None:
    names = names_in(build(checkout, "wheel"))
    assert any(name.endswith("etc/jupyter/jupyter_server_config.d/chatviz.json") for name in names)
    assert [name for name in names if SHARE in name or "/lab/" in name] == []


def test_a_wheel_holds_what_was_built_and_so_does_one_made_from_the_sdist(checkout: Path) -> None:
    built = checkout / "build" / "labextension"
    (built / "static").mkdir(parents=True)
    (built / "package.json").write_text("{}")
    (built / "static" / "remoteEntry.1.js").write_text("")
    shutil.unpack_archive(build(checkout, "sdist"), checkout / "unpacked")
    (unpacked,) = (checkout / "unpacked").iterdir()
    for folder in (checkout, unpacked):
        names = names_in(build(folder, "wheel"))
        held = sorted(name.partition(SHARE)[2] for name in names if SHARE in name)
        assert held == ["install.json", "package.json", "static/remoteEntry.1.js"]


def test_what_is_built_has_the_version_of_the_package_and_pins_its_builder() -> None:
    package = json.loads((ROOT / LAB / "package.json").read_text(encoding="utf-8"))
    assert package["version"] == cv.__version__
    assert all(version[0].isdigit() for version in package["devDependencies"].values())
    assert package["jupyterlab"]["outputDir"] == "../labextension"  # beside its copy in build/
    assert not (ROOT / LAB / "package-lock.json").exists()


def test_jupyter_is_told_what_to_load() -> None:
    (point,) = cv._jupyter_server_extension_points()
    path = ROOT / "chatviz/doors/jupyter_extension/server_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    assert config == {"ServerApp": {"jpserver_extensions": {"chatviz": True}}}
    assert (ROOT / f"{point['module'].replace('.', '/')}.py").is_file()
