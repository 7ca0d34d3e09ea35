"""How soon faults put into the simulator are found, and how often nothing is: a month of it.

    python -m tests.bench.detection [--days 30]

prints the table of docs/analysis.md. The rack is a small one, 4 modules of 8 cells at half their
capacity in amperes, so that a month is simulated in minutes; it cycles between 10 and 95 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from flowrt.example import Stand
from flowrt.message import Event, Signals
from flowrt.node import Transform
from nodes.analysis.anomaly import Anomaly
from nodes.analysis.runaway import Runaway
from nodes.bess.plant.faults import Fault
from nodes.bess.simulator import Simulator
from nodes.logic.change import Change
from nodes.logic.threshold import Threshold
from tests.support.racks import readings_by_module

_HOUR: Final = 3600.0
_AT: Final = 24 * _HOUR
"""When faults begin: after a day in which everything was learned."""
_SIGNALS: Final = {"CellVoltageMax": 0.05, "CellVoltageMin": 0.05, "CellTemperatureMax": 5.0}


@dataclass(frozen=True)
class _Case:
    """A fault, how far apart its readings are once it is there, and how long it is followed."""

    what: str
    fault: Fault
    every: float = 10.0
    hours: float = 24.0


CASES: Final = (
    _Case("a cell heated by 3 kW: runaway", Fault(kind="hot-cell", magnitude=3000), 1.0, 0.05),
    _Case("a cell heated by 80 W", Fault(kind="hot-cell", magnitude=80)),
    _Case("a cell heated by 5 W", Fault(kind="hot-cell", magnitude=5)),
    _Case("a short of 5 A in a cell", Fault(kind="cell-short", magnitude=5)),
    _Case("a short of 1 A in a cell", Fault(kind="cell-short", magnitude=1)),
    _Case("a cell of 80 % capacity", Fault(kind="weak-cell", magnitude=0.8)),
    _Case("a module measured 30 mV too high", Fault(kind="sensor-offset", magnitude=0.03)),
)


class _Watch:
    """A detector: nodes in a row, and when it raised what."""

    def __init__(self, *nodes: Transform) -> None:
        self._stands = [Stand(node) for node in nodes]
        self.raised: list[tuple[float, str]] = []

    def give(self, message: Signals) -> None:
        """One message, through all of them."""
        for stand in self._stands:
            stand.give(message)
            given = [item for _, item in stand.out]
            stand.out.clear()
            for item in given:
                if isinstance(item, Event) and item.state == "raised":
                    self.raised.append((item.time, item.source))
                elif isinstance(item, Signals):
                    message = item


def detectors() -> dict[str, Callable[[], _Watch]]:
    """What is measured, as the example flows have it."""
    spread = {"Spread": "CellVoltageMax - CellVoltageMin"}
    return {
        "analysis/runaway": lambda: _Watch(Runaway()),
        "cell spread, 50 mV for 10 s": lambda: _Watch(
            Change(compute=spread),
            Threshold(signal="Spread", above=0.05, hysteresis=0.02, on_delay=10.0),
        ),
        "analysis/anomaly": lambda: _Watch(
            Anomaly(signals=_SIGNALS, every=60.0, window=240, on_delay=300.0, off_delay=600.0)
        ),
    }


def _readings(case: _Case | None, hours: float, seed: int) -> Iterator[Signals]:
    faults: list[Fault] = []
    if case is not None:
        faults = [replace(case.fault, at=_AT, module=3, cell=2)]
    rack = Simulator(modules=4, cells=8, current=200.0, faults=faults, seed=seed)
    if case is None:
        yield from readings_by_module(rack, hours * _HOUR, every=20.0)
        return
    yield from readings_by_module(rack, _AT, every=20.0)
    for message in readings_by_module(rack, case.hours * _HOUR, every=case.every):
        yield Signals(message.time + _AT, message.source, message.values)


def delay(case: _Case, make: Callable[[], _Watch], seed: int) -> float | None:
    """Seconds from the fault to the first alarm of its module; None if it was not found."""
    watch = make()
    for message in _readings(case, 0.0, seed):
        watch.give(message)
        if watch.raised and watch.raised[-1][0] >= _AT and watch.raised[-1][1] == "Module03":
            return watch.raised[-1][0] - _AT
    return None


def false_alarms(days: float, seed: int) -> dict[str, int]:
    """Alarms of a sound rack, by detector."""
    watches = {name: make() for name, make in detectors().items()}
    for message in _readings(None, days * 24, seed):
        for watch in watches.values():
            watch.give(message)
    return {name: len(watch.raised) for name, watch in watches.items()}


def _words(seconds: float | None) -> str:
    if seconds is None:
        return "not found"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def main() -> None:
    """Print the table, row by row as it is measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=30.0, help="how long the sound rack runs")
    parser.add_argument("--seed", type=int, default=1, help="another number, another rack")
    parser.add_argument("--only", choices=["delays", "false"], help="measure only one of both")
    given = parser.parse_args()
    print(f"| fault | {' | '.join(detectors())} |", flush=True)
    print(f"|---|{'---|' * len(detectors())}", flush=True)
    if given.only != "false":
        for case in CASES:
            delays = (_words(delay(case, make, given.seed)) for make in detectors().values())
            print(f"| {case.what} | {' | '.join(delays)} |", flush=True)
    if given.only != "delays":
        counts = map(str, false_alarms(given.days, given.seed).values())
        print(f"| **false alarms in {given.days:g} days** | {' | '.join(counts)} |", flush=True)


if __name__ == "__main__":
    main()
