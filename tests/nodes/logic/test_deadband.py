"""Drop small movements of signals."""

from __future__ import annotations

from typing import Any

import pytest

from flowrt.example import Stand, drive
from flowrt.message import Signals
from nodes.logic.deadband import Deadband


def passed(values: list[Any], **settings: Any) -> list[Any]:
    given = [Signals(float(at), "State", {"V": value}) for at, value in enumerate(values)]
    out = drive(Deadband(signal="V", **settings), given).out
    return [m.values["V"] for _, m in out if isinstance(m, Signals)]


def test_a_slow_drift_passes_once_it_adds_up() -> None:
    assert passed([10, 10.4, 10.8, 11.0, 11.4, 9.9], width=1.0) == [10, 11.0, 9.9]


def test_a_change_of_just_the_width_passes_in_spite_of_float_noise() -> None:
    assert 3.32 - 3.31 < 0.01
    assert passed([3.31, 3.32], width=0.01) == [3.31, 3.32]


def test_percent_is_of_the_last_reading_passed_on() -> None:
    assert passed([100, 109, 110, 120, 121], percent=10.0) == [100, 110, 121]


def test_width_zero_passes_every_change_only() -> None:
    assert passed([1, 1, 2, 2, 1], width=0.0) == [1, 2, 1]


def test_going_missing_passes_once_and_so_does_coming_back() -> None:
    given = [5.0, None, None, float("nan"), 5.1, 5.2]
    assert passed(given, width=1.0) == [5.0, None, 5.1]


def test_texts_and_flags_pass_when_they_change() -> None:
    assert passed(["Idle", "Idle", "Run", True, True, False], width=9.0) == [
        "Idle",
        "Run",
        True,
        False,
    ]


def test_the_heartbeat_runs_on_message_time() -> None:
    assert passed([1, 1, 1, 1, 1, 1, 1], width=1.0, at_least_every=3.0) == [1, 1, 1]


def test_signals_that_are_not_watched_pass_on() -> None:
    given = [Signals(0.0, "State", {"V": 1, "A": 1}), Signals(1.0, "State", {"V": 1, "A": 1})]
    out = drive(Deadband(signal="V", width=1.0), given).out
    assert [m for _, m in out] == [given[0], Signals(1.0, "State", {"A": 1})]


def test_each_source_is_apart() -> None:
    given = [Signals(0.0, "rack1", {"V": 1}), Signals(0.0, "rack2", {"V": 1})]
    assert [m for _, m in drive(Deadband(signal="V", width=1.0), given).out] == given


def test_the_last_reading_survives_a_restart() -> None:
    before = drive(Deadband(signal="V", width=1.0), [Signals(0.0, "State", {"V": 1.0})])
    after = Stand(Deadband(signal="V", width=1.0), 1.0)
    after.step.node.restore(before.step.node.snapshot())
    after.give(Signals(1.0, "State", {"V": 1.5}))
    assert after.out == []


@pytest.mark.parametrize("settings", [{}, {"width": 1.0, "percent": 1.0}])
def test_just_one_width_is_needed(settings: dict[str, Any]) -> None:
    assert [place for place, _ in Deadband(signal="V", **settings).problems()] == [""]
    assert list(Deadband(signal="V", width=1.0).problems()) == []


def test_summary_says_how_far_and_how_often() -> None:
    node = Deadband(signal="V", percent=0.5, at_least_every=60.0)
    assert node.summary() == "V moves 0.5 %, at least each 60 s"
