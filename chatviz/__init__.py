"""chatviz: see what a streamed chat answer said, chunk by chunk, in a notebook.

    >>> import chatviz as cv
    >>> talk = cv.read_conversation(cv.sample("openrouter_kimi-k2_fireworks"))
    >>> talk.steps[0].run.message.tool_calls[0].arguments
    '{"a": 2, "b": 3}'

Every public name is here, and its room (`public_names`) is opened when it is first used. The
registries are filled here, too: these two are the only places that name rooms in strings.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from chatviz.public_names import ROOM_OF
from chatviz.registry import PAGES, RENDERERS, SHOWN, SOURCES

if TYPE_CHECKING:
    from chatviz.agent.drivers import run_agent, run_agent_async
    from chatviz.agent.results import AgentResult
    from chatviz.agent.stopping import max_cost, max_steps, max_tokens, no_tool_calls
    from chatviz.agent.tools.tool import Tool, tool
    from chatviz.cassettes.cassette import Cassette, Interaction
    from chatviz.cassettes.convert import convert
    from chatviz.cassettes.reading import read_conversation, read_conversations, read_runs
    from chatviz.cassettes.redaction.rules import RedactionRules
    from chatviz.cassettes.samples import sample, samples
    from chatviz.cassettes.sharing.report import ShareReport
    from chatviz.cassettes.sharing.share import share
    from chatviz.cassettes.storage import load_cassette, save_cassette
    from chatviz.chat.findings.log import Finding
    from chatviz.chat.messages import Fragment, Message, ToolCall, ToolResult
    from chatviz.chat.usage import Cost, Usage
    from chatviz.datasets.cluster.dask_dataset import DaskDataSet
    from chatviz.datasets.dataset import DataSet
    from chatviz.datasets.read_folder import read_folder
    from chatviz.datasets.store.stored import StoredDataSet, open_dataset
    from chatviz.doors.pytest_plugin.assertions import assert_called, assert_no_findings
    from chatviz.errors import (
        BaselineError,
        CassetteError,
        ChatvizError,
        ConversationError,
        DataSetError,
        EndpointError,
        NoMatchingInteraction,
        RendererError,
        SampleNotFoundError,
    )
    from chatviz.evidence.drift.drift import drift
    from chatviz.evidence.drift.drifted import Drift
    from chatviz.evidence.fault_matrix.cells import FaultCell
    from chatviz.evidence.fault_matrix.fault_matrix import fault_matrix
    from chatviz.evidence.fault_matrix.matrix import FaultMatrix
    from chatviz.evidence.sdks.matrix import SDKMatrix, sdk_matrix
    from chatviz.evidence.sdks.raises import raises
    from chatviz.evidence.shrinking.shrink import shrink
    from chatviz.evidence.shrinking.shrunk import Shrunk
    from chatviz.measures.money.packaged import packaged_prices
    from chatviz.measures.money.prices import Price, load_prices
    from chatviz.runs.conversation import Conversation, Step
    from chatviz.runs.reader import StreamReader, read_stream
    from chatviz.runs.run import StreamRun
    from chatviz.tables import (
        argument_table,
        cache_table,
        chunk_table,
        critical_path_table,
        definition_table,
        delta_table,
        finding_table,
        gap_table,
        run_table,
        scorecard_table,
        server_timing_table,
        timing_table,
        tool_call_table,
        usage_table,
    )
    from chatviz.transports.clients.record import RecordTransport
    from chatviz.transports.clients.replay import ReplayTransport
    from chatviz.transports.endpoint.endpoint import Endpoint
    from chatviz.transports.playing.faults import (
        Corrupt,
        Cut,
        Drop,
        Duplicate,
        End,
        Refuse,
        SendError,
        SplitCharacter,
        Stall,
    )
    from chatviz.transports.server.server import ReplayServer
    from chatviz.transports.tap.tap import Tap
    from chatviz.views.cache.cache import cache
    from chatviz.views.compare.compare import compare
    from chatviz.views.inspector.inspect import inspect
    from chatviz.views.overview.overview import overview
    from chatviz.views.pace.pace import pace
    from chatviz.views.saving import save_html
    from chatviz.views.timeline.timeline import timeline
    from chatviz.views.tool_calls.tool_calls import tool_calls
    from chatviz.views.transcript.transcript import transcript
    from chatviz.views.usage.usage import usage
    from chatviz.views.view import View, renderers
    from chatviz.widgets.live.chat import LiveChat
    from chatviz.widgets.live.live import live
    from chatviz.widgets.workbench.workbench import Workbench
    from chatviz.wire.events import Chunk, Event

__version__ = "0.1.0"

__all__ = [
    "AgentResult",
    "BaselineError",
    "Cassette",
    "CassetteError",
    "ChatvizError",
    "Chunk",
    "Conversation",
    "ConversationError",
    "Corrupt",
    "Cost",
    "Cut",
    "DaskDataSet",
    "DataSet",
    "DataSetError",
    "Drift",
    "Drop",
    "Duplicate",
    "End",
    "Endpoint",
    "EndpointError",
    "Event",
    "FaultCell",
    "FaultMatrix",
    "Finding",
    "Fragment",
    "Interaction",
    "LiveChat",
    "Message",
    "NoMatchingInteraction",
    "Price",
    "RecordTransport",
    "RedactionRules",
    "Refuse",
    "RendererError",
    "ReplayServer",
    "ReplayTransport",
    "SDKMatrix",
    "SampleNotFoundError",
    "SendError",
    "ShareReport",
    "Shrunk",
    "SplitCharacter",
    "Stall",
    "Step",
    "StoredDataSet",
    "StreamReader",
    "StreamRun",
    "Tap",
    "Tool",
    "ToolCall",
    "ToolResult",
    "Usage",
    "View",
    "Workbench",
    "argument_table",
    "assert_called",
    "assert_no_findings",
    "cache",
    "cache_table",
    "chunk_table",
    "compare",
    "convert",
    "critical_path_table",
    "definition_table",
    "delta_table",
    "drift",
    "fault_matrix",
    "finding_table",
    "gap_table",
    "inspect",
    "live",
    "load_cassette",
    "load_prices",
    "max_cost",
    "max_steps",
    "max_tokens",
    "no_tool_calls",
    "open_dataset",
    "overview",
    "pace",
    "packaged_prices",
    "raises",
    "read_conversation",
    "read_conversations",
    "read_folder",
    "read_runs",
    "read_stream",
    "renderers",
    "run_agent",
    "run_agent_async",
    "run_table",
    "sample",
    "samples",
    "save_cassette",
    "save_html",
    "scorecard_table",
    "sdk_matrix",
    "server_timing_table",
    "share",
    "shrink",
    "timeline",
    "timing_table",
    "tool",
    "tool_call_table",
    "tool_calls",
    "transcript",
    "usage",
    "usage_table",
]


def __getattr__(name: str) -> Any:
    """Open the room of a public name when it is first used."""
    room = ROOM_OF.get(name)
    if room is None:
        raise AttributeError(f"module 'chatviz' has no attribute {name!r}")
    value = getattr(import_module(room), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Tell a Jupyter server, where chatviz is enabled in it, what to load."""
    return [{"module": "chatviz.doors.jupyter_extension.server"}]


