"""A contactor that does what it is told, and one that does not."""

from __future__ import annotations

from typing import Any

from flowrt.example import Stand
from flowrt.message import Event, Signals
from nodes.analysis.contactor import Contactor


def stand(**settings: Any) -> Stand:
    return Stand(Contactor(command="Command", **settings))


def states(one: Stand) -> list[object]:
    return [m.values["ContactorState"] for _, m in one.out if isinstance(m, Signals)]


def alarms(one: Stand) -> list[str]:
    return [m.state for _, m in one.out if isinstance(m, Event)]


def test_equal_voltages_are_no_sign_of_welding() -> None:
    one = stand(inner="In", outer="Out", current="I")
    for second in range(10):
        one.give(Signals(second, "s", {"Command": 0, "In": 800.0, "Out": 800.0, "I": 0.1}))
    assert (states(one), alarms(one)) == (["open"], [])


def test_a_sensor_that_is_silent_speaks_for_nothing() -> None:
    one = stand(feedback="Contact", current="I")
    one.give(Signals(0, "s", {"Command": 1, "Contact": None}), Signals(9, "s", {"Command": 1}))
    assert states(one) == ["closed"]


def test_a_welded_one_that_is_told_to_close_is_closed() -> None:
    one = stand(feedback="Contact")
    for second, command in enumerate((1, 0, 0, 0, 0, 1)):
        one.give(Signals(second, "s", {"Command": command, "Contact": 1}))
    assert states(one) == ["closed", "opening", "welded", "closed"]
    assert alarms(one) == ["raised", "cleared"]


def test_problems_are_told() -> None:
    assert [place for place, _ in Contactor(command="C").problems()] == ["feedback"]
    assert [place for place, _ in Contactor(command="C", inner="V").problems()] == [
        "feedback", "outer",
    ]  # fmt: skip
