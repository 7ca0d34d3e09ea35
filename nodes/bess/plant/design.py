"""How a plant is built and run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from nodes.bess.plant.faults import Fault
from nodes.bess.plant.plan import Plan
from nodes.bess.plant.weather import DAY, Weather

__all__ = ["Design", "Wishes", "designed"]


@dataclass(frozen=True, kw_only=True)
class Design:
    """A plant: A, Ah, kW, C, seconds; charge and health as parts of one.

    `current` is that of each rack in a cycle, `begin` the time since new year's midnight at the
    start; `pace` how many simulated seconds a second of those who command the inverter has.
    """

    racks: int = 1
    modules: int = 16
    cells: int = 15
    capacity: float = 100.0
    soc: float = 0.5
    soh: float = 0.99
    current: float = 200.0
    low: float = 0.10
    high: float = 0.95
    plan: Plan = "cycle"
    power: float = 40.0
    ramp: float = 10.0
    timeout: float = 5.0
    weather: Weather = field(default_factory=Weather)
    ageing: float = 1.0
    begin: float = 172.25 * DAY
    pace: float = 1.0
    seed: int = 1
    faults: Sequence[Fault] = ()


class Wishes(Protocol):
    """The settings of bess/simulator that say how the plant is."""

    racks: int
    modules: int
    cells: int
    capacity: float
    start_soc: float
    start_soh: float
    plan: Plan
    current: float
    low: float
    high: float
    power: float
    ramp: float
    timeout: float
    ambient: float
    daily_swing: float
    yearly_swing: float
    day: float
    ageing: float
    speed: float
    seed: int
    faults: list[Fault]


def designed(wishes: Wishes) -> Design:
    """The design that settings ask for: they are in percent and days."""
    return Design(
        racks=wishes.racks,
        modules=wishes.modules,
        cells=wishes.cells,
        capacity=wishes.capacity,
        soc=wishes.start_soc / 100,
        soh=wishes.start_soh / 100,
        current=wishes.current,
        low=wishes.low / 100,
        high=wishes.high / 100,
        plan=wishes.plan,
        power=wishes.power,
        ramp=wishes.ramp,
        timeout=wishes.timeout,
        weather=Weather(wishes.ambient, wishes.daily_swing, wishes.yearly_swing),
        ageing=wishes.ageing,
        begin=wishes.day * DAY,
        pace=wishes.speed,
        seed=wishes.seed,
        faults=tuple(wishes.faults),
    )
