"""The filter finds the charge of the simulator's cells, and knows how sure it is."""

from __future__ import annotations

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis.kalman import Kalman
from tests.support.cell import OneCell


def estimate(
    cell: OneCell,
    current: float,
    hours: float,
    stand: Stand,
    offset: float = 0.0,
    begin: float = 0.0,
) -> tuple[float, float]:
    for step in range(int(hours * 360)):
        cell.step(current, 10)
        values = {"PackVoltage": cell.voltage(current), "PackCurrent": current + offset}
        stand.give(Signals(begin + 10.0 * step, "cell", dict(values)))
    last = stand.out[-1][1]
    assert isinstance(last, Signals)
    soc, sigma = last.values["SOC_estimate"], last.values["SOC_sigma"]
    assert isinstance(soc, float)
    assert isinstance(sigma, float)
    return soc, sigma


def stand() -> Stand:
    return Stand(Kalman(capacity=100.0, resistance=0.0012, polarisation=0.0006))


def test_a_wrong_beginning_is_mended_at_the_end_of_the_curve() -> None:
    cell, one = OneCell(soc=0.55), stand()
    one.give(Signals(-10.0, "cell", {"PackVoltage": 3.334, "PackCurrent": 0.0}))  # says 80 %
    soc, sigma = estimate(cell, -50, 1.05, one)
    assert soc == pytest.approx(cell.soc * 100, abs=2)
    assert sigma < 3


def test_a_sensor_that_is_off_by_one_percent_does_not_carry_it_away() -> None:
    cell, one = OneCell(soc=0.95), stand()
    soc, _ = estimate(cell, -30, 2.9, one, offset=1.0)
    assert soc == pytest.approx(cell.soc * 100, abs=3)


def test_it_is_less_sure_where_the_curve_is_flat() -> None:
    steep, flat = stand(), stand()
    _, sure = estimate(OneCell(soc=0.04), 0, 0.1, steep)
    _, unsure = estimate(OneCell(soc=0.45), 0, 0.1, flat)
    assert unsure > 3 * sure


def test_a_curve_that_falls_is_a_problem() -> None:
    wrong = Kalman(capacity=1.0, resistance=1.0, curve=[[0, 3.0], [50, 2.0]])
    assert [place for place, _ in wrong.problems()] == ["curve"]