def _later(room: str, name: str) -> Callable[[], Any]:
    """Return what opens a room and takes a name from it, once it is called."""
    return lambda: getattr(import_module(room), name)


SHOWN.fill(
    {
        "AgentResult": _later("chatviz.views.notebook_repr", "show_result"),
        "Cassette": _later("chatviz.views.notebook_repr", "show_cassette"),
        "Drift": _later("chatviz.evidence.drift.showing", "show_drift"),
        "FaultMatrix": _later("chatviz.evidence.fault_matrix.showing", "show_fault_matrix"),
        "Conversation": _later("chatviz.views.notebook_repr", "show_conversation"),
        "StreamRun": _later("chatviz.views.notebook_repr", "show_run"),
        "SDKMatrix": _later("chatviz.evidence.sdks.showing", "show_matrix"),
        "Shrunk": _later("chatviz.evidence.shrinking.showing", "show_shrunk"),
        "ToolCall": _later("chatviz.views.notebook_repr", "show_call"),
        "Usage": _later("chatviz.views.notebook_repr", "show_usage"),
    }
)
PAGES.fill({"tap": _later("chatviz.doors.tap_page", "TapPage")})
RENDERERS.fill(
    {
        "html": _later("chatviz.views.view", "html_bundle"),
        "widget": _later("chatviz.widgets.view_widget", "widget_bundle"),
        "static": _later("chatviz.views.view", "html_bundle"),
    }
)
SOURCES.fill(
    {
        "cassette": _later("chatviz.cassettes.reading", "read_runs"),
        "path": _later("chatviz.cassettes.samples", "read_path"),
        "folder": _later("chatviz.datasets.read_folder", "read_folder"),
    }
)
