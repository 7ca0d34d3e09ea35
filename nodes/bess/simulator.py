"""A simulated battery plant, so that everything runs without hardware."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flowrt.node import (
    Catalogue,
    Duration,
    Emit,
    Example,
    Output,
    Sent,
    Signals,
    Source,
    node,
    setting,
)
from nodes.bess.plant.commands import Commands
from nodes.bess.plant.design import designed
from nodes.bess.plant.faults import Fault, problems_of
from nodes.bess.plant.names import catalogues, prefixed
from nodes.bess.plant.plan import Plan

if TYPE_CHECKING:
    from nodes.bess.plant.plant import Plant
    from nodes.bess.plant.report import Report

if importlib.util.find_spec("numpy") is None:  # it takes a while to import: not yet
    raise ModuleNotFoundError("No module named 'numpy'", name="numpy")


@node("bess/simulator", icon="battery-charging")
class Simulator(Source):
    """Racks with a real cell model that tell their readings as a Pylontech BMS does.

    Cells have an open-circuit curve, resistance, polarisation, heat and age, sensors noise; faults
    can be put in. Readings go through can/encode with dbc/pylontech-lv.dbc, rack-cells.dbc and
    inverter.dbc onto a bus. The same seed gives the same readings. Of several racks, the sources
    are rack1/State, rack2/State and so on. Needs `pip install 'flowrt[demo]'`.
    """

    external = False

    racks: int = setting("Racks on a common DC bus.", default=1, minimum=1, maximum=16)
    modules: int = setting("Modules in parallel in a rack.", default=16, minimum=1, maximum=64)
    cells: int = setting("Cells in series in a module.", default=15, minimum=1, maximum=32)
    capacity: float = setting("Capacity of a module.", default=100.0, exclusiveMinimum=0, unit="Ah")
    start_soc: float = setting("Charge at the start.", default=50, minimum=0, maximum=100, unit="%")
    start_soh: float = setting(
        "State of health at the start.",
        default=99,
        minimum=50,
        maximum=100,
        unit="%",
        advanced=True,
    )
    plan: Plan = setting(
        "What they do: a cycle between low and high; by a site's day, charge by the sun and "
        "discharge in the evening; or as a bess/inverter is told.",
        default="cycle",
    )
    current: float = setting(
        "Current of each whole rack in a cycle, charging or discharging.",
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
    power: float = setting(
        "Rated power of the inverter.", default=40.0, exclusiveMinimum=0, unit="kW"
    )
    ramp: float = setting(
        "How fast its power moves.",
        default=10.0,
        exclusiveMinimum=0,
        unit="kW/s",
        advanced=True,
    )
    timeout: Duration = setting(
        "Silence after which it trips where it is commanded.", default=5.0, advanced=True
    )
    ambient: float = setting("Mean temperature around the racks.", default=25.0, unit="degC")
    daily_swing: float = setting(
        "By how much an afternoon is warmer.", default=0.0, minimum=0, unit="K", advanced=True
    )
    yearly_swing: float = setting(
        "By how much summer is warmer.", default=0.0, minimum=0, unit="K", advanced=True
    )
    day: float = setting(
        "Days since new year at the start: 172.5 is noon of midsummer.",
        default=172.25,
        minimum=0,
        advanced=True,
    )
    ageing: float = setting(
        "How many times as fast as life cells age.", default=1.0, minimum=0, advanced=True
    )
    every: Duration = setting("How often it tells its readings.", default=1.0, exclusiveMinimum=0)
    speed: float = setting(
        "Simulated seconds in a second.", default=1.0, exclusiveMinimum=0, maximum=3600
    )
    seed: int = setting("Another number gives another plant.", default=1, minimum=0)
    faults: list[Fault] = setting("What goes wrong, and when.", default=list)
    name: str = setting(
        "Name by which bess/inverter finds the plant.", default="plant", advanced=True
    )

    out = Output("Limits, State, Measure, Alarms and Request of each rack.", carries="signals")
    by_module = Output(
        "Extremes of each module's cells, insulation and contactor.", carries="signals"
    )
    inverter = Output("What the inverter measures at both sides.", carries="signals")
    truth = Output(
        "What no BMS knows: true charge, health, resistance; to judge estimates by.",
        carries="signals",
    )

    examples = (
        Example("A rack of 16 modules, a minute a second", settings={"speed": 60}),
        Example(
            "A cell of module 3 is heated after an hour",
            settings={"faults": [{"kind": "hot-cell", "at": "1 h", "module": 3, "magnitude": 80}]},
        ),
        Example(
            "Two racks, charged by the sun and used in the evening, an hour a minute",
            settings={"racks": 2, "plan": "solar-day", "power": 50, "speed": 60},
        ),
    )

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Limits that contradict, faults of what is not there."""
        if self.low >= self.high:
            yield "low", f"must be less than high ({self.high:g} %), not {self.low:g} %."
        yield from problems_of(self.faults, self.racks, self.modules, self.cells)

    def catalogue(self, incoming: Catalogue) -> Mapping[str, Catalogue]:
        """What the racks, their modules and the inverter tell."""
        return catalogues(self.racks, self.modules, self.every)

    def summary(self) -> str:
        """Size and pace."""
        pace = f", {self.speed:g} times as fast" if self.speed != 1 else ""
        racks = f"{self.racks} racks of " if self.racks > 1 else ""
        return f"{racks}{self.modules} modules of {self.cells} cells{pace}"

    # --- its life

    @cached_property
    def plant(self) -> Plant:
        """The plant, made when it is first needed: numpy takes a while to import."""
        from nodes.bess.plant.plant import Plant

        return Plant(designed(self))

    @cached_property
    def _report(self) -> Report:
        from nodes.bess.plant.report import Report

        return Report(self.plant)

    async def run(self, emit: Emit) -> None:
        """Tell readings, let time pass."""
        commands = self.context.shared(Commands)
        commands.join(self.name, self._commanded)
        try:
            due = self.clock.steady()
            while True:
                if messages := self.readings(self.clock.now()):
                    await emit(messages)
                self.step(self.every * self.speed)
                due = max(due + self.every, self.clock.steady())
                await self.clock.sleep(due - self.clock.steady())
        finally:
            commands.leave(self.name, self._commanded)

    def step(self, seconds: float) -> None:
        """Let simulated time pass, in steps of ten seconds at most."""
        self.plant.step(seconds)

    def readings(self, time: float) -> list[Signals | Sent]:
        """What arrives now of what racks and inverter say; a silent BMS says nothing."""
        told: list[Signals | Sent] = []
        for number, (whole, parts) in enumerate(self._report.read(), start=1):
            prefix = prefixed(number, self.racks)
            told += [Signals(time, prefix + name, dict(values)) for name, values in whole]
            told += [
                self.by_module(Signals(time, prefix + name, dict(values))) for name, values in parts
            ]
        measured = self._report.inverter().items()
        told += [self.inverter(Signals(time, name, dict(values))) for name, values in measured]
        for number, truth in enumerate(self._report.truth(), start=1):
            prefix = prefixed(number, self.racks)
            told += [self.truth(Signals(time, prefix + n, dict(v))) for n, v in truth.items()]
        return told

    def _commanded(self, power: float, reactive: float) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Take a set-point in kW and kvar; what the inverter answers."""
        self.plant.inverter.command(power, reactive)
        return list(self._report.inverter().items())

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """The plant: each cell, the inverter, the sensors' noise."""
        size = [self.racks, self.modules, self.cells]
        return {"size": size, "plant": self.plant.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; a plant of another size starts anew."""
        if saved.get("size") == [self.racks, self.modules, self.cells]:
            self.plant.take_up(saved["plant"])
