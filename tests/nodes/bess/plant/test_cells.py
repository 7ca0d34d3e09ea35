"""The cell model obeys physics."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.bess.plant.cells import Cells
from nodes.bess.plant.chemistry import open_circuit_voltage
from tests.support.cell import OneCell


def test_voltage_rises_with_charge_and_beyond_it() -> None:
    volts = open_circuit_voltage(np.linspace(-0.1, 1.1, 121))
    assert (np.diff(volts) > 0).all()
    assert open_circuit_voltage(np.array([0.0, 0.5, 1.0])).tolist() == [2.6, 3.298, 3.46]


def test_charge_is_conserved() -> None:
    cell = OneCell(capacity=100, soc=0.5)
    for _ in range(360):
        cell.step(-20, 10)
    assert cell.soc == pytest.approx(0.5 - 20 * 1 / 100, abs=2e-4)


def test_a_round_trip_costs_a_little_charge() -> None:
    cell = OneCell(capacity=100, soc=0.5)
    cell.step(50, 3600)
    cell.step(-50, 3600)
    assert 0.498 < cell.soc < 0.5


def test_a_current_moves_the_voltage_by_its_resistance() -> None:
    cell = OneCell(resistance=0.001, temperature=25)
    rest = cell.voltage(0)
    assert cell.voltage(100) - rest == pytest.approx(0.1)
    assert cell.voltage(-100) - rest == pytest.approx(-0.1)


def test_polarisation_comes_and_goes() -> None:
    cell = OneCell(resistance=0.001)
    cell.step(100, 600)
    assert cell.cells.polarisation[0, 0] == pytest.approx(0.05, rel=0.01)
    cell.step(0, 600)
    assert cell.cells.polarisation[0, 0] == pytest.approx(0, abs=1e-5)


def test_resistance_doubles_in_the_cold() -> None:
    assert 1.7 < OneCell(temperature=0).ohmic() / OneCell(temperature=25).ohmic() < 2.1


def test_temperature_settles_where_loss_and_cooling_meet() -> None:
    cell = OneCell()
    cell.cells.heating[:] = 10
    for _ in range(500):
        cell.step(0, 60, 20)
    assert cell.temperature == pytest.approx(20 + 10 / 0.35, abs=0.2)


def test_a_warm_cell_warms_its_neighbours_and_no_more_than_it_loses() -> None:
    cells = Cells(1, 3, temperature=25.0)
    cells.temperature[0, 0] = 65.0
    cells.step(0.0, 10, 25.0)
    first, second, third = cells.temperature[0]
    assert first < 65 < 65 + second - 25
    assert third == pytest.approx(25)


def test_a_leak_inside_empties_and_warms_the_cell() -> None:
    cell = OneCell(soc=0.5)
    cell.cells.leak[:] = 5.0
    for _ in range(360):
        cell.step(0, 10)
    assert cell.soc == pytest.approx(0.45, abs=0.001)
    assert 30 < cell.temperature < 25 + 5 * 3.3 / 0.35


@pytest.mark.parametrize(("degrees", "burnt"), [(115.0, False), (160.0, True)])
def test_a_cell_that_is_too_hot_burns_by_itself(degrees: float, burnt: bool) -> None:
    cell = OneCell(temperature=degrees)
    hottest = degrees
    for _ in range(360):
        cell.step(0, 10)
        hottest = max(hottest, cell.temperature)
    assert (hottest > 300) is burnt
    assert (cell.voltage() < 0.5) is burnt


def test_what_is_saved_goes_on_as_it_would_have() -> None:
    one, other = Cells(2, 3), Cells(2, 3)
    one.step(40.0, 700, 30.0)
    other.take_up(one.saved())
    for cells in (one, other):
        cells.step(-40.0, 700, 10.0)
    assert one.saved() == other.saved()
