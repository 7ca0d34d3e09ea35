"""What an analysis takes from a message: numbers, all of them, of the source that is meant."""

from __future__ import annotations

import math

import pytest

from flowrt.example import Stand
from flowrt.message import Signals
from nodes.analysis.energy import Energy
from nodes.analysis.readings import MOST, Together

PAIR = {"PackVoltage": 50.0, "PackCurrent": 10}


@pytest.mark.parametrize(
    ("names", "source", "values", "found"),
    [
        (("PackVoltage", "PackCurrent"), "rack1", PAIR, [50.0, 10.0]),
        (("rack1.PackVoltage", "rack1.PackCurrent"), "rack1", PAIR, [50.0, 10.0]),
        (("rack1.PackVoltage", "PackCurrent"), "rack2", PAIR, None),
        (("rack*.PackVoltage",), "rack2", PAIR, [50.0]),
        (("PackVoltage", "PackCurrent"), "rack1", {**PAIR, "PackCurrent": None}, None),
        (("PackVoltage",), "rack1", {"PackVoltage": math.nan}, None),
        (("PackVoltage",), "rack1", {}, None),
    ],
)
def test_all_are_there_or_nothing_is(
    names: tuple[str, ...], source: str, values: dict[str, float], found: list[float] | None
) -> None:
    assert Together(*names)(Signals(1.0, source, dict(values))) == found


def test_a_message_without_a_time_is_not_read() -> None:
    assert Together("PackVoltage")(Signals(math.nan, "rack1", dict(PAIR))) is None


def test_one_source_too_many_is_counted_and_the_others_go_on() -> None:
    stand = Stand(Energy(capacity=100.0))
    for number in range(MOST + 2):
        stand.give(Signals(0.0, f"rack{number}", dict(PAIR)))
    stand.give(Signals(1.0, "rack0", dict(PAIR)))
    assert stand.step.counters.drops == {"too many sources": 2}
