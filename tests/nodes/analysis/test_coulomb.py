"""The capacity of a simulated cell is measured between full and empty."""

from __future__ import annotations

import pytest

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.analysis.coulomb import Coulomb
from tests.support.cell import OneCell


def give(stand: Stand, time: float, current: float, volts: float) -> None:
    cells = {"CellVoltageMax": volts, "CellVoltageMin": volts}
    stand.give(Signals(time, "cell", {"PackCurrent": current, **cells}))


def texts(stand: Stand) -> list[str]:
    return [m.text for _, m in stand.out if isinstance(m, Event)]


def test_the_capacity_of_an_aged_cell_is_found() -> None:
    cell, stand, time = (
        OneCell(capacity=80.0, soc=1.0),
        Stand(Coulomb(capacity=100.0, tail=5.0)),
        0.0,
    )
    for _ in range(20):
        give(stand, time, 2.0, 3.52)
        time += 10
    while cell.voltage(-40) > 2.85:
        cell.step(-40, 10)
        give(stand, time, -40, cell.voltage(-40))
        time += 10
    last = next(m for _, m in reversed(stand.out) if isinstance(m, Signals))
    assert last.values["SOH_measured"] == pytest.approx(79, abs=2)
    assert texts(stand)[0] == "full: counted anew"


def test_a_gap_makes_no_capacity() -> None:
    stand = Stand(Coulomb(capacity=100.0, tail=5.0, hold=5.0))
    for time, current, volts in (
        (0, 2, 3.52),
        (6, 2, 3.52),
        (7, -40, 3.3),
        (99, -40, 3.2),
        (100, -40, 2.8),
    ):
        give(stand, time, current, volts)
    assert texts(stand) == ["full: counted anew"]
    assert stand.step.counters.drops == {"gap not counted": 1}
