"""Energy and charge, to the exact area under straight lines."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis.energy import Energy


def counted(*readings: tuple[float, float, float], **settings: Any) -> dict[str, Any]:
    stand = Stand(Energy(capacity=100.0, every=1e-9, longest_gap=3600.0, **settings))
    stand.give(*(Signals(t, "m", {"PackVoltage": v, "PackCurrent": i}) for t, v, i in readings))
    last = stand.out[-1][1]
    assert isinstance(last, Signals)
    return dict(last.values)


def test_a_current_that_turns_counts_on_both_sides() -> None:
    found = counted((0, 50, 100), (3600, 50, -300))
    assert (found["ChargeIn"], found["ChargeOut"]) == (pytest.approx(12.5), pytest.approx(112.5))
    assert (found["EnergyCharged"], found["EnergyDischarged"]) == (0.625, 5.625)


def test_a_full_cycle_is_the_capacity_out_and_in() -> None:
    found = counted((0, 50, -100), (3600, 50, -100), (3600, 50, 100), (7200, 50, 100))
    assert found["FullCycles"] == pytest.approx(1.0)


def test_sources_are_counted_apart() -> None:
    stand = Stand(Energy(capacity=100.0, every=1e-9))
    for source, current in (("a", 36.0), ("b", -36.0)):
        for time in (0.0, 10.0):
            stand.give(Signals(time, source, {"PackVoltage": 50.0, "PackCurrent": current}))
    charges = {m.source: m.values["ChargeIn"] for _, m in stand.out if isinstance(m, Signals)}
    assert charges == {"a": 0.1, "b": 0.0}


@pytest.mark.parametrize("time", [20.0, -5.0])
def test_a_gap_and_a_clock_set_back_are_not_counted(time: float) -> None:
    stand = Stand(Energy(capacity=100.0))
    for at in (0.0, time):
        stand.step.node.on_message(  # type: ignore[attr-defined]
            Signals(at, "m", {"PackVoltage": 50.0, "PackCurrent": 36.0})
        )
    assert stand.step.counters.drops == {"gap not counted": 1}


def test_a_restart_goes_on_counting() -> None:
    readings = [Signals(t, "m", {"PackVoltage": 50.0, "PackCurrent": 36.0}) for t in range(20)]
    whole, first = (Stand(Energy(capacity=100.0, every=5.0)) for _ in range(2))
    whole.give(*readings)
    first.give(*readings[:7])
    second = Stand(Energy(capacity=100.0, every=5.0))
    second.step.node.restore(json.loads(json.dumps(first.step.node.snapshot())))
    second.give(*readings[7:])
    assert first.out + second.out == whole.out
