"""Any client of httpx or httpx2, answered from a recording."""

from __future__ import annotations

import asyncio
import threading
from math import inf
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import httpx2
import pytest

import chatviz as cv
from chatviz.cassettes.cassette import (
    Cassette,
    Interaction,
    RecordedRequest,
    RecordedResponse,
)
from chatviz.cassettes.metadata import RecordingMetadata
from chatviz.cassettes.storage import load_cassette
from chatviz.clock import SYSTEM_CLOCK
from chatviz.errors import CassetteNotFoundError, NoMatchingInteraction
from chatviz.transports.clients.record import RecordTransport
from chatviz.transports.clients.replay import ReplayTransport
from chatviz.transports.playing.faults import Cut, Refuse, Stall

URL = "https://api.test/v1/chat/completions"
LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2])


def interaction(
    body: bytes = b"hello", *, status: int = 200, asked: bytes = b'{"a": 1}', **more: Any
) -> Interaction:
    return Interaction(
        RecordedRequest("POST", URL, body=asked),
        RecordedResponse(status, body=body, **more),
    )


def cassette(*interactions: Interaction) -> Cassette:
    return Cassette(interactions or (interaction(),))


def post(transport: Any, library: Any = httpx, content: bytes = b'{"a":1}', **more: Any) -> Any:
    with library.Client(transport=transport) as client:
        return client.post(URL, content=content, **more)


async def post_async(transport: Any, library: Any, content: bytes = b'{"a":1}') -> Any:
    async with library.AsyncClient(transport=transport) as client:
        return await client.post(URL, content=content)


@LIBRARIES
def test_both_packaged_recordings_replay_to_the_byte(library: Any, seeds: Any) -> None:
    for path in seeds:
        recorded = cv.load_cassette(path)
        transport = ReplayTransport(path)
        with library.Client(transport=transport) as client:
            for each in recorded.interactions:
                response = client.post(each.request.url, content=each.request.body)
                assert isinstance(response, library.Response)
                assert response.content == each.response.body
                assert response.status_code == each.response.status
                assert response.headers["content-type"] == "text/event-stream"
        assert transport.all_played


@LIBRARIES
def test_an_async_client_gets_the_same_bytes(library: Any, seeds: Any) -> None:
    async def replay() -> None:
        for path in seeds:
            async with library.AsyncClient(transport=ReplayTransport(path)) as client:
                for each in cv.load_cassette(path).interactions:
                    response = await client.post(each.request.url, content=each.request.body)
                    assert isinstance(response, library.Response)
                    assert response.content == each.response.body

    asyncio.run(replay())


@LIBRARIES
def test_a_request_is_answered_in_the_library_that_it_came_from(library: ModuleType) -> None:
    transport = ReplayTransport(cassette())
    for base in (httpx.BaseTransport, httpx2.BaseTransport):
        assert not isinstance(transport, base)
    assert type(post(transport, library)) is library.Response


def test_a_request_of_neither_library_is_a_type_error() -> None:
    class Request:
        def read(self) -> None: ...

        method, url, content = "POST", httpx.URL(URL), b'{"a":1}'
        headers = httpx.Headers()

    with pytest.raises(TypeError, match="httpx or httpx2"):
        ReplayTransport(cassette()).handle_request(Request())  # type: ignore[arg-type]


def test_identical_requests_get_the_recorded_answers_in_turn() -> None:
    transport = ReplayTransport(cassette(interaction(b"wait", status=429), interaction()))
    assert [post(transport).status_code for _ in range(2)] == [429, 200]
    with pytest.raises(NoMatchingInteraction):
        post(transport)


def test_the_last_answer_is_given_again_on_request() -> None:
    transport = ReplayTransport(
        cassette(interaction(b"wait", status=429), interaction()), repeat=True
    )
    assert [post(transport).status_code for _ in range(4)] == [429, 200, 200, 200]


def test_what_was_not_asked_for_is_told() -> None:
    first, second = interaction(asked=b"1"), interaction(asked=b"2")
    transport = ReplayTransport(cassette(first, second))
    assert transport.unused == (first, second)
    post(transport, content=b"2")
    assert transport.unused == (first,)
    assert not transport.all_played
    post(transport, content=b"1")
    assert transport.unused == ()
    assert transport.all_played
    assert repr(transport) == "<ReplayTransport: 2 of 2 played, 0 missed>"


