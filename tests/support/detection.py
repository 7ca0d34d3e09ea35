"""Detectors, as the examples have them, on a simulated site: when they raise what.

The site is a rack of 4 modules of 8 cells that is charged full by the sun each day and emptied in
the evening, in a room whose temperature swings by 3 K. What its BMS tells comes as one message
`rack`; each module, the insulation and the contactor come as their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flowrt.example import Stand
from flowrt.message import Event, Signals, Value
from flowrt.node import Sent, Transform
from nodes.analysis import onnx
from nodes.analysis.anomaly import Anomaly
from nodes.analysis.contactor import Contactor
from nodes.analysis.coulomb import Coulomb
from nodes.analysis.kalman import Kalman
from nodes.analysis.onnx import Onnx
from nodes.analysis.resistance import Resistance
from nodes.analysis.runaway import Runaway
from nodes.analysis.trend import Trend
from nodes.bess.plant.faults import Fault
from nodes.bess.simulator import Simulator
from nodes.logic.change import Change
from nodes.logic.threshold import Threshold

__all__ = ["CAPACITY", "DETECTORS", "Watch", "messages", "site", "told", "watches"]

CAPACITY: Final = 400.0
"""Ah of the rack."""
_OHM: Final = 0.0012 / 4
"""Of a cell, at the rack's current."""
_MODEL: Final = Path(onnx.__file__).parent / "models" / "cell-voltage.onnx"
_DEVIATIONS: Final = {"CellVoltageMax": 0.15, "CellVoltageMin": 0.15, "CellTemperatureMax": 5.0}
_BETWEEN: Final = "CellVoltageMax > 3.24 and (CellVoltageMax < 3.4 or CellVoltageMin < 3.33)"
"""Away from the ends of charge, where sound cells differ most."""


def site(seed: int = 1, faults: Sequence[Fault] = (), **differing: Any) -> Simulator:
    """The site, with faults."""
    settings: dict[str, Any] = {
        "modules": 4,
        "cells": 8,
        "plan": "solar-day",
        "power": 5.0,
        "low": 0,
        "high": 100,
        "daily_swing": 3.0,
        "day": 172.0,
        "seed": seed,
        "faults": list(faults),
    }
    return Simulator(**{**settings, **differing})


def messages(simulator: Simulator, seconds: float, every: float) -> Iterator[Signals]:
    """What is told in so many simulated seconds, stamped by simulated time."""
    end = simulator.plant.time + seconds
    while simulator.plant.time < end:
        yield from told(simulator)
        simulator.step(every)


def told(simulator: Simulator) -> Iterator[Signals]:
    """What is told now."""
    time = simulator.plant.time
    rack: dict[str, Value] = {}
    for item in simulator.readings(time):
        message = item.message if isinstance(item, Sent) else item
        assert isinstance(message, Signals)
        if not isinstance(item, Sent):
            rack.update(message.values)
        elif item.port is simulator.by_module:
            yield message
            rack.update(_extremes(rack, message.values))
    current, heat = rack.get("PackCurrent"), rack.get("PackTemperature")
    if isinstance(current, float) and isinstance(heat, float):
        yield Signals(time, "rack", {**rack, "Rate": current / CAPACITY, "Temperature": heat})


def _extremes(rack: Mapping[str, Value], module: Mapping[str, Value]) -> dict[str, Value]:
    """The rack's highest and lowest cell, with those of one module more."""
    found: dict[str, Value] = {}
    for name, pick in (("CellVoltageMax", max), ("CellVoltageMin", min)):
        readings = [v for v in (rack.get(name), module.get(name)) if isinstance(v, float)]
        if readings:
            found[name] = pick(readings)
    return found


