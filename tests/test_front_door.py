"""The front door: the public names, and what opening it must not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chatviz

PUBLIC = """
AgentResult
BaselineError
Cassette
CassetteError
ChatvizError
Chunk
Conversation
ConversationError
Corrupt
Cost
Cut
DaskDataSet
DataSet
DataSetError
Drift
Drop
Duplicate
End
Endpoint
EndpointError
Event
FaultCell
FaultMatrix
Finding
Fragment
Interaction
LiveChat
Message
NoMatchingInteraction
Price
RecordTransport
RedactionRules Refuse
RendererError
ReplayServer
ReplayTransport
SDKMatrix
SampleNotFoundError
SendError
ShareReport
Shrunk
SplitCharacter
Stall
Step
StoredDataSet
StreamReader
StreamRun
Tap
Tool
ToolCall
ToolResult
Usage
View
Workbench
argument_table
assert_called
assert_no_findings
cache
cache_table
chunk_table
compare
convert
critical_path_table
definition_table
delta_table
drift
fault_matrix
finding_table
gap_table
inspect
live
load_cassette
load_prices
max_cost
max_steps
max_tokens
no_tool_calls
open_dataset
overview
pace
packaged_prices
raises
read_conversation
read_conversations
read_folder
read_runs
read_stream
renderers
run_agent
run_agent_async
run_table
sample
samples
save_cassette
save_html
scorecard_table
sdk_matrix
server_timing_table
share
shrink
timeline
timing_table
tool
tool_call_table
tool_calls
transcript
usage
usage_table
"""
HEAVY = {"pandas", "numpy", "IPython", "ipywidgets", "anywidget", "httpx", "jsonschema", "yaml"}


def loaded_by(code: str) -> set[str]:
    """Run some code in a Python of its own; return the heavy packages that it loaded."""
    ending = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run(
        [sys.executable, "-c", code + ending],
        cwd=Path(chatviz.__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    return HEAVY & set(run.stdout.split())


def test_the_public_names_are_these_sorted_and_all_there() -> None:
    """A new public name is a decision: it is taken here, too."""
    assert chatviz.__all__ == PUBLIC.split()
    assert chatviz.__all__ == sorted(chatviz.__all__)
    assert dir(chatviz) == sorted([*chatviz.__all__, "__version__"])
    for name in chatviz.__all__:
        assert getattr(chatviz, name) is not None, name


def test_a_name_that_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        chatviz.nothing  # noqa: B018


def test_importing_loads_nothing_heavy() -> None:
    assert loaded_by("import chatviz") == set()


def test_reading_a_stream_loads_nothing_heavy() -> None:
    code = "import chatviz as cv; cv.read_stream(b'data: {}\\n\\n').findings"
    assert loaded_by(code) == set()


def test_reading_a_recording_loads_a_yaml_reader_and_no_more() -> None:
    code = "import chatviz as cv; cv.read_conversations(cv.sample('openrouter_kimi-k2_fireworks'))"
    assert loaded_by(code) <= {"yaml"}
