"""The marker and the fixtures: record once, replay for ever, with every client."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import chatviz as cv
from tests.doors.pytest_plugin.inner import PLUGIN, InnerTests

pytest_plugins = ["pytester"]

NEEDS = {
    name: pytest.mark.skipif(find_spec(name) is None, reason=f"{name} is not installed")
    for name in ("httpx2", "openai", "anthropic", "groq", "xdist")
}
ASK = """
    import httpx, pytest

    @pytest.mark.chatviz
    def test_ask(chatviz_transport):
        with httpx.Client(transport=chatviz_transport) as client:
            assert client.post("{url}/v1/chat/completions", json={{"n": 1}}).status_code == 200
"""


def test_a_test_is_recorded_once_and_then_replayed_without_the_server(inner: InnerTests) -> None:
    inner.write(ASK)
    inner.run().assert_outcomes(passed=1)
    inner.stop_server()
    inner.run().assert_outcomes(passed=1)
    (path,) = inner.cassettes()
    assert path.relative_to(inner.path).as_posix() == "cassettes/test_inner/test_ask.yaml"
    assert len(cv.load_cassette(path).interactions) == len(inner.server.seen) == 1


def test_in_ci_nothing_is_recorded(inner: InnerTests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    inner.write(ASK.replace("chatviz\n", "chatviz(mode='all')\n"))
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*holds no interaction*"])
    assert not inner.server.seen
    assert not (inner.path / "cassettes").exists()
    inner.run("--chatviz-mode=once").assert_outcomes(passed=1)
    inner.run().assert_outcomes(passed=1)


def test_all_records_anew_and_new_episodes_adds(inner: InnerTests) -> None:
    inner.write(ASK)
    inner.run()
    inner.run("--chatviz-mode=all").assert_outcomes(passed=1)
    (path,) = inner.cassettes()
    assert len(inner.server.seen) == 2
    assert len(cv.load_cassette(path).interactions) == 1
    inner.write(ASK.replace('"n": 1', '"n": 2'))
    inner.run().assert_outcomes(failed=1)
    inner.run("--chatviz-mode=new_episodes").assert_outcomes(passed=1)
    assert len(cv.load_cassette(path).interactions) == 2


def test_a_test_that_asks_nothing_leaves_no_file_and_no_folder(inner: InnerTests) -> None:
    inner.write("def test_none(chatviz_transport, chatviz_client): pass")
    inner.run().assert_outcomes(passed=1)
    inner.run("--chatviz-mode=none").assert_outcomes(passed=1)
    assert not (inner.path / "cassettes").exists()


CLIENTS: dict[str, str] = {
    "httpx": """
        with chatviz_client(httpx.Client) as client:
            answer = client.post("{url}/v1/chat/completions", json={{}}).text
    """,
    "httpx2": """
        with chatviz_client(httpx2.Client) as client:
            answer = client.post("{url}/v1/chat/completions", json={{}}).text
    """,
    "openai": """
        with chatviz_client(openai.OpenAI, base_url="{url}/v1") as client:
            stream = client.chat.completions.create(model="m", messages=[], stream=True)
            answer = "".join(chunk.choices[0].delta.content for chunk in stream)
    """,
    "groq": """
        with chatviz_client(groq.Groq, base_url="{url}") as client:
            stream = client.chat.completions.create(model="m", messages=[], stream=True)
            answer = "".join(chunk.choices[0].delta.content for chunk in stream)
    """,
    "anthropic": """
        with chatviz_client(anthropic.Anthropic, base_url="{url}") as client:
            messages = [{{"role": "user", "content": "hi"}}]
            stream = client.messages.create(
                model="m", messages=messages, max_tokens=9, stream=True)
            answer = "".join(e.delta.text for e in stream if e.type == "content_block_delta")
    """,
}
ASYNC: dict[str, str] = {
    "httpx": """
        async with chatviz_client(httpx.AsyncClient) as client:
            answer = (await client.post("{url}/v1/chat/completions", json={{}})).text
    """,
    "httpx2": """
        async with chatviz_client(httpx2.AsyncClient) as client:
            answer = (await client.post("{url}/v1/chat/completions", json={{}})).text
    """,
    "openai": """
        async with chatviz_client(openai.AsyncOpenAI, base_url="{url}/v1") as client:
            stream = await client.chat.completions.create(model="m", messages=[], stream=True)
            answer = "".join([chunk.choices[0].delta.content async for chunk in stream])
    """,
    "groq": """
        async with chatviz_client(groq.AsyncGroq, base_url="{url}") as client:
            stream = await client.chat.completions.create(model="m", messages=[], stream=True)
            answer = "".join([chunk.choices[0].delta.content async for chunk in stream])
    """,
    "anthropic": """
        async with chatviz_client(anthropic.AsyncAnthropic, base_url="{url}") as client:
            messages = [{{"role": "user", "content": "hi"}}]
            stream = await client.messages.create(
                model="m", messages=messages, max_tokens=9, stream=True)
            answer = "".join(
                [e.delta.text async for e in stream if e.type == "content_block_delta"])
    """,
}


def of_client(name: str) -> Any:
    return pytest.param(name, marks=NEEDS[name]) if name in NEEDS else name


@pytest.mark.parametrize("name", [of_client(name) for name in CLIENTS])
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_a_client_records_with_its_key_and_replays_without(
    inner: InnerTests, monkeypatch: pytest.MonkeyPatch, name: str, is_async: bool
) -> None:
    variable = f"{name.upper()}_API_KEY"
    monkeypatch.setenv(variable, "sk-test-" + "7" * 40)
    body = (ASYNC if is_async else CLIENTS)[name]
    start = "async def" if is_async else "def"
    mark = "@pytest.mark.anyio" if is_async else ""
    inner.write(
        f"""
    import {name}, pytest

    @pytest.fixture
    def anyio_backend(): return "asyncio"

    {mark}
    {start} test_ask(chatviz_client):
        {body}
        assert "w0" in answer and "w9" in answer
    """
    )
    inner.run("-p", "anyio").assert_outcomes(passed=1)
    inner.stop_server()
    monkeypatch.delenv(variable)
    inner.run("-p", "anyio", "--chatviz-mode=none").assert_outcomes(passed=1)
    (path,) = inner.cassettes()
    assert b"sk-test-" not in path.read_bytes()


SERVED = """
    import pytest, urllib.request

    @pytest.mark.chatviz(upstream="{url}")
    def test_ask(chatviz_server):
        url = chatviz_server.base_url + "/v1/chat/completions"
        asked = urllib.request.Request(url, data=b'{{"n": 1}}')
        assert urllib.request.urlopen(asked).read().count(b"data:") == 10
        assert len(chatviz_server.cassette.interactions) == 1
