"""Recordings that come with chatviz, by name, and their paths on disk."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from chatviz.cassettes.cassette import Cassette
from chatviz.cassettes.pending import wait_for_writers
from chatviz.cassettes.reading import read_runs
from chatviz.cassettes.storage import load_cassette, path_name
from chatviz.errors import CassetteNotFoundError, SampleNotFoundError
from chatviz.given_values import check_text, shown
from chatviz.runs.run import StreamRun

__all__ = ["load_path", "read_path", "sample", "samples"]

_FILES = {
    "anthropic_claude-sonnet-4": "anthropic/anthropic_multi_tool.yaml",
    "bedrock_claude-3-haiku": "anthropic/bedrock_invoke_tool.yaml",
    "gemini_2.5-flash": "gemini/google_gemini_multi_tool.yaml",
    "ollama_gpt-oss-120b": "ollama/ollama_tool_call_with_id.yaml",
    "openai_gpt-4o-mini": "openai_responses/openai_responses_multi_tool.yaml",
    "openrouter_kimi-k2_fireworks": "openai_chat/multi_tool_streaming_kimi-k2_fireworks.yaml",
    "openrouter_kimi-k2_novita": "openai_chat/stream_unique_tool_call_ids.yaml",
    "synthetic_completions": "synthetic/openai_completions.yaml",
    "synthetic_converse": "synthetic/bedrock_converse.yaml",
    "synthetic_timed": "recorded/synthetic_timed.yaml",
}
_BY_STEM = {Path(file).stem: file for file in _FILES.values()}

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (
    _PACKAGE / "_samples",
    _PACKAGE.parent / "data" / "cassettes",
)  # a wheel's, a checkout's


def samples() -> tuple[str, ...]:
    """List the names of the packaged recordings, sorted.

    Returns
    -------
    tuple of str
        What `sample` accepts.
    """
    return tuple(sorted(_FILES))


def sample(name: str) -> Path:
    """Return the path of a packaged recording.

    Parameters
    ----------
    name : str
        One of `samples`, or the file's name without its ending.

    Returns
    -------
    pathlib.Path
        A file to read; copy it before you change it.

    Raises
    ------
    SampleNotFoundError
        Where no packaged recording has this name.
    TypeError
        It is no text.
    """
    check_text(name, "the name of a packaged recording", "cv.samples() lists them")
    file = _FILES.get(name) or _BY_STEM.get(name)
    if file is None:
        raise SampleNotFoundError(_unknown(name))
    for folder in _FOLDERS:
        if (folder / file).is_file():
            return folder / file
    raise SampleNotFoundError(
        f"the packaged recording {name!r} is missing: looked for {file!r} in "
        f"{' and '.join(repr(str(folder)) for folder in _FOLDERS)}. Install chatviz again."
    )


def read_path(path: str | os.PathLike[str]) -> list[StreamRun]:
    """Read the runs of a file, or of the packaged recording of that name where no file has it.

    Raises
    ------
    CassetteError
        As for ``cv.read_runs``.
    """
    return read_runs(load_path(path))


def load_path(path: str | os.PathLike[str]) -> Cassette:
    """Load a file, or the packaged recording of that name where no file has it.

    Raises
    ------
    CassetteError
        As for ``cv.load_cassette``; the message names samples that are called almost so.
    """
    name = path_name(path)
    is_named = name in _FILES or name in _BY_STEM
    wait_for_writers(name)
    try:
        return load_cassette(sample(name) if is_named and not Path(name).exists() else path)
    except CassetteNotFoundError as error:
        raise also_near(error, name) from None


def also_near(error: CassetteNotFoundError, name: str) -> CassetteNotFoundError:
    """Return the error for a missing file, with the samples that may have been meant."""
    near = [one for one in samples() if len(name) > 2 and name.lower() in one]
    near = near or get_close_matches(name, [*_FILES, *_BY_STEM], n=3, cutoff=0.8)
    if not near:
        return error
    names = " or ".join(map(repr, near))
    return CassetteNotFoundError(f"{error.reason} A sample is called {names}.", path=error.path)


def _unknown(name: str) -> str:
    """Return the error for an unknown name; it lists similar names, or all where none is."""
    near = get_close_matches(name, [*_FILES, *_BY_STEM], n=3, cutoff=0.5) or list(samples())
    names = " or ".join(repr(one) for one in near)
    return f"no packaged recording is called {shown(name)}: try {names}. samples() lists them all."
