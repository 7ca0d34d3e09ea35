"""Health from capacity and from resistance is that of the simulated rack that aged."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, repeat

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from flowrt.node import Transform
from nodes.analysis.coulomb import Coulomb
from nodes.analysis.resistance import Resistance
from nodes.bess.simulator import Simulator
from tests.support.detection import CAPACITY, site, told

_OHM = 8 * 0.0012 / 4


def last_word(
    simulator: Simulator, node: Transform, currents: Iterable[float], every: float
) -> Signals:
    """What a node says last of a site's rack through which these currents flow."""
    stand, plant = Stand(node), simulator.plant
    for amperes in currents:
        plant.bank.flow(every, plant.ambient(), amperes=amperes)
        plant.time += every
        stand.give(*(message for message in told(simulator) if message.source == "rack"))
    (*_, last) = (message for _, message in stand.out if isinstance(message, Signals))
    return last


def measured_capacity(soh: float) -> float:
    """From full to empty, in percent of the nominal capacity."""
    simulator = site(1, start_soc=100, start_soh=soh, daily_swing=0)
    node = Coulomb(capacity=CAPACITY, tail=5.0, full=3.42, empty=3.0, longest_gap=60)
    currents = chain(repeat(0.0, 4), repeat(-240.0, 310))
    health = last_word(simulator, node, currents, 20.0).values["SOH_measured"]
    assert isinstance(health, float)
    return health


def test_a_rack_that_lost_a_sixth_of_its_capacity_measures_a_sixth_less() -> None:
    assert measured_capacity(80) / measured_capacity(96) == pytest.approx(80 / 96, abs=0.015)


@pytest.mark.parametrize(("grown", "ambient"), [(0.0, 25.0), (0.3, 25.0), (0.3, 8.0)])
def test_health_by_resistance_is_what_it_grew_whatever_the_weather(
    grown: float, ambient: float
) -> None:
    simulator = site(1, ambient=ambient, daily_swing=0)
    simulator.plant.cells.growth[:] = grown
    simulator.plant.bank.refresh()
    node = Resistance(step=100.0, new=_OHM, temperature="Temperature")
    currents = (200.0 if second // 5 % 2 else 0.0 for second in range(40))
    last = last_word(simulator, node, currents, 1.0)
    assert last.values["SOH_resistance"] == pytest.approx(100 * (1 - grown), abs=4)
