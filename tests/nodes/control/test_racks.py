"""Racks summed up, and told apart when one is gone."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.control.racks import Racks


def rack(name: str, time: float, **more: float) -> Signals:
    values = {
        "SOC": 50, "PackVoltage": 800.0, "PackCurrent": 10.0,
        "ChargeCurrentLimit": 100.0, "DischargeCurrentLimit": 100.0, **more,
    }  # fmt: skip
    return Signals(time, f"{name}/All", dict(values))


def last(stand: Stand) -> dict[str, Any]:
    return next(dict(m.values) for _, m in reversed(stand.out) if isinstance(m, Signals))


def test_without_a_rack_nothing_is_known_and_nothing_allowed() -> None:
    stand = Stand(Racks(racks=["a"]))
    stand.give(Signals(0.1, "a/State", {"SOC": 50}))
    stand.run_to(4)
    assert last(stand)["SOC"] is None
    assert last(stand)["DischargeCurrentLimit"] == 0
    assert [m.source for _, m in stand.out if isinstance(m, Event)] == ["a"]


def test_a_limit_is_the_least_times_the_number_online() -> None:
    stand = Stand(Racks())
    stand.give(rack("a", 0.1), rack("b", 0.1, DischargeCurrentLimit=20.0), rack("c", 0.1))
    stand.run_to(1)
    assert last(stand)["DischargeCurrentLimit"] == 60
    assert last(stand)["ChargeCurrentLimit"] == 300


def test_a_negative_limit_allows_nothing() -> None:
    stand = Stand(Racks())
    stand.give(rack("a", 0.1), rack("b", 0.1, ChargeCurrentLimit=-5.0))
    stand.run_to(1)
    assert last(stand)["ChargeCurrentLimit"] == 0


def test_a_stranger_is_not_counted() -> None:
    stand = Stand(Racks(racks=["a"]))
    stand.give(rack("a", 0.1), rack("z", 0.1))
    stand.run_to(1)
    assert last(stand)["RacksOnline"] == 1


def test_it_is_back_after_its_alarm() -> None:
    stand = Stand(Racks(offline_after=2.0))
    for second in range(12):
        stand.give(rack("a", second + 0.5))
        if not 4 <= second < 8:
            stand.give(rack("b", second + 0.5))
    events = [(m.source, m.state, m.time) for _, m in stand.out if isinstance(m, Event)]
    assert events == [("b", "raised", 6), ("b", "cleared", 9)]


def test_soc_is_weighted_by_capacity() -> None:
    stand = Stand(Racks(capacities={"a": 300, "b": 100}))
    stand.give(rack("a", 0.1, SOC=80), rack("b", 0.1, SOC=40))
    stand.run_to(1)
    assert last(stand)["SOC"] == pytest.approx(70)


def test_a_restart_goes_on() -> None:
    first, second = Stand(Racks()), Stand(Racks())
    first.give(rack("a", 0.2), rack("b", 0.4))
    second.clock.advance(0.4)
    second.step.node.restore(json.loads(json.dumps(first.step.node.snapshot())))
    second.run_to(1)
    assert last(second)["RacksOnline"] == 2
