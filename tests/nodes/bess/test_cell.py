"""The cell model obeys physics."""

from __future__ import annotations

import pytest

from nodes.bess.cell import Cell, open_circuit_voltage


def test_voltage_rises_with_charge() -> None:
    volts = [open_circuit_voltage(percent / 100) for percent in range(101)]
    assert volts == sorted(volts)
    assert (volts[0], volts[50], volts[100]) == (2.6, 3.298, 3.46)


def test_charge_is_conserved() -> None:
    cell = Cell(capacity=100, soc=0.5)
    for _ in range(360):
        cell.step(-20, 10, 25)
    assert cell.soc == pytest.approx(0.5 - 20 * 1 / 100)


def test_a_round_trip_costs_a_little_charge() -> None:
    cell = Cell(capacity=100, soc=0.5)
    cell.step(50, 3600, 25)
    cell.step(-50, 3600, 25)
    assert 0.498 < cell.soc < 0.5


def test_a_current_moves_the_voltage_by_its_resistance() -> None:
    cell = Cell(resistance=0.001, temperature=25)
    rest = cell.voltage(0)
    assert cell.voltage(100) - rest == pytest.approx(0.1)
    assert cell.voltage(-100) - rest == pytest.approx(-0.1)


def test_polarisation_comes_and_goes() -> None:
    cell = Cell(resistance=0.001, heat_capacity=1e9)
    cell.step(100, 600, 25)
    assert cell.polarisation == pytest.approx(0.05, rel=0.01)
    cell.step(0, 600, 25)
    assert cell.polarisation == pytest.approx(0, abs=1e-5)


def test_resistance_doubles_in_the_cold() -> None:
    warm, cold = Cell(temperature=25), Cell(temperature=0)
    assert 1.7 < cold.ohmic() / warm.ohmic() < 2.1


def test_temperature_settles_where_loss_and_cooling_meet() -> None:
    cell = Cell(resistance=0.001, heating=10, soc=0.5, capacity=1e9)
    for _ in range(5000):
        cell.step(0, 60, 20)
    assert cell.temperature == pytest.approx(20 + 10 / 0.35, abs=0.01)


def test_at_rest_it_cools_to_its_surroundings() -> None:
    cell = Cell(temperature=60)
    for _ in range(5000):
        cell.step(0, 60, 20)
    assert cell.temperature == pytest.approx(20, abs=0.01)