def test_threads_share_a_transport_and_no_answer_is_given_twice() -> None:
    bodies = [b"%d" % number for number in range(40)]
    transport = ReplayTransport(cassette(*(interaction(body) for body in bodies)))
    got: list[bytes] = []

    def ask() -> None:
        got.extend(post(transport).content for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == sorted(bodies)


@LIBRARIES
def test_a_miss_is_raised_and_kept(library: Any) -> None:
    transport = ReplayTransport(cassette())
    with pytest.raises(NoMatchingInteraction, match=r"a: recorded 1, asked 2"):
        post(transport, library, b'{"a":2}')
    with pytest.raises(NoMatchingInteraction):
        asyncio.run(post_async(transport, library, b'{"a":3}'))
    assert [str(miss.differences[0]) for miss in transport.misses] == [
        "a: recorded 1, asked 2",
        "a: recorded 1, asked 3",
    ]


@LIBRARIES
def test_a_miss_may_be_answered_with_its_text(library: Any) -> None:
    transport = ReplayTransport(cassette(), on_miss="respond")
    response = post(transport, library, b'{"a":2}')
    assert response.status_code == 404
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"]["message"] == str(transport.misses[0])


def test_paths_and_ids_may_be_left_out_of_the_comparison() -> None:
    assert post(ReplayTransport(cassette(), ignore=["a"]), content=b'{"a":2}').text == "hello"


def test_a_matcher_of_ones_own_decides_alone() -> None:
    transport = ReplayTransport(cassette(), match=lambda request, recorded: [])
    assert post(transport, content=b"whatever").text == "hello"
    strict = ReplayTransport(cassette(), match=lambda request, recorded: ["never"])
    with pytest.raises(NoMatchingInteraction, match="never"):
        post(strict, content=b'{"a": 1}')  # the very bytes that were recorded


def test_a_matcher_of_ones_own_takes_no_advice_for_the_default_one() -> None:
    with pytest.raises(TypeError, match="one or the other"):
        ReplayTransport(cassette(), match=lambda request, recorded: [], ignore=["a"])


def test_an_unknown_on_miss_is_refused() -> None:
    with pytest.raises(ValueError, match="'raise' or 'respond'"):
        ReplayTransport(cassette(), on_miss="ignore")  # type: ignore[arg-type]


def test_a_missing_file_is_an_error_at_once() -> None:
    with pytest.raises(CassetteNotFoundError):
        ReplayTransport("no-such-recording.yaml")


def test_a_stream_of_the_clients_own_is_read_before_it_is_compared() -> None:
    assert post(ReplayTransport(cassette()), content=iter([b'{"a"', b":1}"])).text == "hello"


# ---- pace


METADATA = RecordingMetadata(clock="measured", pieces=((2, 100_000_000), (3, 400_000_000)))


def test_at_once_nothing_waits_and_nothing_is_marked(clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA, duration_ns=50_000_000))
    response = post(ReplayTransport(timed, clock=clock))
    assert clock.waits == []
    assert "x-chatviz-pace" not in response.headers


@LIBRARIES
def test_as_recorded_head_and_pieces_come_at_their_times(library: Any, clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA, duration_ns=50_000_000))
    response = post(ReplayTransport(timed, speed=1.0, clock=clock), library)
    assert clock.waits == pytest.approx([0.05, 0.05, 0.3])
    assert response.headers["x-chatviz-pace"] == "simulated"
    clock.waits.clear()
    asyncio.run(post_async(ReplayTransport(timed, speed=2.0, clock=clock), library))
    assert clock.waits == pytest.approx([0.025, 0.025, 0.15])


def test_a_slow_reader_waits_only_for_what_is_not_yet_due(clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA))
    with (
        httpx.Client(transport=ReplayTransport(timed, speed=1.0, clock=clock)) as client,
        client.stream("POST", URL, content=b'{"a":1}') as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces) == b"he"
        clock.time_ns += 290_000_000
        assert next(pieces) == b"llo"
    assert clock.waits == pytest.approx([0.1, 0.01])


def test_a_simulated_pace_is_marked(clock: Any) -> None:
    transport = ReplayTransport(cassette(), chunks_per_second=4, clock=clock)
    assert post(transport).headers["x-chatviz-pace"] == "simulated"


