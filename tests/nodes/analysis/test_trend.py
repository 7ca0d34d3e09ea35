"""A slow signal's slope, and when it meets its limit."""

from __future__ import annotations

import json
import random

import pytest

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.analysis.trend import Trend


def follow(
    trend: Trend, slope: float, hours: int, noise: float = 0.0, start: float = 1000
) -> Stand:
    numbers, stand = random.Random(1), Stand(trend)
    for minute in range(0, 60 * hours, 5):
        value = start + slope * minute / 60 + numbers.gauss(0, noise)
        stand.give(Signals(60.0 * minute, "guard", {"R": value}))
    return stand


def test_the_slope_is_found_through_noise() -> None:
    stand = follow(Trend(signal="R", below=100.0), slope=-20, hours=24, noise=20)
    last = next(m for _, m in reversed(stand.out) if isinstance(m, Signals))
    assert last.values["R_slope"] == pytest.approx(-20, abs=2)
    assert last.values["R_hours"] == pytest.approx(21, abs=3)


@pytest.mark.parametrize("slope", [0.0, 20.0, -0.5])
def test_a_limit_that_is_far_is_no_warning(slope: float) -> None:
    stand = follow(Trend(signal="R", below=100.0), slope=slope, hours=48)
    assert [m for _, m in stand.out if isinstance(m, Event)] == []


def test_a_limit_above_is_met_by_what_grows() -> None:
    stand = follow(Trend(signal="R", above=2000.0, ahead=86400.0), slope=30, hours=24)
    assert [m.state for _, m in stand.out if isinstance(m, Event)] == ["raised"]


def test_memory_is_bounded_and_a_restart_goes_on() -> None:
    stand = follow(Trend(signal="R", below=100.0), slope=-20, hours=100, start=5000)
    saved = json.dumps(stand.step.node.snapshot())
    assert len(saved) < 5000
    other = Stand(Trend(signal="R", below=100.0))
    other.step.node.restore(json.loads(saved))
    other.give(Signals(400_000.0, "guard", {"R": 2778.0}))
    last = next(m for _, m in other.out if isinstance(m, Signals))
    assert last.values["R_slope"] == pytest.approx(-20, abs=1)
