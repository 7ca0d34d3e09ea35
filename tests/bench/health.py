"""Health by capacity and by resistance while a simulated rack ages, a year a day.

    python -m tests.bench.health [--years 8]

prints the table of docs/analysis.md. The site is that of tests/support/detection.py, charged full
and emptied each day; only its ageing is 365 times as fast, by the calendar and by use.
"""

from __future__ import annotations

import argparse

from nodes.analysis.coulomb import Coulomb
from nodes.analysis.resistance import Resistance
from tests.support.detection import CAPACITY, Watch, messages, site

__all__ = ["Row", "rows"]

_DAY = 86_400.0
_NEW = 8 * 0.0012 / 4 * 1.14
"""Ohm when new, with what polarises in the 20 s between readings: 0.5 (1 - exp(-20 / 60))."""
Row = tuple[float, object, float, object]
"""Percent: true capacity, that measured; true resistance by that when new, health by it."""


def rows(years: int, every: float = 20.0, seed: int = 1) -> list[Row]:
    """A row for each year."""
    simulator = site(seed, ageing=365.0, start_soh=100)
    capacity = Coulomb(capacity=CAPACITY, tail=8.0, empty=3.08, longest_gap=60.0)
    resistance = Resistance(
        step=60.0, within=30.0, steps=3, new=_NEW, temperature="Temperature", worn=2.0
    )
    by_capacity, by_resistance = Watch("rack", capacity), Watch("rack", resistance)
    table: list[Row] = []
    health: object = None
    for _ in range(years):
        for message in messages(simulator, _DAY, every):
            by_capacity.give(message)
            by_resistance.give(message)
            health = by_resistance.told.get("SOH_resistance", health)
        cells = simulator.plant.cells
        usable = (cells.capacity * cells.health()).min(axis=1).sum() / CAPACITY
        grown = 1 + cells.growth.mean()
        measured = by_capacity.told.get("SOH_measured")
        table.append((float(usable) * 100, measured, float(grown) * 100, health))
    return table


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--years", type=int, default=8)
    given = parser.parse_args()
    print("| year | capacity | SOH_measured | resistance | SOH_resistance |\n|---|---|---|---|---|")
    for year, (usable, measured, grown, health) in enumerate(rows(given.years), start=1):
        print(f"| {year} | {usable:.1f} % | {measured} % | {grown:.0f} % | {health} % |")


if __name__ == "__main__":
    main()
