"""What a browser shares is made of whole characters, whatever a stream held."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import chatviz as cv
from chatviz.widgets.traits import make_well_formed
from chatviz.widgets.workbench.workbench import Workbench

BODY = (
    b'data: {"model":"\\udc01","provider":"\\ud83d","choices":[{"index":0,"delta":{"content":'
    b'"\\ud83d x"}}]}\n\ndata: {"error":{"message":"\\udc07"}}\n\n'
)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("a\ud83d", "a\ufffd"),
        ("\ud83d\ude00 \udc00", "\U0001f600 \ufffd"),
        ({"\udc00": ["\ud800", 1, None, ("x",)]}, {"\ufffd": ["\ufffd", 1, None, ["x"]]}),
        (b"\xff", b"\xff"),
        ({"a": "b"}, {"a": "b"}),
    ],
)
def test_lone_halves_of_characters_are_replaced(value: object, sent: object) -> None:
    assert make_well_formed(value) == sent


def test_a_folder_with_odd_text_opens_and_all_its_traits_can_be_sent(tmp_path: Path) -> None:
    (tmp_path / "a.sse").write_bytes(BODY)
    bench = Workbench(tmp_path)
    bench._handle_custom_msg({"kind": "rows", "from": 0}, [])
    state = bench.get_state()
    assert "\ufffd" in json.dumps(state["_film"], ensure_ascii=False)
    for name in (
        "_names",
        "_rows",
        "_charts",
        "_state",
        "_film",
        "_cursor",
        "_table",
        "_comparison",
    ):
        json.dumps(state[name], ensure_ascii=False).encode()


def test_the_widget_renderer_can_send_what_a_stream_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv.renderers, "_enabled", "widget")
    bundle = cv.inspect(cv.read_stream(BODY))._repr_mimebundle_()
    json.dumps(bundle, ensure_ascii=False).encode()
