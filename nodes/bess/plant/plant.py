"""The whole plant: racks and their BMS, inverter, weather, schedule, faults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np

from nodes.bess.plant.bank import Bank
from nodes.bess.plant.bms import Bms
from nodes.bess.plant.cells import Cells
from nodes.bess.plant.design import Design
from nodes.bess.plant.faults import Fault
from nodes.bess.plant.inverter import Inverter
from nodes.bess.plant.plan import Schedule
from nodes.bess.plant.sensors import Sensors, Standing

__all__ = ["Plant"]

_LONGEST: Final = 10.0
"""Seconds of a step, at most."""
_INSULATION: Final = 2000.0
"""kOhm of a sound rack."""
_CLOUDS: Final = 1800.0
"""Seconds in which the sky forgets how it was."""


@dataclass
class Plant:
    """A plant that goes on by `step`. The same design gives the same plant."""

    design: Design
    time: float = 0.0
    """Simulated seconds since the start."""
    standing: Standing = ()
    """The faults that are there now."""
    insulation: list[float] = field(default_factory=list)
    """kOhm of each rack."""

    def __post_init__(self) -> None:
        design = self.design
        spread = np.random.default_rng(design.seed)
        self.bank = Bank(_made(design, spread), design.racks, design.capacity)
        self._capacity = self.bank.cells.capacity.copy()
        self._resistance = self.bank.cells.resistance.copy()
        self.noise = np.random.default_rng(design.seed + 1)
        self.sensors = Sensors(self.noise, design.modules)
        self.bms = [Bms(design.capacity / 4 * design.modules) for _ in range(design.racks)]
        self.inverter = Inverter(rated=design.power, ramp=design.ramp, timeout=design.timeout)
        self.schedule = Schedule(design.low, design.high)
        self.frequency = 50.0
        self.insulation = [_INSULATION] * design.racks
        self._apply_faults()

    @cached_property
    def cells(self) -> Cells:
        """The cells of all racks: a row is a module, rack after rack."""
        return self.bank.cells

    @property
    def now(self) -> float:
        """Simulated seconds since new year's midnight."""
        return self.design.begin + self.time

    def ambient(self) -> float:
        """C around the racks."""
        return self.design.weather.temperature(self.now)

    def soc(self) -> float:
        """Charge of all that is connected, 0 to 1."""
        charge = self.bank.soc()
        closed = [float(c) for c, on in zip(charge, self.bank.closed, strict=True) if on]
        return sum(closed or charge.tolist()) / len(closed or charge)

    # --- time

    def step(self, seconds: float) -> None:
        """Let simulated time pass, in steps of ten seconds at most."""
        count = math.ceil(seconds / _LONGEST)
        for _ in range(count):
            self._step(seconds / count)

    def _step(self, seconds: float) -> None:
        self._wander(seconds)
        if self.design.plan == "cycle":
            self._cycle(seconds)
        else:
            self._convert(seconds)
        self.time += seconds
        if self.design.faults:
            self._apply_faults()

    def _cycle(self, seconds: float) -> None:
        amperes = self.design.current * self.schedule.direction(self.soc())
        closed = sum(self.bank.closed)
        self.bank.flow(seconds, self.ambient(), amperes=amperes * closed)
        self.inverter.follow(amperes * closed * self.bank.bus_voltage() / 1000)

    def _convert(self, seconds: float) -> None:
        if self.design.plan == "solar-day":
            self.inverter.command(self.design.power * self.schedule.power(self.now, self.soc()))
        else:
            self.inverter.listen(seconds / self.design.pace)
        if any(fault.kind == "inverter-trip" for fault, _ in self.standing):
            self.inverter.tripped = True
        lowest, highest = self._allowed()
        dc = self.inverter.step(seconds, lowest, highest, any(self.bank.closed))
        self.bank.flow(seconds, self.ambient(), kw=dc)

    def _allowed(self) -> tuple[float, float]:
        """KW that the batteries allow, discharging (negative) and charging, by true voltages."""
        volts = self.bank.cell_voltages()
        low, high, kw = volts.min(axis=1), volts.max(axis=1), self.bank.bus_voltage() / 1000
        allowed = [0.0, 0.0]
        for rack, bms in enumerate(self.bms):
            if self.bank.closed[rack]:
                rows = self.rows(rack)
                heat = self.cells.temperature[rows]
                edges = (float(low[rows].min()), float(high[rows].max()))
                out, into = bms.allowed(*edges, float(heat.min()), float(heat.max()))
                allowed[0] -= out * kw
                allowed[1] += into * kw
        return allowed[0], allowed[1]

    def rows(self, rack: int) -> slice:
        """The rows of a rack, from 0."""
        return slice(rack * self.design.modules, (rack + 1) * self.design.modules)

    def _wander(self, seconds: float) -> None:
        """The grid's frequency and the clouds go their ways."""
        moves = self.noise.standard_normal(2)
        self.frequency += (50 - self.frequency) * min(seconds / 60, 1.0) + 0.002 * float(moves[0])
        part = min(seconds / _CLOUDS, 1.0)
        cloud = self.schedule.cloud
        cloud += (0.8 - cloud) * part + 0.3 * math.sqrt(part) * float(moves[1])
        self.schedule.cloud = min(max(cloud, 0.0), 1.0)

    # --- faults

    def _apply_faults(self) -> None:
        now = [(fault, fault.strength(self.time)) for fault in self.design.faults]
        standing = [(f, strength) for f, strength in now if strength > 0 or f.is_on(self.time)]
        if not standing and not self.standing:
            return
        self.standing = standing
        cells, racks = self.bank.cells, self.design.racks
        cells.heating[:], cells.leak[:] = 0.0, 0.0
        cells.capacity[:], cells.resistance[:] = self._capacity, self._resistance
        self.insulation = [_INSULATION] * racks
        self.bank.commanded, self.bank.closed = [True] * racks, [True] * racks
        for fault, strength in standing:
            self._apply(fault, strength)
        self.bank.refresh()

    def _apply(self, fault: Fault, strength: float) -> None:
        cells, rack = self.bank.cells, fault.rack - 1
        place = (rack * self.design.modules + fault.module - 1, fault.cell - 1)
        match fault.kind:
            case "hot-cell":
                cells.heating[place] += fault.magnitude * strength
            case "cell-short":
                cells.leak[place] += fault.magnitude * strength
            case "weak-cell":
                cells.capacity[place] *= 1 + (fault.magnitude - 1) * strength
            case "high-resistance":
                cells.resistance[place] *= 1 + (fault.magnitude - 1) * strength
            case "insulation":
                change = (fault.magnitude - _INSULATION) * strength
                self.insulation[rack] = min(self.insulation[rack], _INSULATION + change)
            case "contactor-off":
                self.bank.commanded[rack] = self.bank.closed[rack] = False
            case "contactor-welded":
                self.bank.commanded[rack] = False
            case "contactor-not-closing":
                self.bank.closed[rack] = False

    # --- state

    def saved(self) -> dict[str, Any]:
        """JSON-able."""
        kept = vars(self.inverter)
        return {
            "time": self.time,
            "bank": self.bank.saved(),
            "inverter": dict(kept),
            "charging": self.schedule.charging,
            "cloud": self.schedule.cloud,
            "frequency": self.frequency,
            "raised": [dict(bms.raised) for bms in self.bms],
            "stuck": dict(self.sensors.stuck),
            "noise": _numbers_as_text(self.noise.bit_generator.state),
        }

    def take_up(self, saved: Mapping[str, Any]) -> None:
        """Go on with what was saved of a plant of the same size."""
        self.time = saved["time"]
        self.bank.take_up(saved["bank"])
        for name, value in saved["inverter"].items():
            if name not in ("rated", "ramp", "timeout"):
                setattr(self.inverter, name, value)
        self.schedule.charging, self.schedule.cloud = saved["charging"], saved["cloud"]
        self.frequency = saved["frequency"]
        for bms, raised in zip(self.bms, saved["raised"], strict=True):
            bms.raised = dict(raised)
        self.sensors.stuck.update(saved["stuck"])
        self.noise.bit_generator.state = _text_as_numbers(saved["noise"])
        self._apply_faults()


def _made(design: Design, spread: np.random.Generator) -> Cells:
    """Cells that differ a little."""
    cells = Cells(design.racks * design.modules, design.cells)
    shape = cells.soc.shape
    cells.capacity[:] = design.capacity * spread.normal(1, 0.01, shape)
    cells.resistance *= spread.normal(1, 0.05, shape)
    cells.soc[:] = design.soc + spread.normal(0, 0.004, shape)
    cells.temperature[:] = design.weather.temperature(design.begin) + spread.normal(0, 0.3, shape)
    cells.calendar[:] = 1 - design.soh
    cells.ageing = design.ageing
    return cells


def _numbers_as_text(state: Mapping[str, Any]) -> dict[str, Any]:
    """A generator's state with numbers of 128 bits, which JSON has not, as text."""
    return {
        key: _numbers_as_text(value) if isinstance(value, Mapping) else str(value)
        for key, value in state.items()
    }


def _text_as_numbers(state: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _text_as_numbers(value)
        if isinstance(value, Mapping)
        else (value if key == "bit_generator" else int(value))
        for key, value in state.items()
    }
