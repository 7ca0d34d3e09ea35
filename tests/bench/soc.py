"""How far counted and estimated charge are off, on the simulator, whose charge is known.

    python -m tests.bench.soc [--days 6] [--plot docs/analysis/soc.svg]

prints the table of docs/analysis.md; the plot needs matplotlib. The site is that of
tests/support/detection.py; from the second day on it is either charged full each day, or kept
between 20 and 80 %, where nothing sets the count right. Errors are from the second day on.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from nodes.bess.plant.faults import Fault
from tests.support.detection import messages, site, watches

__all__ = ["CASES", "Case", "Errors", "errors"]

_DAY: Final = 86_400.0


@dataclass(frozen=True)
class Case:
    """An error of the current's sensor in A, and whether the site is charged full each day."""

    what: str
    offset: float
    full: bool


CASES: Final = (
    Case("full each day, a sound sensor", 0.0, True),
    Case("full each day, 4 A too much", 4.0, True),
    Case("between 20 and 80 %, a sound sensor", 0.0, False),
    Case("between 20 and 80 %, 4 A too much", 4.0, False),
)


@dataclass
class Errors:
    """Times in days, and percent of charge that each is off; None before it is known."""

    days: list[float] = field(default_factory=list)
    counted: list[float | None] = field(default_factory=list)
    estimated: list[float | None] = field(default_factory=list)
    sigma: list[float] = field(default_factory=list)


def errors(case: Case, days: float, every: float = 60.0, seed: int = 1) -> Errors:
    """Follow one site."""
    faults = [Fault(kind="sensor-offset", sensor="current", magnitude=case.offset)]
    simulator, watch = site(seed, faults), watches(["coulomb/kalman"])["coulomb/kalman"]
    found = Errors()
    for message in messages(simulator, days * _DAY, every):
        watch.give(message)
        if message.source != "rack":
            continue
        if message.time > _DAY and not case.full:
            schedule = simulator.plant.schedule
            schedule.low, schedule.high = 0.2, 0.8
        truth = simulator.plant.soc() * 100
        found.days.append(message.time / _DAY)
        found.counted.append(_off(watch.told.get("SOC_counted"), truth))
        found.estimated.append(_off(watch.told.get("SOC_estimate"), truth))
        sigma = watch.told.get("SOC_sigma")
        found.sigma.append(float(sigma) if isinstance(sigma, float) else 0.0)
    return found


def _off(value: object, truth: float) -> float | None:
    return value - truth if isinstance(value, int | float) else None


def summary(days: Sequence[float], off: Sequence[float | None]) -> str:
    """`1.2 (3.4)`: the mean and the largest error from the second day on."""
    known = [abs(o) for day, o in zip(days, off, strict=True) if day >= 1 and o is not None]
    return f"{sum(known) / len(known):.1f} ({max(known):.1f})" if known else "unknown"


def plot(found: dict[str, Errors], file: Path) -> None:
    """Errors over days, a panel each case."""
    import_module("matplotlib").use("svg")
    pyplot: Any = import_module("matplotlib.pyplot")
    pyplot.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "flowrt", "font.size": 9, "axes.grid": True}
    )
    figure, panels = pyplot.subplots(2, 2, figsize=(8, 4.6), sharex=True, sharey=True)
    for (what, one), axes in zip(found.items(), panels.flat, strict=True):
        step = slice(None, None, 15)
        axes.plot(one.days[step], one.counted[step], color="#9ca3af", label="counted")
        axes.plot(one.days[step], one.estimated[step], color="#2563eb", label="filter")
        axes.set_title(what, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0][0].legend(frameon=False)
    figure.supylabel("SOC less the truth, %")
    figure.supxlabel("days")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def main() -> None:
    """Print the table, draw the plot."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=float, default=6.0)
    parser.add_argument("--plot", type=Path, help="file of the plot")
    given = parser.parse_args()
    print("| site | `analysis/coulomb` | `analysis/kalman` |\n|---|---|---|", flush=True)
    found = {}
    for case in CASES:
        one = found[case.what] = errors(case, given.days)
        counted, estimated = summary(one.days, one.counted), summary(one.days, one.estimated)
        print(f"| {case.what} | {counted} | {estimated} |", flush=True)
    if given.plot:
        plot(found, given.plot)


if __name__ == "__main__":
    main()
