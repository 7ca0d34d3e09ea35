"""The plant: currents shared, limits at the ends, faults, an inverter and the day."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest

from nodes.bess.plant.bms import Reading
from nodes.bess.plant.design import Design
from nodes.bess.plant.faults import Fault
from nodes.bess.plant.plant import Plant
from nodes.bess.plant.report import Report
from nodes.bess.plant.weather import DAY, Weather


def plant(**differing: Any) -> Plant:
    return Plant(Design(**{"modules": 4, "cells": 15, "current": 40, **differing}))


def told(one: Plant, rack: int = 1) -> dict[str, Reading]:
    one.bank.refresh()  # some tests change cells by hand
    whole, parts = Report(one).read()[rack - 1]
    return {**dict(whole), **dict(parts)}


def charge(one: Plant) -> float:
    return float((one.cells.soc * one.cells.capacity)[:, 0].sum())


# --- racks


def test_modules_share_the_current() -> None:
    one = plant(soh=1.0, ageing=0.0)
    before = charge(one)
    one.step(3600)
    assert before - charge(one) == pytest.approx(40, rel=0.01)


def test_unequal_modules_balance_through_each_other() -> None:
    one = plant(current=0)
    one.cells.soc[0] += 0.4
    one.bank.refresh()
    before = one.cells.soc[0].min() - one.cells.soc[1].min()
    one.step(7200)
    assert one.cells.soc[0].min() - one.cells.soc[1].min() < before - 0.02


def test_racks_on_a_bus_share_what_flows() -> None:
    one = plant(racks=2)
    one.step(10)
    currents = one.bank.rack_currents()
    assert currents.sum() == pytest.approx(-80)
    assert currents[0] == pytest.approx(-40, rel=0.2)


def test_a_rack_that_is_open_has_no_current_and_leaves_the_rest_to_the_other() -> None:
    one = plant(racks=2, faults=[Fault(kind="contactor-off", rack=2, at=10)])
    one.step(30)
    first, second = one.bank.rack_currents().tolist()
    assert first == pytest.approx(-40)
    assert second == pytest.approx(0, abs=1e-9)
    assert told(one, 2)["Contactor"]["ContactorFeedback"] == 0


@pytest.mark.parametrize(
    ("soc", "limit"), [(1.06, "ChargeCurrentLimit"), (0.01, "DischargeCurrentLimit")]
)
def test_the_limit_is_zero_at_the_end(soc: float, limit: str) -> None:
    assert told(plant(soc=soc))["Limits"][limit] == 0.0


def test_limits_are_full_in_the_middle() -> None:
    limits = told(plant())["Limits"]
    assert (limits["ChargeCurrentLimit"], limits["DischargeCurrentLimit"]) == (100.0, 100.0)


def test_a_hot_cell_raises_the_flag_and_clears_it_lower() -> None:
    one, seen = plant(), []
    for degrees in (49.0, 51.0, 49.0, 46.0):
        one.cells.temperature[2, 7] = degrees
        seen.append(told(one)["Alarms"]["A_HighTemperature"])
    assert seen == [0, 1, 1, 0]


# --- sensors and lines


def module2(one: Plant, name: str = "CellVoltageMin") -> float | None:
    return told(one)["Module02"][name]


def test_an_offset_shows_in_the_modules_readings_only() -> None:
    one = plant(faults=[Fault(kind="sensor-offset", module=2, magnitude=0.1)])
    one.step(1)
    reading = module2(one)
    assert reading is not None
    assert reading - float(one.cells.voltage(one.bank.currents)[1].min()) > 0.09


def test_a_sensor_that_gives_nothing_is_none_and_the_bms_says_so() -> None:
    one = plant(faults=[Fault(kind="sensor-dropout", module=2, sensor="temperature")])
    one.step(1)
    assert module2(one, "CellTemperatureMax") is None
    assert told(one)["Alarms"]["A_InternalCommunication"] == 1
    assert isinstance(told(one)["Measure"]["PackTemperature"], float)


def test_a_rack_of_blind_sensors_allows_nothing() -> None:
    one = plant(modules=1, faults=[Fault(kind="sensor-dropout")])
    one.step(1)
    readings = told(one)
    assert readings["Measure"]["PackVoltage"] is None
    assert readings["Limits"]["ChargeCurrentLimit"] == 0.0


def test_a_stuck_sensor_reads_what_it_read() -> None:
    one = plant(faults=[Fault(kind="sensor-stuck", module=2, at=10)])
    one.step(20)
    stuck = module2(one)
    one.step(7200)
    assert module2(one) == stuck


def test_spikes_are_seldom_and_noise_is_always() -> None:
    spiky = plant(faults=[Fault(kind="sensor-spikes", module=2, magnitude=1.0)])
    noisy = plant(faults=[Fault(kind="sensor-noise", module=2, magnitude=0.1)])
    for one in (spiky, noisy):
        one.step(1)
    spikes = [module2(spiky, "CellVoltageMax") for _ in range(100)]
    assert 5 < sum(volts is not None and volts > 4 for volts in spikes) < 60
    noise = [module2(noisy) for _ in range(100)]
    assert sum(volts is not None and volts < 3.2 for volts in noise) > 50


@pytest.mark.parametrize(
    ("kind", "least", "most"), [("frames-lost", 2, 8), ("frames-doubled", 12, 18)]
)
def test_frames_are_lost_and_doubled_at_their_rate(kind: Any, least: int, most: int) -> None:
    one = plant(faults=[Fault(kind=kind, magnitude=0.5)])
    one.step(1)
    counts = [sum(len(part) for part in Report(one).read()[0]) for _ in range(50)]
    assert least < sum(counts) / 50 < most


def test_frames_that_are_late_come_in_order_with_what_they_said() -> None:
    one = plant(current=0, faults=[Fault(kind="frames-late", magnitude=3.0, duration=10)])
    report, heard = Report(one), []
    for _ in range(16):
        one.step(1)
        heard.append(len(report.read()[0][0]))
    assert heard == [0, 0, 0] + [5] * 6 + [20] + [5] * 6


def test_a_corrupt_frame_has_one_reading_that_is_wrong() -> None:
    one = plant(current=0, faults=[Fault(kind="frames-corrupt", magnitude=1.0)])
    sound = told(plant(current=0))
    one.step(1)
    wrong = told(one)
    assert {name for name in sound if wrong[name] != sound[name]} > {"Alarms", "Request"}


# --- what it is told and remembers


def test_insulation_falls_as_slowly_as_it_is_told() -> None:
    one = plant(faults=[Fault(kind="insulation", magnitude=100, grows=3600)])
    one.step(1810)
    assert told(one)["Insulation"]["InsulationResistance"] == pytest.approx(1050, rel=0.05)


@pytest.mark.parametrize(
    ("kind", "command", "feedback"),
    [("contactor-off", 0, 0), ("contactor-welded", 0, 1), ("contactor-not-closing", 1, 0)],
)
def test_a_contactor_does_what_its_fault_says(kind: Any, command: int, feedback: int) -> None:
    one = plant(faults=[Fault(kind=kind, at=5, duration=60)])
    one.step(20)
    contactor = told(one)["Contactor"]
    assert (contactor["ContactorCommand"], contactor["ContactorFeedback"]) == (command, feedback)
    one.step(60)
    assert told(one)["Contactor"]["ContactorFeedback"] == 1


def test_the_same_seed_gives_the_same_plant() -> None:
    def run(seed: int) -> Mapping[str, Reading]:
        one = plant(seed=seed)
        one.step(100)
        return told(one)

    assert run(1) == run(1) != run(2)


def test_restored_it_goes_on_as_it_would_have() -> None:
    faults = [Fault(kind="sensor-stuck", at=5, module=2), Fault(kind="cell-short", at=50)]
    one, other = plant(plan="solar-day", faults=faults), plant(plan="solar-day", faults=faults)
    one.step(100)
    told(one)
    other.take_up(json.loads(json.dumps(one.saved())))
    for it in (one, other):
        it.step(3600)
    assert told(one) == told(other)
    assert one.saved() == other.saved()


def test_the_afternoon_and_the_summer_are_warm() -> None:
    weather = Weather(mean=20.0, daily=5.0, yearly=10.0)
    assert weather.temperature(200 * DAY + 15 * 3600) == pytest.approx(35, abs=0.1)
    assert weather.temperature(17 * DAY + 3 * 3600) == pytest.approx(5, abs=0.1)


@pytest.mark.parametrize(
    ("hour", "least", "most"), [(4.0, 0.0, 0.0), (11.0, 0.5, 4.0), (18.0, -2.5, -2.3)]
)
def test_a_site_with_sun_charges_at_noon_and_discharges_in_the_evening(
    hour: float, least: float, most: float
) -> None:
    one = plant(plan="solar-day", power=4.0, begin=(1 + hour / 24) * DAY)
    one.step(1800)
    assert least <= one.inverter.power <= most


def test_a_rack_of_256_cells_goes_a_hundred_times_as_fast_as_life() -> None:
    """Told each second; measured in processor time, as the machine may be busy."""
    one = plant(modules=16, cells=16)
    report = Report(one)
    begun = time.process_time()
    for _ in range(200):
        one.step(1)
        report.read()
    assert time.process_time() - begun < 200 / 100
