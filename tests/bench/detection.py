"""How soon faults put into the simulator are found, and how often nothing is: a month of it.

    python -m tests.bench.detection [--days 30] [--seed 1] [--only delays|false] [DETECTOR...]

prints the tables of docs/analysis.md. The site and the detectors are those of
tests/support/detection.py. What was learned in two sound days is the beginning of each fault.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from nodes.bess.plant.faults import Fault
from tests.support.detection import DETECTORS, Watch, messages, site, watches

__all__ = ["AT", "CASES", "Case", "delays", "false_alarms", "learned"]

_HOUR: Final = 3600.0
AT: Final = 58 * _HOUR
"""When faults begin: at ten in the morning of the third day."""
_EVERY: Final = 30.0
"""Seconds between readings where a case does not say otherwise."""


@dataclass(frozen=True)
class Case:
    """A fault, how far apart its readings are once it is there, and how long it is followed."""

    what: str
    fault: Fault
    every: float = 20.0
    hours: float = 24.0


CASES: Final = (
    Case("a cell heated by 3 kW: runaway", Fault(kind="hot-cell", magnitude=3000), 1.0, 0.1),
    Case("a cell heated by 80 W", Fault(kind="hot-cell", magnitude=80)),
    Case("a cell heated by 5 W", Fault(kind="hot-cell", magnitude=5)),
    Case("a short of 5 A in a cell", Fault(kind="cell-short", magnitude=5)),
    Case("a short of 0.2 A in a cell", Fault(kind="cell-short", magnitude=0.2), 30.0, 96.0),
    Case("a cell of 80 % capacity", Fault(kind="weak-cell", magnitude=0.8)),
    Case("a cell of 10 times the resistance", Fault(kind="high-resistance", magnitude=10)),
    Case("a module measured 30 mV too high", Fault(kind="sensor-offset", magnitude=0.03)),
    Case("a module's voltages stuck", Fault(kind="sensor-stuck")),
    Case(
        "the current measured 8 A too high",
        Fault(kind="sensor-offset", sensor="current", magnitude=8),
        30.0,
        96.0,
    ),
    Case(
        "insulation falls to 50 kOhm in 48 h",
        Fault(kind="insulation", magnitude=50, grows=48 * _HOUR),
        30.0,
        54.0,
    ),
    Case("a contactor welded", Fault(kind="contactor-welded"), 1.0, 0.1),
    Case("a contactor that does not close", Fault(kind="contactor-not-closing"), 1.0, 0.1),
)


@dataclass(frozen=True)
class Learned:
    """The site and its detectors after the sound days."""

    seed: int
    plant: Mapping[str, Any]
    watches: Mapping[str, str]


def learned(seed: int, names: Sequence[str], until: float = AT) -> Learned:
    """Let the detectors learn what is usual."""
    sound, watching = site(seed), watches(names)
    for message in messages(sound, until, _EVERY):
        for watch in watching.values():
            watch.give(message)
    saved = {name: watch.saved() for name, watch in watching.items()}
    return Learned(seed, json.loads(json.dumps(sound.plant.saved())), saved)


def delays(case: Case, begun: Learned) -> dict[str, float]:
    """Seconds from the fault to the first alarm, by the detectors that found it."""
    now = begun.plant["time"]
    ill = site(begun.seed, [replace(case.fault, at=now, module=3, cell=2)])
    ill.plant.take_up(begun.plant)
    watching = watches(tuple(begun.watches))
    for name, watch in watching.items():
        watch.take_up(begun.watches[name], now)
    for message in messages(ill, case.hours * _HOUR, case.every):
        for watch in watching.values():
            watch.give(message)
    firsts = {name: _first(watch, now) for name, watch in watching.items()}
    return {name: first for name, first in firsts.items() if first is not None}


def _first(watch: Watch, begin: float) -> float | None:
    """Until the first alarm; one of another module does not count."""
    meant = [time for time, source in watch.raised if source[:6] != "Module" or source[-1] == "3"]
    return meant[0] - begin if meant else None


def false_alarms(days: float, seed: int, names: Sequence[str]) -> dict[str, int]:
    """Alarms of a sound site, by detector; the first two days are for learning."""
    sound, watching = site(seed), watches(names)
    for message in messages(sound, days * 24 * _HOUR, _EVERY):
        for watch in watching.values():
            watch.give(message)
    return {name: len(watch.raised) for name, watch in watching.items()}


def _words(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * _HOUR else f"{seconds / _HOUR:.1f} h"


def _found(found: Mapping[str, float]) -> str:
    parts = [f"{name} {_words(after)}" for name, after in sorted(found.items(), key=lambda f: f[1])]
    return ", ".join(parts) or "not found"


def main() -> None:
    """Print the tables, row by row as they are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=30.0, help="how long the sound site runs")
    parser.add_argument("--seed", type=int, default=1, help="another number, another site")
    parser.add_argument("--only", choices=["delays", "false"], help="measure only one of both")
    parser.add_argument("detectors", nargs="*", default=list(DETECTORS), help="which of them")
    given = parser.parse_args()
    if given.only != "false":
        begun = learned(given.seed, given.detectors)
        print("| fault | followed | found, after |\n|---|---|---|", flush=True)
        for case in CASES:
            found = _found(delays(case, begun))
            print(f"| {case.what} | {_words(case.hours * _HOUR)} | {found} |", flush=True)
    if given.only != "delays":
        print(f"\n| detector | false alarms in {given.days:g} days |\n|---|---|", flush=True)
        for name, count in false_alarms(given.days, given.seed, given.detectors).items():
            print(f"| {name} | {count} |", flush=True)


if __name__ == "__main__":
    main()
