"""A runaway is told early, noise and a warm day are not."""

from __future__ import annotations

import random

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.analysis.runaway import Runaway
from nodes.bess.plant.faults import Fault
from nodes.bess.simulator import Simulator
from tests.support.racks import readings_by_module


def events(stand: Stand) -> list[tuple[float, str, str, str]]:
    return [(m.time, m.source, m.state, m.severity) for _, m in stand.out if isinstance(m, Event)]


def test_noise_of_a_sensor_is_no_sign() -> None:
    noise, stand = random.Random(1), Stand(Runaway())
    for step in range(5000):
        stand.give(Signals(step / 10, "one", {"CellTemperatureMax": 30 + noise.gauss(0, 0.1)}))
    assert events(stand) == []


def test_it_clears_when_it_has_been_calm_for_long_enough() -> None:
    stand = Stand(Runaway(calm=10.0))
    for second in range(40):
        heat = 30.0 + 2 * min(second, 5)
        stand.give(Signals(second, "one", {"CellTemperatureMax": heat}))
    raised, cleared = events(stand)
    assert (raised[0], raised[2], cleared[2]) == (3, "raised", "cleared")
    assert 15 <= cleared[0] <= 20


def test_slow_readings_give_no_rate() -> None:
    stand = Stand(Runaway())
    for minute in range(10):
        stand.give(Signals(60.0 * minute, "one", {"CellTemperatureMax": 30.0 + 70 * minute}))
    assert events(stand) == []


def test_two_cannot_say_which_one_is_odd() -> None:
    stand = Stand(Runaway())
    for second in range(10):
        stand.give(Signals(second, "one", {"CellTemperatureMax": 30.0}))
        stand.give(Signals(second, "two", {"CellTemperatureMax": 60.0}))
    assert events(stand) == []


def test_a_heated_cell_of_the_simulator_is_found_by_its_siblings() -> None:
    fault = Fault(kind="hot-cell", at=600, module=3, magnitude=80)
    stand = Stand(Runaway())
    stand.give(*readings_by_module(Simulator(modules=4, cells=4, faults=[fault]), 1800, every=1))
    first = events(stand)[0]
    assert first[1:] == ("Module03", "raised", "warning")
    assert 600 < first[0] < 900