"""


def test_any_client_is_recorded_and_replayed_by_a_server(inner: InnerTests) -> None:
    inner.write(SERVED)
    inner.run().assert_outcomes(passed=1)
    inner.stop_server()
    inner.run("--chatviz-strict").assert_outcomes(passed=1)
    (path,) = inner.cassettes()
    (interaction,) = cv.load_cassette(path).interactions
    assert interaction.request.url == f"{inner.server.url}/v1/chat/completions"


@pytest.mark.parametrize("names", [["two"], ["one", "two"]])
def test_a_server_with_prefixes_has_the_same_paths_in_both_modes(
    inner: InnerTests, names: list[str]
) -> None:
    upstreams = ", ".join(f'"{name}": "{{url}}"' for name in names)
    source = SERVED.replace('upstream="{url}"', f"upstream={{{{{upstreams}}}}}")
    inner.write(source.replace("chatviz_server.base_url", 'chatviz_server.base_urls["two"]'))
    inner.run().assert_outcomes(passed=1)
    inner.stop_server()
    inner.run("--chatviz-strict").assert_outcomes(passed=1)


def test_a_server_that_should_record_has_to_know_for_whom(inner: InnerTests) -> None:
    inner.write("def test_none(chatviz_server): pass")
    result = inner.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mark.chatviz(upstream='openai')*"])
    inner.run("--chatviz-mode=none").assert_outcomes(passed=1)


def test_what_nobody_asked_for_is_listed_and_fails_a_strict_test(
    inner: InnerTests, seeds: Any
) -> None:
    inner.write(
        f"""
    import pytest

    @pytest.mark.chatviz({str(seeds.fireworks)!r}, mode="none")
    def test_none(chatviz_transport):
        assert len(chatviz_transport.cassette.interactions) == 2
    """
    )
    result = inner.run("--chatviz-mode=all")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["*test_none: 2 recorded interactions of 2 not asked for:*", "*#0 POST *", "*#1 POST *"]
    )
    strict = inner.run("--chatviz-strict")
    strict.assert_outcomes(passed=1, errors=1)
    strict.stdout.fnmatch_lines(["2 recorded interactions of 2 not asked for:"])


def test_a_miss_that_the_code_swallows_is_told(inner: InnerTests) -> None:
    inner.write(ASK)
    inner.run()
    inner.write(
        ASK.replace('"n": 1', '"n": 2').replace(
            "assert client", "with pytest.raises(LookupError): client"
        )
    )
    result = inner.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*passed, though 1 request had no recorded answer:", "*differs*"])


@NEEDS["xdist"]
def test_workers_record_and_report_together(inner: InnerTests) -> None:
    inner.write(
        """
    import httpx, pytest

    @pytest.mark.parametrize("n", range(6))
    def test_ask(chatviz_transport, n):
        client = httpx.Client(transport=chatviz_transport)
        for _ in range(n):
            client.post("{url}/v1/chat/completions", json={{"n": n}})
    """
    )
    inner.run("-p", "xdist", "-n", "2").assert_outcomes(passed=6)
    inner.stop_server()
    counts = [len(cv.load_cassette(path).interactions) for path in inner.cassettes()]
    assert sorted(counts) == [1, 2, 3, 4, 5]
    inner.write(
        "@__import__('pytest').mark.parametrize('n', [3])\ndef test_ask(chatviz_transport, n): pass"
    )
    result = inner.run("-p", "xdist", "-n", "2")
    result.stdout.fnmatch_lines(["*3 recorded interactions of 3 not asked for:"])


def test_names_that_no_file_can_have_get_files_of_their_own(inner: InnerTests) -> None:
    inner.write(
        """
    import httpx, pytest

    class TestIt:
        @pytest.mark.parametrize("n", ["a/b", "a:b", "x" * 300, "ok"])
        def test_ask(self, chatviz_client, n):
            chatviz_client(httpx.Client).post("{url}/v1/chat/completions", json={{}})
    """
    )
    inner.run().assert_outcomes(passed=4)
    names = [path.name for path in inner.cassettes()]
    assert len(names) == 4
    assert "TestIt.test_ask[ok].yaml" in names


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ("chatviz(speeed=1)", "*no option 'speeed'; it has cassette, mode*"),
        ("chatviz('a.yaml', cassette='b.yaml')", "*takes one cassette*found 2 of them*"),
        ("chatviz(mode='some')", "*mode should be one of 'none', 'once'*"),
    ],
)
def test_a_marker_that_asks_for_what_there_is_not_says_so(
    inner: InnerTests, marker: str, told: str
) -> None:
    inner.write(
        f"""
    import pytest

    @pytest.mark.{marker}
    def test_none(chatviz_transport): pass
    """
    )
    result = inner.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([told])


def test_the_nearest_marker_says_each_option(inner: InnerTests) -> None:
    inner.write(
        """
    import httpx, pytest
    pytestmark = pytest.mark.chatviz("shared.yaml", ignore=["n"], repeat=True)

    @pytest.mark.chatviz("own.yaml")
    def test_ask(chatviz_client):
        chatviz_client(httpx.Client).post("{url}/v1/chat/completions", json={{"n": 1}})
    """
    )
    inner.run().assert_outcomes(passed=1)
    assert [path.name for path in inner.cassettes()] == ["own.yaml"]
    inner.write((inner.path / "test_inner.py").read_text().replace('"n": 1', '"n": 2'), raw=True)
    inner.run("--chatviz-mode=none").assert_outcomes(passed=1)


def test_the_command_line_and_the_environment_should_agree(
    inner: InnerTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    inner.write(ASK)
    result = inner.run("--chatviz-mode=all")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--chatviz-mode says 'all'*CHATVIZ_MODE 'none'*"])
    inner.run().assert_outcomes(failed=1)


def test_one_test_has_one_recorder(inner: InnerTests) -> None:
    inner.write(ASK.replace("@pytest.mark.chatviz\n", "@pytest.mark.vcr\n"))
    result = inner.run("-o", "markers=vcr")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*is marked vcr*Leave one of them out*"])


def test_a_client_that_takes_no_transport_is_told_what_to_do(inner: InnerTests) -> None:
    inner.write("def test_none(chatviz_client): chatviz_client(dict)")
    result = inner.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*'dict' takes no transport*give it a base URL*"])


QUIET = """
import sys

