"""The resistance of a simulated cell is found by its steps."""

from __future__ import annotations

import random

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis.resistance import Resistance
from tests.support.cell import OneCell


def test_it_is_that_of_the_cell_through_noise() -> None:
    noise, cell, stand = (
        random.Random(1),
        OneCell(resistance=0.0012, temperature=25),
        Stand(Resistance(step=50.0)),
    )
    for second in range(600):
        current = 80.0 if second // 20 % 2 else -80.0
        cell.step(current, 1)
        volts = cell.voltage(current) + noise.gauss(0, 0.002)
        stand.give(Signals(second, "cell", {"PackVoltage": volts, "PackCurrent": current}))
    last = stand.out[-1][1]
    assert isinstance(last, Signals)
    assert last.values["InternalResistance"] == pytest.approx(cell.ohmic(), rel=0.03)


@pytest.mark.parametrize(("seconds", "amperes"), [(10.0, 80.0), (1.0, 20.0), (-1.0, 80.0)])
def test_what_is_slow_or_small_is_no_step(seconds: float, amperes: float) -> None:
    node = Stand(Resistance(step=50.0)).step.node
    assert isinstance(node, Resistance)
    list(node.on_message(Signals(100.0, "c", {"PackVoltage": 3.3, "PackCurrent": 0.0})))
    later = Signals(100 + seconds, "c", {"PackVoltage": 3.4, "PackCurrent": amperes})
    assert list(node.on_message(later)) == []
