"""A simulated rack, so that everything runs without hardware."""

from __future__ import annotations

import dataclasses
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from flowrt.node import (
    Catalogue,
    Duration,
    Emit,
    Example,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Source,
    node,
    setting,
    state,
)
from nodes.bess.cell import Cell
from nodes.bess.rack import Rack, make_rack

_UNITS = {"Voltage": "V", "Current": "A", "Temperature": "degC", "SOC": "%", "SOH": "%"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong."""

    kind: Literal["hot-cell", "cell-short", "weak-cell", "sensor-offset", "silent"] = setting(
        "What goes wrong: a cell is heated (W), leaks (A) or loses capacity (part), a module's "
        "voltages are measured wrongly (V), or the BMS says nothing."
    )
    at: Duration = setting("When, in simulated time since the start.", default=0.0)
    duration: Duration | None = setting("For how long; left out, for good.", default=None)
    module: int = setting("Which module, from 1.", default=1, minimum=1)
    cell: int = setting("Which cell of it, from 1.", default=1, minimum=1)
    magnitude: float = setting("How much, in the unit of its kind.", default=1.0)

    def is_on(self, time: float) -> bool:
        """Whether it is there at a moment."""
        end = math.inf if self.duration is None else self.at + self.duration
        return self.at <= time < end


@node("bess/simulator", icon="battery-charging")
class Simulator(Source):
    """A rack with a real cell model that tells its readings as a Pylontech BMS does.

    Cells have an open-circuit curve, resistance, polarisation, heat and sensors with noise;
    charge and discharge follow each other, and faults can be put in. Its readings go through
    can/encode with dbc/pylontech-lv.dbc onto a bus. The same seed gives the same readings.
    """

    external = False

    modules: int = setting("Modules in parallel.", default=16, minimum=1, maximum=64)
    cells: int = setting("Cells in series in a module.", default=15, minimum=1, maximum=32)
    capacity: float = setting("Capacity of a module.", default=100.0, exclusiveMinimum=0, unit="Ah")
    start_soc: float = setting("Charge at the start.", default=50, minimum=0, maximum=100, unit="%")
    current: float = setting(
        "Current of the whole rack while charging or discharging.",
        default=200.0,
        minimum=0,
        unit="A",
    )
    low: float = setting(
        "Discharge down to this.", default=10, minimum=0, maximum=100, unit="%", advanced=True
    )
    high: float = setting(
        "Charge up to this.", default=95, minimum=0, maximum=100, unit="%", advanced=True
    )
    ambient: float = setting("Temperature around it.", default=25.0, unit="degC")
    every: Duration = setting("How often it tells its readings.", default=1.0, exclusiveMinimum=0)
    speed: float = setting(
        "Simulated seconds in a second.", default=1.0, exclusiveMinimum=0, maximum=3600
    )
    seed: int = setting("Another number gives another rack.", default=1)
    faults: list[Fault] = setting("What goes wrong, and when.", default=list)

    out = Output("Limits, State, Measure, Alarms and Request of the rack.", carries="signals")
    by_module = Output("Extremes of each module's cells.", carries="signals")

    _time: float = state(0.0)
    _charging: bool = state(False)
    _cells: list[list[float]] = state(factory=list)

    examples = (
        Example("A rack of 16 modules, a minute a second", settings={"speed": 60}),
        Example(
            "A cell of module 3 is heated after an hour",
            settings={"faults": [{"kind": "hot-cell", "at": "1 h", "module": 3, "magnitude": 80}]},
        ),
    )

    def __post_init__(self) -> None:
        self._rack = self._new_rack()

    def _new_rack(self) -> Rack:
        rack = make_rack(self.modules, self.cells, self.start_soc / 100, self.capacity, self.seed)
        rack.ambient = self.ambient
        return rack

    def problems(self) -> Iterator[tuple[str, str]]:
        """Limits that contradict, faults in modules that are not there."""
        if self.low >= self.high:
            yield "low", f"must be less than high ({self.high:g} %), not {self.low:g} %."
        for index, fault in enumerate(self.faults):
            if fault.module > self.modules:
                yield f"faults[{index}].module", f"there are {self.modules} modules."
            if fault.cell > self.cells:
                yield f"faults[{index}].cell", f"a module has {self.cells} cells."

    def catalogue(self, incoming: Catalogue) -> Mapping[str, Catalogue]:  # noqa: ARG002
        """What the rack and its modules tell."""
        rack = self._new_rack()
        return {
            "out": _catalogue(rack.readings(), self.every),
            "by_module": _catalogue(rack.modules_summary(), self.every),
        }

    def summary(self) -> str:
        """Size and pace."""
        pace = f", {self.speed:g} times as fast" if self.speed != 1 else ""
        return f"{self.modules} modules of {self.cells} cells{pace}"

    async def run(self, emit: Emit) -> None:
        """Tell readings, let time pass."""
        due = self.clock.steady()
        while True:
            if messages := self.readings(self.clock.now()):
                await emit(messages)
            self.step(self.every * self.speed)
            due = max(due + self.every, self.clock.steady())
            await self.clock.sleep(due - self.clock.steady())

    def step(self, seconds: float) -> None:
        """Let simulated time pass, in steps of ten seconds at most."""
        count = math.ceil(seconds / 10)
        for _ in range(count):
            self._apply_faults()
            self._rack.step(self._wanted_current(), seconds / count)
            self._time += seconds / count

    def readings(self, time: float) -> list[Signals | Sent]:
        """What the rack says now; nothing while its BMS is silent."""
        if any(fault.kind == "silent" and fault.is_on(self._time) for fault in self.faults):
            return []
        rack = [Signals(time, name, dict(r)) for name, r in self._rack.readings().items()]
        modules = self._rack.modules_summary().items()
        return [*rack, *(self.by_module(Signals(time, name, dict(r))) for name, r in modules)]

    def _wanted_current(self) -> float:
        """Charge and discharge in turn, within the limits that the BMS gives."""
        soc = self._rack.soc() * 100
        if soc >= self.high:
            self._charging = False
        elif soc <= self.low:
            self._charging = True
        return self.current if self._charging else -self.current

    def _apply_faults(self) -> None:
        for fault in self.faults:
            on = fault.is_on(self._time)
            cell = self._rack.modules[fault.module - 1].cells[fault.cell - 1]
            amount = fault.magnitude if on else 0.0
            match fault.kind:
                case "hot-cell":
                    cell.heating = amount
                case "cell-short":
                    cell.leak = amount
                case "sensor-offset":
                    self._rack.voltage_offsets[fault.module - 1] = amount
                case "weak-cell" if on:
                    cell.capacity = self.capacity * fault.magnitude

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """Time, direction, each cell, and the sensors' noise."""
        version, numbers, rest = self._rack.noise.getstate()
        return {
            "_time": self._time,
            "_charging": self._charging,
            "_cells": [list(dataclasses.astuple(cell)) for cell in self._all_cells()],
            "current": self._rack.current,
            "raised": dict(self._rack.raised),
            "noise": [version, list(numbers), rest],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; a rack of another size starts anew."""
        cells = self._all_cells()
        if len(saved.get("_cells", ())) != len(cells):
            return
        for cell, values in zip(cells, saved["_cells"], strict=True):
            for field, value in zip(dataclasses.fields(Cell), values, strict=True):
                setattr(cell, field.name, value)
        self._time, self._charging = saved["_time"], saved["_charging"]
        self._rack.current, self._rack.raised = saved["current"], dict(saved["raised"])
        version, numbers, rest = saved["noise"]
        self._rack.noise = random.Random()
        self._rack.noise.setstate((version, tuple(numbers), rest))

    def _all_cells(self) -> list[Cell]:
        return [cell for module in self._rack.modules for cell in module.cells]


def _catalogue(readings: Mapping[str, Mapping[str, float]], cycle: float) -> Catalogue:
    return Catalogue(
        SignalInfo(name, source, _unit(name), cycle=cycle)
        for source, values in readings.items()
        for name in values
    )


def _unit(name: str) -> str:
    is_flag = name.startswith(("P_", "A_"))
    return next((unit for part, unit in _UNITS.items() if part in name and not is_flag), "")
