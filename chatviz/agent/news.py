"""News: what a loop tells whoever watches it, as it happens."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from chatviz.agent.loop import AskModel, CallTools
from chatviz.agent.results import AgentResult, ToolRun
from chatviz.runs.reader import StreamReader
from chatviz.runs.run import StreamRun

__all__ = ["News", "Watch"]

News: TypeAlias = AskModel | StreamReader | StreamRun | CallTools | ToolRun | AgentResult
Watch: TypeAlias = Callable[[News], None]
