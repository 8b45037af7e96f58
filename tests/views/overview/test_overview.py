"""overview: many conversations on one page, in words, in a picture, and for a script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

import chatviz as cv
from chatviz.cassettes.reading import read_conversations
from chatviz.cassettes.samples import sample, samples
from chatviz.measures.money.prices import Price
from chatviz.runs.conversation import Conversation, Step
from chatviz.runs.reader import read_stream
from chatviz.views.overview import mounting
from chatviz.views.overview.charts import bar_charts, finding_grid, say_usd
from chatviz.views.overview.data import fit_list, list_data
from chatviz.views.overview.overview import make_overview, overview
from chatviz.views.overview.rows import NotListed, read_row, short_names
from chatviz.views.overview.totals import OverviewTotals
from chatviz.views.page_module import measure_json

PRICES = {"kimi-k2-0905": Price(input=1, output=2)}


@pytest.fixture(scope="module")
def talks() -> list[Conversation]:
    return [talk for name in samples() for talk in read_conversations(sample(name))]


def totals_of(talks: list[Conversation], **options: Any) -> OverviewTotals:
    totals = OverviewTotals(**options)
    for talk in talks:
        totals.add(talk)
    return totals


# ---- rows


def test_a_row_says_what_the_conversation_says(seeds) -> None:
    (talk,) = read_conversations(seeds.fireworks)
    row = read_row(talk, 0)
    assert (row.provider, row.model) == ("Fireworks", "moonshotai/kimi-k2-0905")
    assert (row.steps, row.calls, row.ending, row.dialect) == (2, 2, "stop", "openai-chat")
    assert (row.input_tokens, row.output_tokens, row.cost) == (493, 84, talk.cost)
    assert (row.estimated, row.first_token_s, row.duration_s) == (None, None, None)
    severities = [one.severity for one in talk.findings]
    assert (row.errors, row.notes) == (severities.count("error"), severities.count("info"))
    assert row.asked.startswith("Add and multiply")


def test_time_is_in_a_row_only_if_it_was_measured() -> None:
    timed = [read_row(talk, 0) for talk in read_conversations(sample("synthetic_timed"))]
    assert all(row.first_token_s and row.duration_s for row in timed)
    ollama = [read_row(talk, 0) for talk in read_conversations(sample("ollama_gpt-oss-120b"))]
    assert [(row.first_token_s, row.duration_s) for row in ollama] == [(None, None)] * len(ollama)


def test_an_estimate_is_missing_where_one_of_its_answers_has_none(seeds) -> None:
    (talk,) = read_conversations(seeds.fireworks)
    prices = {"moonshotai/kimi-k2-0905": Price(input=1, output=2)}
    assert float(read_row(talk, 0, prices).estimated or 0) == pytest.approx((493 + 168) / 1e6)
    assert read_row(talk, 0, {}).estimated is None


def test_names_lose_the_folder_that_all_share() -> None:
    assert short_names(["/a/b/c.yaml", "/a/bd/e.yaml", ""]) == {
        "/a/b/c.yaml": "b/c.yaml",
        "/a/bd/e.yaml": "bd/e.yaml",
    }
    assert short_names(["C:\\x\\one.yaml"]) == {"C:\\x\\one.yaml": "one.yaml"}
    assert short_names([]) == {}


# ---- the charts


def test_the_charts_are_sums_over_all_answers(talks) -> None:
    charts = {chart.title: chart for chart in bar_charts(totals_of(talks))}
    tokens = charts["Tokens, by model"]
    usage = cv.usage_table(talks).merge(cv.run_table(talks)[["run", "model"]], on="run")
    known = usage.dropna(subset=["input_tokens", "output_tokens"])
    for bar in tokens.bars:
        own = known[known["model"] == bar.label]
        assert bar.edges[0] == own["input_tokens"].sum()
        assert bar.edges[1] - bar.edges[0] == own["output_tokens"].sum()
        assert f"({len(own)} answer" in bar.text
    cost = charts["Cost, by provider"]
    assert sum(bar.edges[0] for bar in cost.bars) == pytest.approx(
        cv.usage_table(talks)["cost_usd"].sum()
    )


def test_times_are_drawn_with_their_n_and_only_where_measured(talks) -> None:
    charts = {chart.title: chart for chart in bar_charts(totals_of(talks))}
    (first,) = charts["Time to the first token, by provider"].bars
    timing = cv.timing_table(talks).dropna(subset=["time_to_first_token_s"])
    assert first.text.endswith(f"(n = {len(timing)} answers)")
    assert first.edges == pytest.approx(
        tuple(timing["time_to_first_token_s"].quantile([0.5, 0.9, 0.99]))
    )
    (gaps,) = charts["Time between two chunks, by provider"].bars
    assert re.search(r"n = \d+ gaps", gaps.text)


def test_the_estimate_has_a_bar_of_its_own(talks) -> None:
    prices = {"moonshotai/kimi-k2-0905": Price(input=1, output=2)}
    chart = bar_charts(totals_of(talks, prices=prices))[0]
    assert chart.parts == ("recorded", "estimated")
    assert [bar.is_estimate for bar in chart.bars[:2]] == [False, True]
    assert chart.bars[1].label == ""


def test_findings_are_counted_by_kind_and_provider_the_worst_first(talks) -> None:
    broken = Conversation(())
    grid = finding_grid(totals_of([*talks, broken]))
    ranks = ["error", "warning", "info"]
    severities = [ranks.index(severity) for severity, *_ in grid.rows]
    assert severities == sorted(severities)
    found = cv.finding_table(talks)
    for _, code, counts in grid.rows:
        assert sum(counts) == len(found[found["code"] == code].drop_duplicates(["run", "code"]))


def test_money_is_said_to_three_digits() -> None:
    amounts = ["0", "0.000012345", "0.0421", "12.345", "1234.5"]
    assert [say_usd(Decimal(one)) for one in amounts] == [
        "$0",
        "$1.23e-05",
        "$0.0421",
        "$12.3",
        "$1,234",
    ]


# ---- the view


def test_the_sentence_counts_what_is_there(talks) -> None:
    view = overview(talks)
    runs = sum(len(talk.runs) for talk in talks)
    assert str(view).startswith(f"Overview: {len(talks)} conversations with {runs} answers and ")
    assert "USD recorded for" in str(view)


def test_without_a_script_the_first_rows_are_open_and_the_rest_is_counted(talks) -> None:
    view = overview(talks * 3)
    html = view.html.partition("<script")[0]
    total = 3 * len(talks)
    assert f"… ({total - 20} more rows)" in html
    before = html.partition("kimi-k2_fireworks")[0]
    assert before.count("<details>") == before.count("</details>")  # it is not folded
    assert "<img" in html and "Tokens, by model" in view.svg


def test_hostile_names_and_words_are_text(tmp_path, seeds) -> None:
    evil = '<img src=x onerror="alert(1)">'
    body = (
        b'data: {"model": "<script>alert(1)</script>", "choices": [{"index": 0, "delta": '
        b'{"content": "\\ud83d"}}]}\n\n'
    )
    request = {"model": "m", "messages": [{"role": "user", "content": evil}]}
    run = read_stream(body, request)
    html = overview([run]).html
    assert "<script>alert" not in html and "<img src=x" not in html
    html.encode()


def test_a_name_of_any_length_is_cut() -> None:
    body = f'data: {{"model": "{"m" * 100_000}", "choices": [], "usage": {{"prompt_tokens": 1, '
    body += '"completion_tokens": 2}}\n\n'
    run = read_stream(body.encode())
    assert len(run.model) == 100_000
    assert read_row(Conversation((Step(run),)), 0).model == "m" * 119 + "…"
    assert list(totals_of([Conversation((Step(run),))]).tokens) == ["m" * 119 + "…"]


def test_nothing_at_all_is_said() -> None:
    view = overview([])
    assert str(view) == "Overview: 0 conversations with 0 answers and 0 tool calls."
    assert "nothing to draw" in view.svg and view.html


def test_a_path_is_read_and_a_wrong_one_named(seeds, tmp_path) -> None:
    assert "1 conversation with 2 answers" in str(overview(seeds.novita))
    with pytest.raises(cv.CassetteError, match=r"gone\.yaml"):
        overview(tmp_path / "gone.yaml")
    with pytest.raises(TypeError, match="wanted a run"):
        overview(5)  # type: ignore[arg-type]


class Many:
    """As much of a data set as an overview asks for."""

    build_table = None
    place = ""

    def __init__(self, talks: list[Conversation], records: list[Any]) -> None:
        self._talks, self._records = talks, records

    @property
    def conversations(self) -> Iterator[Conversation]:
        return iter(self._talks)

    @property
    def records(self) -> list[Any]:
        return self._records


def test_a_data_set_gives_what_a_loop_gives(shared_cassettes) -> None:
    paths = sorted(shared_cassettes.rglob("*.yaml"))
    looped = overview([talk for path in paths for talk in read_conversations(path)])
    view = overview(shared_cassettes)
    assert str(view) == str(looped) and view.tables == looped.tables
    assert view.mount.data == looped.mount.data


def test_what_two_files_hold_is_counted_once_and_said(tmp_path, seeds) -> None:
    for name in ("a.yaml", "b.yaml", "c.yaml"):
        shutil.copy(seeds.novita, tmp_path / name)
    view = overview(tmp_path)
    assert str(view).startswith("Overview: 1 conversation with 2 answers")
    assert "2 files hold the same as another" in str(view)
    (told,) = view.mount.data["left_out"]
    assert told == "2 files hold the same as another, and are not counted again."


def test_a_data_set_of_tables_alone_is_refused() -> None:
    class Tables:
        build_table = None

    with pytest.raises(TypeError, match=r"found a Tables: its tables hold no conversations"):
        overview(Tables())  # type: ignore[arg-type]


class Record:
    def __init__(self, name: str, state: str, reason: str) -> None:
        self.name, self.state, self.reason = name, state, reason


def test_a_data_set_is_gone_through_and_its_bad_files_are_listed(talks) -> None:
    records = [Record("a.yaml", "read", ""), Record("bad.yaml", "bad", "line 3: <b>no</b>")]
    view = overview(Many(talks, records))
    assert "1 file that cannot be read" in str(view)
    assert "line 3: &lt;b&gt;no&lt;/b&gt;" in view.html
    (bad,) = [one for one in view.mount.data["conversations"]["files"] if one[1] == "unreadable"]
    assert bad == ["bad.yaml", "unreadable", "line 3: <b>no</b>", ""]


def test_a_folder_is_read_and_its_files_are_named_by_it(tmp_path, seeds) -> None:
    (tmp_path / "inner").mkdir()
    shutil.copy(seeds.novita, tmp_path / "inner" / "a.yaml")
    (tmp_path / "bad.yaml").write_text("version: 2\ninteractions: 7\n")
    for data in (tmp_path, cv.read_folder(tmp_path)):
        view = overview(data)
        files = view.mount.data["conversations"]["files"]
        assert [one[:2] for one in files] == [["inner/a.yaml", "read"], ["bad.yaml", "unreadable"]]
        assert str(tmp_path) not in view.html  # a shared page tells no one's folders


# ---- sizes


def test_a_view_of_thousands_keeps_to_its_size_and_says_what_is_left_out(talks) -> None:
    view = overview(talks * 400)
    assert len(view.html.encode()) <= 1_000_000
    (told,) = view.mount.data["left_out"]
    kept = len(view.mount.data["conversations"]["rows"])
    assert told.startswith(f"{400 * len(talks) - kept:,} more rows are left out of this list")
    small = overview(talks, max_bytes=250_000)
    assert len(small.html.encode()) <= 250_000
    assert "in this page; cv.inspect(path) shows any" in small.mount.data["inspector_note"]


def test_rows_that_fit_have_their_inspectors_with_what_findings_mean(talks) -> None:
    data = overview(talks[:3]).mount.data
    assert list(data["inspectors"]) == ["0", "1", "2"]
    assert [len(one["runs"]) for one in data["inspectors"].values()] == [
        len(talk.runs) for talk in talks[:3]
    ]
    assert set(data["explained"]) >= {found.code for talk in talks[:3] for found in talk.findings}
    assert data["inspector_note"] == ""


def test_few_conversations_are_kept_for_their_inspectors(talks, monkeypatch) -> None:
    monkeypatch.setattr(mounting, "MAX_SHELVED", 2)
    shelf = mounting.Shelf()
    for place, talk in enumerate(talks):
        shelf.offer(place, talk)
    assert list(shelf.kept) == [0, 1]


def test_rows_are_cut_to_a_number_of_bytes(talks) -> None:
    rows = [read_row(talk, 0) for talk in talks * 20]
    names = short_names(row.source for row in rows)
    data, left = fit_list(rows, names, {}, 5_000)
    assert measure_json(data) <= 5_000 and left == len(rows) - len(data["rows"]) > 0
    assert fit_list([], {}, {}, 0)[1] == 0


def test_a_page_of_its_own_is_linked_and_what_waits_is_listed(talks) -> None:
    rows = [read_row(talks[0], 0), NotListed("/x/later.yaml")]
    names = {rows[0].source: "one.yaml", "/x/later.yaml": "later.yaml"}
    links = {rows[0].source: "0", "/x/later.yaml": "1"}
    view = make_overview(rows, totals_of(talks[:1]), names=names, links=links, refresh_s=2)
    data = view.mount.data
    assert data["conversations"]["files"] == [
        ["one.yaml", "read", "", "0"],
        ["later.yaml", "waiting", "", "1"],
    ]
    assert (data["inspectors"], data["inspector_note"], data["refresh_s"]) == ({}, "", 2)
    assert "1 file not read yet" in str(view)


def test_a_page_that_is_served_has_all_rows(talks) -> None:
    rows = [read_row(talks[0], 0)] * 4000
    names = short_names(row.source for row in rows)
    links = dict.fromkeys(names, "0")
    served = make_overview(rows, totals_of([]), links=links, max_bytes=8_000_000)
    assert len(served.mount.data["conversations"]["rows"]) == 4000
    assert served.mount.data["left_out"] == []


def test_numbers_that_json_does_not_have_are_missing() -> None:
    row = read_row(Conversation(()), 0)
    data = list_data([row], {})
    assert data["rows"][0][8:12] == [0, 0, None, None]
