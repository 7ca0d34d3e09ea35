"""Set-points to the inverter of a simulated plant."""

from __future__ import annotations

import math
from collections.abc import Iterator

from flowrt.node import Catalogue, Example, SignalInfo, Signals, Transform, node, setting
from nodes.bess.plant.commands import Commands
from nodes.bess.plant.names import INVERTER


@node("bess/inverter", icon="plug")
class Inverter(Transform):
    """Command the inverter of a bess/simulator whose plan is commands; it answers each set-point.

    Power is in kW and kvar, charging positive. It moves by its ramp, obeys the limits of the
    batteries, and trips when it hears nothing for its timeout: the next set-point starts it anew.
    The answer is what it measures, as it tells it at the simulator's output too.
    """

    power: str = setting("Active power wanted, in kW.", default="Power", signal=True)
    reactive: str | None = setting(
        "Reactive power wanted, in kvar; none where left out.", default=None, signal=True
    )
    plant: str = setting("Name of the plant.", default="plant", advanced=True)

    examples = (
        Example(
            "A set-point where no plant runs is given up",
            given=[Signals(0.0, "ems", {"Power": 10.0})],
        ),
    )

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """What the inverter measures."""
        return Catalogue(
            SignalInfo(name, source, unit)
            for source, units in INVERTER.items()
            for name, unit in units.items()
        )

    def reads(self) -> frozenset[str]:
        """The set-points."""
        return frozenset(name for name in (self.power, self.reactive) if name)

    def summary(self) -> str:
        """`Power to plant`."""
        return f"{self.power} to {self.plant}"

    def on_message(self, message: Signals) -> Iterator[Signals]:
        """Give one set-point, tell the answer."""
        power = _number(message, self.power)
        if power is None:
            return
        reactive = _number(message, self.reactive) or 0.0
        answer = self.context.shared(Commands).command(self.plant, power, reactive)
        self.context.status("" if answer else f'no plant "{self.plant}" runs', bool(answer))
        if answer is None:
            self.context.drop("no plant runs", 1)
            return
        for name, values in answer:
            yield Signals(message.time, name, dict(values))


def _number(message: Signals, name: str | None) -> float | None:
    value = message.values.get(name.rpartition(".")[2]) if name else None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
