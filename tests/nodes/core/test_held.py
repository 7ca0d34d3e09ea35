"""Messages that wait."""

from __future__ import annotations

from flowrt.example import Stand
from flowrt.node import Signals
from nodes.core.delay import Delay
from nodes.core.held import Held


def reading(time: float) -> Signals:
    return Signals(time, "s", {"n": time})


def test_the_earliest_leaves_first_whatever_came_first() -> None:
    stand = Stand(node := Delay(by=1.0))
    held = Held(node, longest=10.0)
    for due in (3.0, 1.0, 2.0):
        held.add(due, reading(due))
    stand.run_to(2.5)
    assert stand.out == [("out", reading(1.0)), ("out", reading(2.0))]
    assert len(held) == 1


def test_a_clock_set_back_holds_nothing_for_longer_than_the_longest_wait() -> None:
    stand = Stand(node := Delay(by=1.0))
    held = Held(node, longest=1.0)
    held.add(3600.0, reading(0.0))
    stand.run_to(1.0)
    assert stand.out == [("out", reading(0.0))]


def test_what_is_saved_waits_on_in_the_same_order() -> None:
    stand = Stand(node := Delay(by=1.0))
    before, after = Held(node, longest=9.0), Held(node, longest=9.0)
    for due, time in ((5.0, 1.0), (5.0, 2.0), (4.0, 3.0)):
        before.add(due, reading(time))
    after.restore(before.snapshot())
    before.take_all()
    after.arm()
    stand.run_to(6.0)
    assert stand.out == [("out", reading(3.0)), ("out", reading(1.0)), ("out", reading(2.0))]
