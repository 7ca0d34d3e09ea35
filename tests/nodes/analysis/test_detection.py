"""Faults put into a simulated site are found in time; a sound one raises nothing.

A little of what `python -m tests.bench.detection` measures for docs/analysis.md.
"""

from __future__ import annotations

import pytest

from nodes.bess.plant.faults import Fault
from tests.support.detection import DETECTORS, messages, site, watches

BEGIN = 172 + 15 / 24
"""Three in the afternoon: charging slowly, resting from four, discharging from half past five."""


def raised(faults: list[Fault], names: list[str], seconds: float, every: float) -> dict[str, float]:
    """When each of some detectors first told, in seconds."""
    watching = watches(names)
    for message in messages(site(1, faults, day=BEGIN, start_soc=30), seconds, every):
        for watch in watching.values():
            watch.give(message)
    return {name: watch.raised[0][0] for name, watch in watching.items() if watch.raised}


@pytest.mark.parametrize(
    ("fault", "detector", "within"),
    [
        (Fault(kind="hot-cell", at=60, module=3, magnitude=3000), "runaway", 10),
        (Fault(kind="contactor-welded", at=60), "contactor", 5),
        (Fault(kind="contactor-not-closing", at=60), "contactor", 5),
        (Fault(kind="insulation", at=60, magnitude=100), "insulation", 8),
        (Fault(kind="high-resistance", at=60, module=3, magnitude=60), "spread", 15),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else None,
)
def test_what_is_dangerous_is_found_at_once(fault: Fault, detector: str, within: float) -> None:
    found = raised([fault], [detector], 60 + 2 * within, every=1.0)
    assert 60 <= found[detector] <= 60 + within


def test_a_warm_cell_is_found_by_its_siblings_within_the_hour() -> None:
    found = raised([Fault(kind="hot-cell", at=60, module=3, magnitude=80)], ["runaway"], 1200, 10)
    assert found["runaway"] < 900


def test_a_sound_evening_raises_nothing() -> None:
    names = [name for name in DETECTORS if name not in ("anomaly", "trend")]  # these learn for days
    assert raised([], names, 3 * 3600, every=60.0) == {}
