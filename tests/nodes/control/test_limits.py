"""Limits are relayed, never widened."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.control.curve import Derating
from nodes.control.limits import Limits

SOC = Derating(signal="SOC", limits="charge", points=[[97, 1], [98, 0.4], [100, 0.05]])
CELLS = Derating(signal="*.CellVoltageMax", limits="charge", points=[[3.5, 1], [3.6, 0]])


def told(stand: Stand) -> list[tuple[Any, Any]]:
    return [
        (m.values["ChargeCurrentLimit"], m.values["DischargeCurrentLimit"])
        for _, m in stand.out
        if isinstance(m, Signals)
    ]


def limits(time: float, charge: float = 100.0, discharge: float = 80.0) -> Signals:
    return Signals(time, "bms", {"ChargeCurrentLimit": charge, "DischargeCurrentLimit": discharge})


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(0, 100))))
def test_no_limit_is_more_than_the_battery_gave(steps: list[tuple[float, float, float]]) -> None:
    stand = Stand(Limits(stale_after=5.0, derate=[SOC], rise=20))
    for second, (charge, discharge, soc) in enumerate(steps):
        before = len(told(stand))
        stand.give(limits(second, charge, discharge), Signals(second, "s", {"SOC": soc}))
        stand.run_to(second + 1)
        for first, last in told(stand)[before:]:
            assert 0 <= first <= max(charge, 0)
            assert 0 <= last <= max(discharge, 0)


def test_the_worst_of_several_sources_counts() -> None:
    stand = Stand(Limits(stale_after=5.0, derate=[CELLS]))
    stand.give(limits(0.1))
    stand.give(Signals(0.2, "Module01", {"CellVoltageMax": 3.45}))
    stand.give(Signals(0.3, "Module02", {"CellVoltageMax": 3.55}))
    stand.run_to(1)
    assert [(round(a, 6), b) for a, b in told(stand)] == [(50, 80)]


def test_one_silent_module_is_enough_for_zero() -> None:
    stand = Stand(Limits(stale_after=1.5, derate=[CELLS]))
    for time in (0.5, 1.5, 2.5):
        stand.give(limits(time), Signals(time, "Module01", {"CellVoltageMax": 3.4}))
        if time < 1:
            stand.give(Signals(time, "Module02", {"CellVoltageMax": 3.4}))
    stand.run_to(3)
    assert told(stand)[-2:] == [(0, 0), (0, 0)]
    assert [m.source for _, m in stand.out if isinstance(m, Event)] == [".*.CellVoltageMax"]


def test_none_makes_the_reading_before_it_void() -> None:
    stand = Stand(Limits(stale_after=5.0))
    stand.give(limits(0.1))
    stand.give(Signals(0.2, "bms", {"ChargeCurrentLimit": None}))
    stand.run_to(1)
    assert told(stand) == [(0, 0)]


def test_back_again_it_rises_from_zero() -> None:
    stand = Stand(Limits(stale_after=1.5, rise=30))
    for time in (0.5, 1.5, 4.5, 5.5):
        stand.give(limits(time))
    stand.run_to(6)
    charges = [charge for charge, _ in told(stand)]
    assert charges == [30, 60, 0, 0, 30, 60]


def test_told_as_often_as_the_beat_however_much_comes() -> None:
    stand = Stand(Limits(stale_after=5.0))
    stand.give(*(limits(n / 1000) for n in range(5000)))
    stand.run_to(5)
    assert len(told(stand)) == 5


def test_points_that_are_none_are_told() -> None:
    bad = Derating(signal="SOC", points=[[1, 2], [1, 0.5], [3]])
    assert [sentence for _, sentence in Limits(stale_after=1.0, derate=[bad]).problems()] == [
        "point 1: the factor must be from 0 to 1, not 2.",
        "point 3 must be [reading, factor], not [3].",
        "the readings must grow from point to point.",
    ]


def test_a_battery_that_comes_late_after_a_start_is_no_alarm() -> None:
    stand = Stand(Limits(stale_after=3.0))
    stand.give(Signals(0.1, "other", {"x": 1}))
    stand.run_to(2.5)
    stand.give(limits(2.6))
    stand.run_to(4)
    assert [m for _, m in stand.out if isinstance(m, Event)] == []
    assert told(stand) == [(0, 0), (0, 0), (100, 80), (100, 80)]
