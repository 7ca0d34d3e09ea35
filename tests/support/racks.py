"""What a simulated rack tells of its modules, as fast as the machine goes."""

from __future__ import annotations

from collections.abc import Iterator

from flowrt.message import Signals
from flowrt.node import Sent
from nodes.bess.simulator import Simulator

__all__ = ["readings_by_module"]


def readings_by_module(simulator: Simulator, seconds: float, every: float) -> Iterator[Signals]:
    """The readings of each module, `every` so many simulated seconds."""
    time = 0.0
    while time < seconds:
        for item in simulator.readings(time):
            if not isinstance(item, Sent) or item.port is not simulator.by_module:
                continue
            if isinstance(item.message, Signals):
                yield item.message
        simulator.step(every)
        time += every
