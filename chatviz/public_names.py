"""Which room holds each public name; a room is opened when one of its names is first used."""

from __future__ import annotations

from typing import Final

__all__ = ["ROOM_OF"]

_ROOMS: Final = {
    "chatviz.agent.drivers": ("run_agent", "run_agent_async"),
    "chatviz.agent.results": ("AgentResult",),
    "chatviz.agent.stopping": ("max_cost", "max_steps", "max_tokens", "no_tool_calls"),
    "chatviz.agent.tools.tool": ("Tool", "tool"),
    "chatviz.cassettes.cassette": ("Cassette", "Interaction"),
    "chatviz.cassettes.convert": ("convert",),
    "chatviz.cassettes.reading": ("read_conversation", "read_conversations", "read_runs"),
    "chatviz.cassettes.redaction.rules": ("RedactionRules",),
    "chatviz.cassettes.samples": ("sample", "samples"),
    "chatviz.cassettes.sharing.report": ("ShareReport",),
    "chatviz.cassettes.sharing.share": ("share",),
    "chatviz.cassettes.storage": ("load_cassette", "save_cassette"),
    "chatviz.chat.findings.log": ("Finding",),
    "chatviz.chat.messages": ("Fragment", "Message", "ToolCall", "ToolResult"),
    "chatviz.chat.usage": ("Cost", "Usage"),
    "chatviz.datasets.cluster.dask_dataset": ("DaskDataSet",),
    "chatviz.datasets.dataset": ("DataSet",),
    "chatviz.datasets.read_folder": ("read_folder",),
    "chatviz.datasets.store.stored": ("StoredDataSet", "open_dataset"),
    "chatviz.runs.conversation": ("Conversation", "Step"),
    "chatviz.doors.pytest_plugin.assertions": ("assert_called", "assert_no_findings"),
    "chatviz.errors": (
        "BaselineError", "CassetteError", "ChatvizError", "ConversationError", "DataSetError",
        "EndpointError", "NoMatchingInteraction", "RendererError", "SampleNotFoundError",
    ),
    "chatviz.evidence.drift.drift": ("drift",),
    "chatviz.evidence.drift.drifted": ("Drift",),
    "chatviz.evidence.fault_matrix.cells": ("FaultCell",),
    "chatviz.evidence.fault_matrix.fault_matrix": ("fault_matrix",),
    "chatviz.evidence.fault_matrix.matrix": ("FaultMatrix",),
    "chatviz.evidence.sdks.matrix": ("SDKMatrix", "sdk_matrix"),
    "chatviz.evidence.sdks.raises": ("raises",),
    "chatviz.evidence.shrinking.shrink": ("shrink",),
    "chatviz.evidence.shrinking.shrunk": ("Shrunk",),
    "chatviz.runs.run": ("StreamRun",),
    "chatviz.runs.reader": ("StreamReader", "read_stream"),
    "chatviz.tables": (
        "argument_table", "cache_table", "chunk_table", "critical_path_table",
        "definition_table", "delta_table", "finding_table", "gap_table", "run_table",
        "scorecard_table", "server_timing_table", "timing_table", "tool_call_table",
        "usage_table",
    ),
    "chatviz.measures.money.packaged": ("packaged_prices",),
    "chatviz.measures.money.prices": ("Price", "load_prices"),
    "chatviz.transports.endpoint.endpoint": ("Endpoint",),
    "chatviz.transports.playing.faults": (
        "Corrupt", "Cut", "Drop", "Duplicate", "End", "Refuse", "SendError", "SplitCharacter",
        "Stall",
    ),
    "chatviz.transports.clients.record": ("RecordTransport",),
    "chatviz.transports.clients.replay": ("ReplayTransport",),
    "chatviz.transports.server.server": ("ReplayServer",),
    "chatviz.transports.tap.tap": ("Tap",),
    "chatviz.views.cache.cache": ("cache",),
    "chatviz.views.compare.compare": ("compare",),
    "chatviz.views.view": ("View", "renderers"),
    "chatviz.views.inspector.inspect": ("inspect",),
    "chatviz.views.overview.overview": ("overview",),
    "chatviz.views.pace.pace": ("pace",),
    "chatviz.views.saving": ("save_html",),
    "chatviz.views.timeline.timeline": ("timeline",),
    "chatviz.views.tool_calls.tool_calls": ("tool_calls",),
    "chatviz.views.transcript.transcript": ("transcript",),
    "chatviz.views.usage.usage": ("usage",),
    "chatviz.widgets.live.live": ("live",),
    "chatviz.widgets.live.chat": ("LiveChat",),
    "chatviz.widgets.workbench.workbench": ("Workbench",),
    "chatviz.wire.events": ("Chunk", "Event"),
}  # fmt: skip

ROOM_OF: Final = {name: room for room, names in _ROOMS.items() for name in names}
"""The room of each name, by its place in the package."""