class Watch:
    """Nodes in a row: each also sees what those before it told of the same message."""

    def __init__(self, source: str, *nodes: Transform) -> None:
        self._source = source
        self._stands = [Stand(node) for node in nodes]
        self.raised: list[tuple[float, str]] = []
        self.told: dict[str, Value] = {}

    def give(self, message: Signals) -> None:
        """One message, through all of them."""
        if not message.source.startswith(self._source):
            return
        for stand in self._stands:
            stand.give(message)
            given = [item for _, item in stand.out]
            stand.out.clear()
            for item in given:
                if isinstance(item, Event) and item.state == "raised":
                    self.raised.append((item.time, item.source))
                elif isinstance(item, Signals):
                    values = {**message.values, **item.values}
                    message = Signals(message.time, message.source, values)
        self.told = dict(message.values)

    def saved(self) -> str:
        """The state of its nodes, as JSON."""
        return json.dumps([stand.step.node.snapshot() for stand in self._stands])

    def take_up(self, saved: str, now: float) -> None:
        """Go on with it."""
        for stand, kept in zip(self._stands, json.loads(saved), strict=True):
            stand.clock.advance(now)
            stand.step.node.restore(kept)


def _threshold(signal: str, above: float, delay: float, hysteresis: float) -> Threshold:
    return Threshold(signal=signal, above=above, on_delay=delay, hysteresis=hysteresis)


def _filter() -> Kalman:
    return Kalman(cells=8, capacity=CAPACITY, resistance=_OHM, polarisation=_OHM / 2)


def _counter() -> Coulomb:
    return Coulomb(capacity=CAPACITY, tail=8.0, full=3.5, empty=3.08, longest_gap=60.0)


def _difference(compute: str) -> Change:
    return Change(compute={"Difference": compute})


def _runaway() -> Watch:
    return Watch("Module", Runaway())


def _spread() -> Watch:
    spread = _difference(f"CellVoltageMax - CellVoltageMin if {_BETWEEN} else 0")
    return Watch("Module", spread, _threshold("Difference", 0.05, 10.0, 0.02))


def _anomaly() -> Watch:
    node = Anomaly(signals=_DEVIATIONS, every=60.0, window=1440, on_delay=600.0, off_delay=600.0)
    return Watch("Module", node)


def _model() -> Watch:
    takes, gives = ["SOC_hires", "Rate", "Temperature"], ["Expected"]
    difference = _difference("abs(Expected - PackVoltage / 8)")
    return Watch(
        "rack",
        Onnx(model=_MODEL, takes=takes, gives=gives),
        difference,
        _threshold("Difference", 0.08, 300.0, 0.02),
    )


def _resistance() -> Watch:
    node = Resistance(step=60.0, within=60.0, steps=3)
    limit = 8 * _OHM * 1.5 * 1.15
    return Watch("rack", node, _threshold("InternalResistance", limit, 0.0, 0.0))


def _charge() -> Watch:
    difference = _difference("abs(SOC_counted - SOC_estimate)")
    return Watch(
        "rack", _counter(), _filter(), difference, _threshold("Difference", 8.0, 900.0, 2.0)
    )


def _health() -> Watch:
    node = Threshold(signal="SOH_measured", below=93.0)
    return Watch("rack", _counter(), node)


def _falling() -> Watch:
    return Watch("Insulation", Trend(signal="InsulationResistance", below=100.0, ahead=7 * 86400.0))


def _insulation() -> Watch:
    node = Threshold(signal="InsulationResistance", below=500.0, hysteresis=50.0, on_delay=5.0)
    return Watch("Insulation", node)


def _contactor() -> Watch:
    node = Contactor(
        command="ContactorCommand",
        feedback="ContactorFeedback",
        inner="InnerVoltage",
        outer="OuterVoltage",
        current="StringCurrent",
    )
    return Watch("Contactor", node)


DETECTORS: Final[Mapping[str, Callable[[], Watch]]] = {
    "runaway": _runaway,
    "spread": _spread,
    "anomaly": _anomaly,
    "onnx": _model,
    "resistance": _resistance,
    "coulomb/kalman": _charge,
    "SOH": _health,
    "trend": _falling,
    "insulation": _insulation,
    "contactor": _contactor,
}
"""By name, each made anew."""


def watches(names: Sequence[str] = tuple(DETECTORS)) -> dict[str, Watch]:
    """Detectors, nothing learned."""
    return {name: DETECTORS[name]() for name in names}