@pytest.mark.parametrize("headers", [{}, {"X-Chatviz-Pace": ("simulated",)}])
def test_a_recording_of_a_paced_replay_keeps_its_mark_even_at_once(headers: Any) -> None:
    simulated = RecordingMetadata(clock="simulated", pieces=((5, 1),))
    response = post(ReplayTransport(cassette(interaction(metadata=simulated, headers=headers))))
    assert response.headers.get_list("x-chatviz-pace") == ["simulated"]


def test_the_recorded_boundaries_are_kept_at_once() -> None:
    with (
        httpx.Client(transport=ReplayTransport(cassette(interaction(metadata=METADATA)))) as client,
        client.stream("POST", URL, content=b'{"a":1}') as response,
    ):
        assert list(response.iter_raw()) == [b"he", b"llo"]


@pytest.mark.parametrize("pace", [{"speed": 0}, {"chunks_per_second": 0}])
def test_a_pace_that_is_none_is_refused(pace: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"wanted a number as .*, above 0"):
        ReplayTransport(cassette(), **pace)  # type: ignore[arg-type]


@LIBRARIES
def test_a_wait_beyond_the_clients_read_timeout_raises_it(library: Any, clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA))
    with (
        library.Client(
            transport=ReplayTransport(timed, speed=1.0, clock=clock), timeout=0.2
        ) as client,
        pytest.raises(library.ReadTimeout, match=r"0\.2 s"),
    ):
        client.post(URL, content=b'{"a":1}')
    assert clock.waits == pytest.approx([0.1, 0.2])


