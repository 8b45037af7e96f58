"""When a recorder plays and when it records."""

from __future__ import annotations

import pytest

from chatviz.transports.clients.modes import choose_mode


@pytest.mark.parametrize("mode", ["none", "once", "new_episodes", "all"])
def test_a_mode_holds_where_the_environment_says_nothing(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)
    assert choose_mode(mode) == mode


def test_the_environment_overrides_the_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "none")
    assert choose_mode("all") == "none"


def test_a_mode_that_is_none_of_the_four_is_refused_with_their_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CHATVIZ_MODE", raising=False)
    with pytest.raises(ValueError, match=r"^mode should be one of 'none', 'once'.*'any'"):
        choose_mode("any")


def test_a_wrong_mode_of_the_environment_is_said_to_come_from_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHATVIZ_MODE", "off")
    with pytest.raises(ValueError, match=r"environment variable CHATVIZ_MODE.*'off'"):
        choose_mode("once")
