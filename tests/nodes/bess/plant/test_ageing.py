"""Cells age as the publications say, by the calendar and by use."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.bess.plant.ageing import aged
from nodes.bess.plant.cells import Cells
from nodes.bess.plant.chemistry import Array

YEAR = 365 * 86_400.0


def years(count: int, steps: int, temperature: float = 25.0, rate: float = 0.0) -> list[float]:
    """Parts of capacity lost by calendar and use, and of resistance gained, at half charge."""
    lost: tuple[Array, Array] = (np.zeros(1), np.zeros(1))
    growth = np.zeros(1)
    soc, heat, load = np.full(1, 0.5), np.full(1, temperature), np.full(1, rate)
    for _ in range(count * steps):
        calendar, cyclic, more = aged(lost, soc, heat, load, YEAR / steps)
        lost, growth = (calendar, cyclic), growth + more
    return [float(lost[0][0]), float(lost[1][0]), float(growth[0])]


def test_a_year_on_the_shelf_is_what_was_published() -> None:
    # 1.2571e-5 * 0.60225 * sqrt(a year in seconds), at 25 C and half charge.
    assert years(1, 1)[0] == pytest.approx(0.0425, abs=0.0005)


def test_loss_grows_with_the_root_of_time_however_it_is_cut() -> None:
    assert years(4, 1)[0] == pytest.approx(2 * years(1, 100)[0])


def test_heat_ages_more() -> None:
    warm, mild = years(1, 1, 40.0), years(1, 1, 25.0)
    assert 1.2 < warm[0] / mild[0] < 1.6
    assert 3 < warm[2] / mild[2] < 5


def test_a_cycle_a_day_costs_some_percent_a_year() -> None:
    _, cyclic, growth = years(1, 12, rate=2 / 24)
    assert 0.02 < cyclic < 0.04
    assert 0.015 < growth < 0.05


def test_cells_that_age_fast_lose_capacity_and_gain_resistance() -> None:
    cells = Cells(capacity=100.0)
    cells.ageing = 1000.0
    for step in range(4000):
        cells.step(50.0 if step // 360 % 2 else -50.0, 10, 25.0)
    assert 0.7 < float(cells.health()[0, 0]) < 0.95
    assert 0.01 < float(cells.growth[0, 0]) < 0.5
