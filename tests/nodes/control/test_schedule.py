"""Hours of the day, and the meter."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import datetime

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from nodes.control.schedule import Schedule
from nodes.control.timetable import Hours, power_at

NIGHT = Hours(begin="22:00", end="06:00", power=30, days=["fri"])
NOON = Hours(begin="12:00", end="13:30", power=-20)


@pytest.mark.parametrize(
    ("moment", "power"),
    [
        ("2026-06-12T21:59", 0),  # a Friday
        ("2026-06-12T22:00", 30),
        ("2026-06-13T05:59", 30),
        ("2026-06-13T06:00", 0),
        ("2026-06-13T22:00", 0),
        ("2026-06-13T13:29", -20),
        ("2026-06-13T13:30", 0),
    ],
)
def test_hours(moment: str, power: float) -> None:
    assert power_at([NIGHT, NOON], datetime.fromisoformat(moment)) == power


def asked(schedule: Schedule, soc: float | None, **meter: float) -> object:
    stand = Stand(schedule)
    if soc is not None:
        stand.give(Signals(0.1, "bms", {"SOC": soc}))
    stand.give(Signals(0.2, "meter", dict(meter)))
    stand.run_to(1)
    message = stand.out[0][1]
    return message.values["Power"] if isinstance(message, Signals) else None


def shaving(*hours: Hours) -> Schedule:
    return Schedule(
        hours=list(hours),
        grid="Import",
        own="Own",
        peak=100.0,
        valley=40.0,
        power=50.0,
        stale_after=5.0,
    )


@pytest.mark.parametrize(
    ("soc", "meter", "power"),
    [
        (60, {"Import": 130.0, "Own": 0.0}, -30),
        (60, {"Import": 100.0, "Own": -30.0}, -30),  # it holds what it has reached
        (60, {"Import": 40.0, "Own": 15.0}, 15),
        (60, {"Import": 300.0, "Own": 0.0}, -50),
        (10, {"Import": 130.0, "Own": 0.0}, 0),
        (95, {"Import": 0.0, "Own": 0.0}, 0),
        (None, {"Import": 130.0, "Own": 0.0}, 0),
        (60, {"Import": 130.0}, 0),
    ],
)
def test_the_load_is_kept_between_valley_and_peak(
    soc: float | None, meter: dict[str, float], power: float
) -> None:
    assert asked(shaving(), soc, **meter) == power


def test_charging_by_the_hour_makes_no_peak() -> None:
    always = Hours(begin="00:00", end="24:00", power=50)
    assert asked(shaving(always), 60, Import=80.0, Own=0.0) == 20


def test_problems_are_told() -> None:
    wrong = Schedule(power=1.0, peak=1.0, valley=2.0, low=9.0, high=8.0, timezone="Mars/Olympus")
    assert [place for place, _ in wrong.problems()] == [
        "timezone", "low", "grid", "valley", "stale_after",
    ]  # fmt: skip


@pytest.fixture
def no_zones_of_the_machine() -> Iterator[None]:
    """A small image brings no time zones."""
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath()


@pytest.mark.usefixtures("no_zones_of_the_machine")
def test_a_time_zone_is_known_without_those_of_the_machine() -> None:
    schedule = Schedule(power=1.0, grid="Import", timezone="Europe/Berlin")
    assert "timezone" not in [place for place, _ in schedule.problems()]
