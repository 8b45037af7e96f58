"""Puts the extension of JupyterLab into the wheel, where it was built before."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

__all__ = ["LabExtensionHook"]

BUILT: Final = "build/labextension"  # by .ci/lab_extension
TARGET: Final = "share/jupyter/labextensions/chatviz"


class LabExtensionHook(BuildHookInterface[Any]):
    """Adds files of the build; it runs nothing, so that no installation needs node."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files for the wheel, if there are any."""
        if Path(self.root, BUILT, "package.json").is_file():
            here = Path(__file__).parent
            build_data["shared_data"][BUILT] = TARGET
            build_data["shared_data"][str(here / "install.json")] = f"{TARGET}/install.json"
