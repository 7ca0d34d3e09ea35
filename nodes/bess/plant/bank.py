"""Racks side by side on a common bus: how current is shared, and their contactors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nodes.bess.plant.cells import Cells
from nodes.bess.plant.chemistry import Array

__all__ = ["Bank"]


class Bank:
    """Cells of all racks: a row is a module, modules are in parallel, racks meet at the bus.

    `nominal` is a cell's capacity in Ah. `closed` says of each rack whether its contactor is,
    `commanded` what it was told; `currents` are each module's in A. What cells have as inner
    voltage and resistance is worked out once a step: who changes cells otherwise calls `refresh`.
    """

    def __init__(self, cells: Cells, racks: int, nominal: float) -> None:
        self.cells = cells
        self.nominal = nominal
        self.racks = racks
        self.modules = len(cells.soc) // racks
        self.closed = [True] * racks
        self.commanded = [True] * racks
        self.currents: Array = np.zeros(len(cells.soc))
        self.refresh()

    def refresh(self) -> None:
        """Work out inner voltages and resistances of cells and of rows anew."""
        self._inner, self._ohmic = self.cells.inner_voltage(), self.cells.ohmic()
        self._row_inner, self._row_ohmic = self._inner.sum(axis=1), self._ohmic.sum(axis=1)

    # --- what they are now

    def cell_voltages(self) -> Array:
        """Volts of each cell."""
        volts: Array = self._inner + self.currents[:, None] * self._ohmic
        return volts

    def resistances(self) -> Array:
        """Ohm of each rack between its terminals."""
        together: Array = 1 / (1 / self._row_ohmic).reshape(self.racks, -1).sum(axis=1)
        return together

    def soc(self) -> Array:
        """Charge of each rack, 0 to 1: a string is empty with its emptiest cell."""
        lowest: Array = self.cells.soc.min(axis=1)
        return self._by_rack(lowest)

    def health(self) -> Array:
        """Usable capacity by that when new, of each rack: a string is as good as its worst cell."""
        left = self.cells.capacity * self.cells.health()
        least: Array = left.min(axis=1)
        return self._by_rack(least) / self.nominal

    def rack_currents(self) -> Array:
        """A of each rack."""
        currents: Array = self.currents.reshape(self.racks, -1).sum(axis=1)
        return currents

    def rack_voltages(self) -> Array:
        """Volts of each rack at its terminals, before the contactor."""
        return self._by_rack(self._row_inner + self.currents * self._row_ohmic)

    def bus_voltage(self) -> float:
        """Volts of the bus; 0 where no rack is closed."""
        volts = self.rack_voltages().tolist()
        closed = [volt for volt, on in zip(volts, self.closed, strict=True) if on]
        return sum(closed) / len(closed) if closed else 0.0

    def _by_rack(self, rows: Array) -> Array:
        means: Array = rows.reshape(self.racks, -1).sum(axis=1) / self.modules
        return means

    # --- what flows

    def flow(
        self, seconds: float, ambient: float, *, amperes: float = 0.0, kw: float = 0.0
    ) -> None:
        """Let a current, or a power, flow between the bus and the racks that are closed."""
        inner, conductance = self._row_inner, 1 / self._row_ohmic
        if all(self.closed):
            self.currents = _shared(inner, conductance, amperes, kw)
        else:
            self._flow_apart(inner, conductance, amperes, kw)
        self.cells.step(self.currents, seconds, ambient, self._ohmic)
        self.refresh()

    def _flow_apart(self, inner: Array, conductance: Array, amperes: float, kw: float) -> None:
        """A rack that is open has its modules to itself."""
        for rack in range(self.racks):
            rows = slice(rack * self.modules, (rack + 1) * self.modules)
            self.currents[rows] = _shared(inner[rows], conductance[rows], 0.0, 0.0)
        on = np.repeat(self.closed, self.modules)
        if on.any():
            self.currents[on] = _shared(inner[on], conductance[on], amperes, kw)

    # --- state

    def saved(self) -> dict[str, Any]:
        """JSON-able."""
        return {
            "cells": self.cells.saved(),
            "closed": list(self.closed),
            "commanded": list(self.commanded),
            "currents": self.currents.tolist(),
        }

    def take_up(self, saved: Mapping[str, Any]) -> None:
        """Go on with what was saved of racks of the same size."""
        self.cells.take_up(saved["cells"])
        self.closed, self.commanded = list(saved["closed"]), list(saved["commanded"])
        self.currents = np.array(saved["currents"], dtype=np.float64)
        self.refresh()


def _shared(inner: Array, conductance: Array, amperes: float, kw: float) -> Array:
    """A of each module, as the resistances have it; `kw` adds the current of that power."""
    whole, driven = float(conductance.sum()), float((inner * conductance).sum())
    if kw:
        # P = V I with V = (I + driven) / whole; a power that cannot be drawn is the most there is.
        root = max(driven * driven + 4000 * kw * whole, 0.0)
        amperes += (math.sqrt(root) - driven) / 2
    return ((amperes + driven) / whole - inner) * conductance
