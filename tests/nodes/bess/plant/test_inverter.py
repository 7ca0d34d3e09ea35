"""The inverter ramps, loses, obeys the battery, and trips when it hears nothing."""

from __future__ import annotations

import pytest

from nodes.bess.plant.inverter import Inverter


def run(inverter: Inverter, seconds: int, lowest: float = -99.0, highest: float = 99.0) -> float:
    dc = 0.0
    for _ in range(seconds):
        dc = inverter.step(1.0, lowest, highest, available=True)
    return dc


def test_it_moves_by_its_ramp_and_keeps_within_its_rating() -> None:
    inverter = Inverter(rated=50.0, ramp=10.0)
    inverter.command(80.0)
    powers = []
    for _ in range(7):
        run(inverter, 1)
        powers.append(inverter.power)
    assert powers == [10, 20, 30, 40, 50, 50, 50]


@pytest.mark.parametrize(("kw", "least", "most"), [(25, 0.965, 0.98), (50, 0.96, 0.975)])
def test_it_loses_some_percent_either_way(kw: float, least: float, most: float) -> None:
    charging, discharging = Inverter(), Inverter()
    charging.command(kw)
    discharging.command(-kw)
    assert least < run(charging, 20) / kw < most
    assert least < kw / -run(discharging, 20) < most


def test_what_the_battery_forbids_it_does_not_do_at_once() -> None:
    inverter = Inverter(ramp=1.0)
    inverter.command(-30.0)
    run(inverter, 30)
    run(inverter, 1, lowest=0.0)
    assert inverter.power == 0


def test_reactive_power_has_what_active_power_leaves() -> None:
    inverter = Inverter(rated=50.0, ramp=50.0)
    inverter.command(30.0, 50.0)
    run(inverter, 1)
    assert inverter.reactive == pytest.approx(40.0)


def test_it_trips_when_it_hears_nothing_and_a_set_point_starts_it_anew() -> None:
    inverter = Inverter(timeout=5.0)
    inverter.command(20.0)
    run(inverter, 5)
    inverter.listen(5.0)
    assert inverter.state(connected=True) == "running"
    inverter.listen(0.5)
    assert run(inverter, 1) == 0
    assert inverter.state(connected=True) == "fault"
    inverter.command(20.0)
    run(inverter, 2)
    assert inverter.state(connected=True) == "running"
