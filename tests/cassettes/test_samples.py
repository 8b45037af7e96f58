"""The packaged recordings: found by name, unchanged, in the wheel, their origin beside them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chatviz.cassettes import samples as packaged
from chatviz.cassettes.samples import read_path, sample, samples
from chatviz.errors import CassetteNotFoundError, ChatvizError, SampleNotFoundError

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "data" / "cassettes"

SHA256 = {
    "anthropic/anthropic_multi_tool.yaml": (
        "d092a4caebf868427ff04de3af59ee639fc8146e31b2295491ae668441ee804d"
    ),
    "anthropic/bedrock_invoke_tool.yaml": (
        "01996c57427203e0a5a8f3be678e0f29dad70dda802b837aef6ddda31fbacba6"
    ),
    "gemini/google_gemini_multi_tool.yaml": (
        "720465c79edb3f47ef301213340b02dcd51bf02aa813e8d6f757f6ce67703555"
    ),
    "openai_responses/openai_responses_multi_tool.yaml": (
        "d36a0e59f224461aee46e25218082a733f09c371cbde02088e7a9c264596b6a7"
    ),
    "ollama/ollama_tool_call_with_id.yaml": (
        "f465b26a24d157889aa6d20a27d62a90cd099295373b65a1ad3043909b226f38"
    ),
    "openai_chat/multi_tool_streaming_kimi-k2_fireworks.yaml": (
        "8f634876b8b05cc3ac62bb4368a419e8ffcae2890e012163aac88bfa56e6ad27"
    ),
    "openai_chat/stream_unique_tool_call_ids.yaml": (
        "b8895225ee9c55be6460558939ae48411f35bf88e528b09945240657890ac512"
    ),
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """A wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (file,) = folder.glob("chatviz_inspector-*.whl")
    return zipfile.Path(file)


@pytest.mark.parametrize("file", SHA256)
def test_other_peoples_recordings_are_byte_for_byte_as_recorded(file: str) -> None:
    assert hashlib.sha256((RECORDINGS / file).read_bytes()).hexdigest() == SHA256[file]


def test_a_recording_is_small() -> None:
    folders = [
        RECORDINGS / name
        for name in ("anthropic", "gemini", "ollama", "openai_responses", "synthetic")
    ]
    sizes = [path.stat().st_size for folder in folders for path in folder.glob("*.yaml")]
    assert sizes and max(sizes) <= 60_000


def test_a_name_gives_the_path_of_its_recording() -> None:
    fireworks = sample("openrouter_kimi-k2_fireworks")
    assert fireworks == RECORDINGS / "openai_chat/multi_tool_streaming_kimi-k2_fireworks.yaml"
    assert b'"provider":"Fireworks"' in fireworks.read_bytes()
    assert b'"provider":"Novita"' in sample("openrouter_kimi-k2_novita").read_bytes()


def test_every_listed_name_is_found_and_every_recording_is_listed() -> None:
    assert samples() == tuple(sorted(samples()))
    assert {sample(name) for name in samples()} == set(RECORDINGS.rglob("*.yaml"))


def test_the_name_of_the_file_is_accepted_too() -> None:
    assert sample("stream_unique_tool_call_ids") == sample("openrouter_kimi-k2_novita")


def test_an_unknown_name_is_answered_with_the_near_ones() -> None:
    with pytest.raises(SampleNotFoundError, match=r"'openrouter_kimi-k2_firework'.*fireworks'"):
        sample("openrouter_kimi-k2_firework")
    with pytest.raises(LookupError, match=r"fireworks' or 'openrouter_kimi-k2_novita'"):
        sample("?")
    assert issubclass(SampleNotFoundError, ChatvizError)


def test_a_recording_that_is_not_on_disk_is_reported_with_the_places_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packaged, "_FOLDERS", (tmp_path / "here", tmp_path / "there"))
    with pytest.raises(SampleNotFoundError, match=r"here' and .*there'"):
        sample("openrouter_kimi-k2_novita")


def test_the_recordings_in_a_wheel_come_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "openai_chat" / "stream_unique_tool_call_ids.yaml"
    file.parent.mkdir()
    file.touch()
    monkeypatch.setattr(packaged, "_FOLDERS", (tmp_path, RECORDINGS))
    assert sample("openrouter_kimi-k2_novita") == file


def test_origin_and_licence_stand_beside_the_recordings() -> None:
    readme = (RECORDINGS / "README.md").read_text(encoding="utf-8")
    assert "charmbracelet/fantasy" in readme and "Apache" in readme
    for name in samples():
        assert name in readme and sample(name).name in readme
    for file in SHA256:  # other people's; what the project recorded itself is under its own
        licence = (RECORDINGS / file).parent / "LICENSE-Apache-2.0.txt"
        assert "Version 2.0, January 2004" in licence.read_text(encoding="utf-8")


def test_no_key_is_inside_a_recording() -> None:
    for path in RECORDINGS.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8").lower()
        assert not [
            word for word in ("authorization", "bearer ", "sk-or-", "cookie") if word in text
        ]


def test_the_wheel_holds_the_recordings_byte_for_byte(wheel: zipfile.Path) -> None:
    for file, sum_ in SHA256.items():
        packed = wheel / "chatviz" / "_samples" / file
        assert hashlib.sha256(packed.read_bytes()).hexdigest() == sum_


def test_the_wheel_holds_chatviz_and_nothing_else(wheel: zipfile.Path) -> None:
    tops = {entry.name for entry in wheel.iterdir()}
    assert {top for top in tops if not top.endswith((".data", ".dist-info"))} == {"chatviz"}
    (data,) = (top for top in tops if top.endswith(".data"))  # what Jupyter looks for
    assert {entry.name for entry in (wheel / data / "data").iterdir()} <= {"etc", "share"}
    names = wheel.root.namelist()
    kept = {path.relative_to(ROOT).as_posix() for path in _sources()}
    assert kept <= set(names)
    assert "chatviz/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert any(name.endswith("LICENSE-Apache-2.0.txt") and ".dist-info" in name for name in names)


def _sources() -> list[Path]:
    """Every file of the package that is not made by a run, or the source of what is built."""
    files = (ROOT / "chatviz").rglob("*")
    lab = ROOT / "chatviz" / "doors" / "jupyter_extension" / "lab"
    return [
        path
        for path in files
        if path.is_file() and path.suffix != ".pyc" and not path.is_relative_to(lab)
    ]


def test_a_path_that_is_nearly_a_samples_name_says_so(tmp_path: Path) -> None:
    with pytest.raises(CassetteNotFoundError, match="A sample is called 'openrouter_kimi-k2_fire"):
        read_path("openrouter_kimi-k2_firewrks")
    with pytest.raises(CassetteNotFoundError) as caught:
        read_path(tmp_path / "nothing.yaml")
    assert "A sample" not in str(caught.value)
