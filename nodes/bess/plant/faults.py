"""What can go wrong in a simulated plant: where, when, how much. Imports no numpy."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from flowrt.node import Duration, setting

__all__ = ["Fault", "Kind", "problems_of"]

Kind: TypeAlias = Literal[
    "hot-cell",
    "cell-short",
    "weak-cell",
    "high-resistance",
    "sensor-offset",
    "sensor-stuck",
    "sensor-noise",
    "sensor-spikes",
    "sensor-dropout",
    "frames-lost",
    "frames-late",
    "frames-doubled",
    "frames-corrupt",
    "bus-off",
    "silent",
    "insulation",
    "contactor-off",
    "contactor-welded",
    "contactor-not-closing",
    "inverter-trip",
]
_PARTS: Final = ("frames-lost", "frames-doubled", "frames-corrupt")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong."""

    kind: Kind = setting(
        "What goes wrong. A cell is heated (W; over some 130 C it burns by itself), leaks inside "
        "(A), has less capacity (part left) or more resistance (times). A sensor has an offset, "
        "is stuck, noisy (sigma), spikes, or gives nothing. Frames are lost, doubled or corrupt "
        "(part of them), late (s), or none come: bus off, or a silent BMS. Insulation falls "
        "(kOhm). A contactor is told to open, and does; is welded; or does not close again. The "
        "inverter trips."
    )
    at: Duration = setting("When, in simulated time since the start.", default=0.0)
    duration: Duration | None = setting("For how long; left out, for good.", default=None)
    grows: Duration = setting("How long it takes to grow to its magnitude.", default=0.0)
    rack: int = setting("Which rack, from 1.", default=1, minimum=1)
    module: int = setting("Which module, from 1.", default=1, minimum=1)
    cell: int = setting("Which cell of it, from 1.", default=1, minimum=1)
    sensor: Literal["voltage", "temperature", "current"] = setting(
        "Which sensors of a sensor's fault: a module's voltages or temperatures, or the current "
        "of the rack.",
        default="voltage",
    )
    magnitude: float = setting("How much, in the unit of its kind.", default=1.0)

    def is_on(self, time: float) -> bool:
        """Whether it is there at a moment."""
        end = math.inf if self.duration is None else self.at + self.duration
        return self.at <= time < end

    def strength(self, time: float) -> float:
        """How far it has grown, 0 to 1; 0 while it is not there."""
        if not self.is_on(time):
            return 0.0
        return min((time - self.at) / self.grows, 1.0) if self.grows > 0 else 1.0

    def problems(self) -> Iterator[tuple[str, str]]:
        """What cannot be of its kind."""
        if self.kind in _PARTS and not 0 <= self.magnitude <= 1:
            yield "magnitude", f"is a part of the frames, 0 to 1, not {self.magnitude:g}."
        if self.kind in ("weak-cell", "high-resistance") and self.magnitude <= 0:
            yield "magnitude", f"must be more than 0, not {self.magnitude:g}."


def problems_of(
    faults: Sequence[Fault], racks: int, modules: int, cells: int
) -> Iterator[tuple[str, str]]:
    """Faults of what is not there, and magnitudes that cannot be: (place, sentence)."""
    for index, fault in enumerate(faults):
        places = {
            "rack": (racks, "there are {} racks."),
            "module": (modules, "a rack has {} modules."),
            "cell": (cells, "a module has {} cells."),
        }
        for name, (most, sentence) in places.items():
            if getattr(fault, name) > most:
                yield f"faults[{index}].{name}", sentence.format(most)
        for name, sentence in fault.problems():
            yield f"faults[{index}].{name}", sentence