def test_a_head_beyond_the_read_timeout_raises_it_too(clock: Any) -> None:
    slow = cassette(interaction(duration_ns=2_000_000_000))
    with (
        httpx.Client(
            transport=ReplayTransport(slow, speed=1.0, clock=clock), timeout=0.5
        ) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        client.post(URL, content=b'{"a":1}')
    assert clock.waits == [0.5]


# ---- what the head says


def test_a_decoded_body_is_not_said_to_be_coded_or_of_another_length() -> None:
    headers = {
        "Content-Encoding": ("gzip",),
        "content-length": ("99",),
        "X-Many": ("1", "2"),
    }
    response = post(ReplayTransport(cassette(interaction(headers=headers))))
    assert response.text == "hello"
    assert "content-encoding" not in response.headers
    assert "content-length" not in response.headers
    assert response.headers.get_list("x-many") == ["1", "2"]


def test_a_body_that_its_recorder_unpacked_is_not_said_to_be_coded() -> None:
    each = interaction(b"\xff", headers={"content-encoding": ("br",)}, uncompressed=True)
    assert post(ReplayTransport(cassette(each))).content == b"\xff"


def test_an_answer_to_head_keeps_the_length_of_what_it_stands_for() -> None:
    request = RecordedRequest("HEAD", URL)
    response = RecordedResponse(200, headers={"content-length": ("99",)})
    transport = ReplayTransport(cassette(Interaction(request, response)))
    with httpx.Client(transport=transport) as client:
        assert client.head(URL).headers["content-length"] == "99"


def test_a_true_length_is_kept() -> None:
    headers = {"content-length": ("5",)}
    response = post(ReplayTransport(cassette(interaction(headers=headers))))
    assert response.headers["content-length"] == "5"


@pytest.mark.parametrize(
    "metadata", [None, RecordingMetadata(content_encoding="gzip", undecoded=True)]
)
def test_a_body_that_is_still_coded_is_said_to_be(metadata: RecordingMetadata | None) -> None:
    import gzip

    each = interaction(
        gzip.compress(b"hello"), headers={"content-encoding": ("gzip",)}, metadata=metadata
    )
    assert post(ReplayTransport(cassette(each))).text == "hello"


def test_status_line_and_errors_are_as_they_were() -> None:
    each = interaction(b'{"error":{}}', status=529, status_line="529 Overloaded, sorry")
    response = post(ReplayTransport(cassette(each)))
    assert (response.status_code, response.reason_phrase) == (529, "Overloaded, sorry")


@LIBRARIES
def test_a_recording_that_was_cut_short_breaks_where_it_ends(library: Any) -> None:
    metadata = RecordingMetadata(cut_short="closed by the caller")
    transport = ReplayTransport(cassette(interaction(metadata=metadata)))
    with (
        library.Client(transport=transport) as client,
        client.stream("POST", URL, content=b'{"a":1}') as response,
    ):
        pieces = response.iter_raw()
        assert next(pieces) == b"hello"
        with pytest.raises(library.RemoteProtocolError, match="ends here: closed by the caller"):
            next(pieces)


# ---- faults


STREAM = b'data: {"n":1}\n\ndata: {"n":2}\n\n'


def test_a_cut_breaks_the_connection_for_an_async_client_too() -> None:
    transport = ReplayTransport(cassette(interaction(STREAM)), faults=[Cut(1)])
    with pytest.raises(httpx.RemoteProtocolError, match="cut on purpose"):
        asyncio.run(post_async(transport, httpx))


def test_a_stall_is_waited_for_or_times_out(clock: Any) -> None:
    stalled = ReplayTransport(
        cassette(interaction(STREAM)), faults=[Stall(1, seconds=3)], clock=clock
    )
    assert post(stalled).content == STREAM
    assert clock.waits == [3]
    again = ReplayTransport(
        cassette(interaction(STREAM)), faults=[Stall(1, seconds=30)], clock=clock
    )
    with pytest.raises(httpx.ReadTimeout):
        post(again)


def test_all_that_follows_a_stall_is_as_much_later(clock: Any) -> None:
    half = len(STREAM) // 2
    timed = RecordingMetadata(clock="measured", pieces=((half, 100_000_000), (half, 400_000_000)))
    transport = ReplayTransport(
        cassette(interaction(STREAM, metadata=timed)),
        speed=1.0,
        faults=[Stall(1, seconds=1)],
        clock=clock,
    )
    assert post(transport).content == STREAM
    assert clock.waits == pytest.approx([0.1, 1.0, 0.3])


def test_a_refused_request_is_answered_when_it_is_asked_again() -> None:
    transport = ReplayTransport(cassette(interaction()), faults=[Refuse(times=2)])
    statuses = [post(transport).status_code for _ in range(2)]
    assert (statuses, transport.all_played) == ([429, 429], False)
    assert post(transport).status_code == 200
    assert transport.all_played


def test_closing_early_sends_nothing_more(clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA))
    transport = ReplayTransport(timed, speed=1.0, clock=clock)

    async def read_one() -> None:
        async with (
            httpx.AsyncClient(transport=transport) as client,
            client.stream("POST", URL, content=b'{"a":1}') as response,
        ):
            stream = aiter(response.stream)  # type: ignore[arg-type]
            assert await anext(stream) == b"he"
            await response.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(stream)

    asyncio.run(read_one())


def test_closing_while_a_piece_is_waited_for_sends_it_no_more(clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA))
    transport = ReplayTransport(timed, speed=1.0, clock=clock)
    with httpx.Client(transport=transport) as client:
        request = client.build_request("POST", URL, content=b'{"a":1}')
        response = client.send(request, stream=True)
        clock.sleep = lambda seconds: response.close()
        assert list(response.iter_raw()) == []


def test_the_machines_clock_waits_in_a_task() -> None:
    asyncio.run(SYSTEM_CLOCK.sleep_async(0))


def test_a_speed_of_infinity_is_the_default(clock: Any) -> None:
    timed = cassette(interaction(metadata=METADATA))
    post(ReplayTransport(timed, speed=inf, clock=clock))
    assert clock.waits == []


def test_time_that_a_fault_planted_is_recorded_as_simulated(clock: Any, tmp_path: Path) -> None:
    """At full speed, too: three seconds of waiting must not pass for a slow server's."""
    path = tmp_path / "a.yaml"
    stalled = ReplayTransport(
        cassette(interaction(STREAM)), faults=[Stall(1, seconds=3)], clock=clock
    )
    with httpx.Client(transport=RecordTransport(path, inner=stalled, clock=clock)) as client:
        client.post(URL, content=b'{"a":1}')
    recorded = load_cassette(path).interactions[0].response
    assert recorded.metadata is not None
    assert recorded.metadata.clock == "simulated"
    assert recorded.time_to_headers_s is None
    assert [piece.at for piece in recorded.pieces] == [None] * len(recorded.pieces)