def test_nothing_of_ours_is_loaded(request):
    ours = {name for name in sys.modules if name.partition(".")[0] == "chatviz"}
    plugin = "chatviz.doors.pytest_plugin"
    front = {"chatviz", "chatviz.public_names", "chatviz.registry", "chatviz.doors"}
    assert ours - front - {plugin} == {plugin + ".hooks"}
    assert not {"httpx", "httpx2", "orjson", "msgspec", "pandas", "yaml"} & set(sys.modules)
    assert "chatviz_transport" not in request.fixturenames
"""


def test_the_plugin_loads_nothing_until_it_is_used(tmp_path: Path) -> None:
    (tmp_path / "test_quiet.py").write_text(QUIET, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider"]
    environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "chatviz" not in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.name != "__pycache__"] == [
        "test_quiet.py"
    ]


def test_a_server_says_which_address_is_meant(inner: InnerTests) -> None:
    inner.write(
        """
    import pytest

    @pytest.mark.chatviz(upstream=["openai", "anthropic"])
    def test_several(chatviz_server):
        assert chatviz_server.base_urls == {{
            "openai": chatviz_server.url + "/openai/v1",
            "anthropic": chatviz_server.url + "/anthropic",
        }}
        with pytest.raises(ValueError, match="2 upstreams.*base_urls.'openai'"):
            chatviz_server.base_url

    @pytest.mark.chatviz(upstream="openai")
    def test_one(chatviz_server):
        assert chatviz_server.base_url == chatviz_server.url + "/v1"
        assert chatviz_server.variables({{}})["OPENAI_BASE_URL"] == chatviz_server.base_url

    def test_none(chatviz_server):
        assert chatviz_server.base_url == chatviz_server.url
        with pytest.raises(ValueError, match="upstream='openai'"):
            chatviz_server.variables()
    """
    )
    inner.run("--chatviz-mode=none").assert_outcomes(passed=3)
    inner.run("--chatviz-mode=once").assert_outcomes(passed=2, errors=1)
    assert inner.cassettes() == []


@pytest.mark.skipif(find_spec("pytest_recording") is None, reason="pytest-recording is missing")
def test_it_lives_beside_pytest_recording(inner: InnerTests) -> None:
    inner.write(
        """
    import httpx, pytest

    @pytest.mark.vcr
    def test_theirs():
        assert httpx.get("{url}/a").is_success

    def test_ours(chatviz_client):
        assert chatviz_client(httpx.Client).post("{url}/v1/chat/completions", json={{}}).is_success
    """
    )
    theirs = ("-p", "pytest_recording.plugin")
    inner.run(*theirs, "--record-mode=once").assert_outcomes(passed=2)
    inner.stop_server()
    both = ("--record-mode=none", "--chatviz-mode=none")
    inner.run(*theirs, *both).assert_outcomes(passed=2)
