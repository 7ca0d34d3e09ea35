"""One cell of the simulated plant, with plain numbers."""

from __future__ import annotations

from nodes.bess.plant.cells import Cells

__all__ = ["OneCell"]


class OneCell:
    """A cell by itself; `cells` has its other state, as arrays of one."""

    def __init__(self, **beginning: float) -> None:
        self.cells = Cells(1, 1, **beginning)

    @property
    def soc(self) -> float:
        """0 to 1."""
        return float(self.cells.soc[0, 0])

    @property
    def temperature(self) -> float:
        """C."""
        return float(self.cells.temperature[0, 0])

    def step(self, current: float, seconds: float, ambient: float = 25.0) -> None:
        """Let a current flow for a while."""
        self.cells.step(current, seconds, ambient)

    def voltage(self, current: float = 0.0) -> float:
        """Terminal volts at a current."""
        return float(self.cells.voltage(current)[0, 0])

    def ohmic(self) -> float:
        """Ohmic resistance now."""
        return float(self.cells.ohmic()[0, 0])
