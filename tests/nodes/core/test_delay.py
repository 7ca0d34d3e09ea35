"""core/delay."""

from __future__ import annotations

import math

from flowrt.example import Stand, drive
from flowrt.node import Frame, Message, Signals
from nodes.core.delay import Delay


def reading(time: float) -> Signals:
    return Signals(time, "s", {"n": 1})


def test_nothing_leaves_early() -> None:
    stand = drive(Delay(by=0.5), [reading(1.0)], until=1.499)
    assert stand.out == []


def test_leaves_when_its_time_has_come() -> None:
    stand = drive(Delay(by=0.5), [reading(1.0)], until=1.5)
    assert stand.out == [("out", reading(1.0))]


def test_kinds_keep_their_common_order() -> None:
    given: list[Message] = [reading(1.0), Frame(1.0, "can0", 1, b""), reading(1.0)]
    stand = drive(Delay(by=0.5), given, until=2.0)
    assert [message for _, message in stand.out] == given


def test_a_message_that_comes_late_waits_less() -> None:
    stand = Stand(Delay(by=2.0), start=10.0)
    stand.give(reading(9.0))
    stand.run_to(11.0)
    assert stand.out == [("out", reading(9.0))]


def test_an_old_message_does_not_overtake() -> None:
    stand = Stand(Delay(by=2.0), start=10.0)
    stand.give(reading(10.0), reading(1.0))
    assert stand.out == []
    stand.run_to(12.0)
    assert stand.out == [("out", reading(10.0)), ("out", reading(1.0))]


def test_nothing_overtakes_what_a_restart_left_waiting() -> None:
    before = drive(Delay(by=2.0), [reading(10.0)])
    stand = Stand(after := Delay(by=2.0), start=10.0)
    after.restore(before.step.node.snapshot())
    stand.give(reading(1.0))
    stand.run_to(12.0)
    assert stand.out == [("out", reading(10.0)), ("out", reading(1.0))]


def test_a_message_without_a_proper_time_waits_from_its_arrival() -> None:
    stand = Stand(node := Delay(by=1.0), start=10.0)
    for time in (math.nan, math.inf, 1e12):
        node.on_message(reading(time))
    stand.run_to(10.9)
    assert stand.out == []
    stand.run_to(11.0)
    assert len(stand.out) == 3


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    stand = drive(Delay(by=5.0, capacity=2), [reading(0.0), reading(1.0), reading(2.0)], until=9.0)
    assert [message.time for _, message in stand.out] == [0.0, 1.0]
    assert stand.step.counters.drops == {"more than 2 messages waiting": 1}


def test_the_end_of_a_recording_lets_everything_go() -> None:
    stand = drive(Delay(by=5.0), [reading(0.0), reading(1.0)])
    stand.step.finish()
    assert stand.out == [("out", reading(0.0)), ("out", reading(1.0))]
    stand.run_to(99.0)
    assert len(stand.out) == 2


def test_a_delay_of_nothing_is_a_problem() -> None:
    assert [place for place, _ in Delay(by=0.0).problems()] == ["by"]
