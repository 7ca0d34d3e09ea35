"""The line between a BMS and who listens: what it says may be lost, late, doubled or corrupt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from nodes.bess.plant.bms import Reading
from nodes.bess.plant.sensors import Standing

__all__ = ["Line", "Said"]

Said: TypeAlias = list[tuple[str, Reading]]
"""Messages in order: name and readings."""
_MOST = 1000
"""Messages on their way; the oldest are lost."""
_BITS = 12
"""Of a corrupt reading one of so many bits is turned, at a resolution of 0.01."""


@dataclass
class Line:
    """Passes on what a rack says, or what becomes of it on the way."""

    noise: np.random.Generator
    underway: list[tuple[float, str, Reading]] = field(default_factory=list)

    def pass_on(self, said: Mapping[str, Reading], faults: Standing, time: float) -> Said:
        """What arrives at a simulated time."""
        kinds: dict[str, float] = {f.kind: f.magnitude * part for f, part in faults}
        if "silent" in kinds or "bus-off" in kinds:
            self.underway.clear()
            return []
        late = kinds.get("frames-late", 0.0)
        if late or self.underway:
            return self._delayed(said, late, time)
        arrived: Said = list(said.items())
        if kinds.keys() & {"frames-lost", "frames-doubled", "frames-corrupt"}:
            arrived = self._spoilt(arrived, kinds)
        return arrived

    def _delayed(self, said: Mapping[str, Reading], late: float, time: float) -> Said:
        self.underway += [(time + late, name, reading) for name, reading in said.items()]
        del self.underway[:-_MOST]
        held = [item for item in self.underway if late and item[0] > time]
        due = [(name, reading) for _, name, reading in self.underway[: -len(held) or None]]
        self.underway = held
        return due

    def _spoilt(self, said: Said, kinds: Mapping[str, float]) -> Said:
        chances: Sequence[Sequence[float]] = self.noise.random((len(said), 3)).tolist()
        arrived: Said = []
        for (name, reading), (lost, doubled, corrupt) in zip(said, chances, strict=True):
            if lost < kinds.get("frames-lost", 0.0):
                continue
            if corrupt < kinds.get("frames-corrupt", 0.0):
                reading = self._corrupt(reading)
            arrived += [(name, reading)] * (2 if doubled < kinds.get("frames-doubled", 0.0) else 1)
        return arrived

    def _corrupt(self, reading: Reading) -> Reading:
        """One bit of one reading turned; that of a flag makes it its opposite."""
        name = sorted(reading)[int(self.noise.integers(len(reading)))]
        value = reading[name]
        if value is None:
            return reading
        if isinstance(value, int):
            return {**reading, name: 1 - value if value in (0, 1) else value ^ 1}
        turned = round(value * 100) ^ (1 << int(self.noise.integers(_BITS)))
        return {**reading, name: turned / 100}
