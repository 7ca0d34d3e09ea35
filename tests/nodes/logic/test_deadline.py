"""One timer for many things that fall due."""

from __future__ import annotations

from flowrt.example import Stand
from flowrt.message import Signals
from flowrt.node import Transform, node
from nodes.logic.deadline import Deadline


@node("logic/none")
class Nothing(Transform):
    """Gives nothing."""

    def on_message(self, message: Signals) -> None: ...


def stand_with_deadline(start: float = 0.0) -> tuple[Stand, Deadline, list[float]]:
    stand, told = Stand(Nothing(), start), list[float]()

    def elapse(due: float) -> list[Signals]:
        told.append(due)
        return []

    return stand, Deadline(stand.step.node, elapse), told


def test_the_earliest_wins_and_there_is_one_timer() -> None:
    stand, deadline, told = stand_with_deadline()
    for due in (9.0, 5.0, 7.0):
        deadline.set(due, 0.0)
    assert len(stand.step.timers) == 1
    stand.run_to(20.0)
    assert told == [5.0]


def test_a_message_of_that_time_is_not_overtaken_by_the_timer() -> None:
    stand, deadline, told = stand_with_deadline()
    deadline.set(5.0, 0.0)
    assert deadline.catch_up(4.9) == []
    deadline.catch_up(5.0)
    stand.run_to(20.0)
    assert told == [5.0]


def test_a_batch_ahead_of_the_clock_does_not_cut_a_wait_short() -> None:
    stand, deadline, told = stand_with_deadline(start=0.0)
    deadline.set(105.0, now=100.0)
    stand.run_to(104.9)
    assert told == []
    stand.run_to(105.0)
    assert told == [105.0]


def test_a_source_whose_clock_lags_waits_as_long() -> None:
    stand, deadline, told = stand_with_deadline(start=1000.0)
    deadline.set(15.0, now=10.0)
    stand.run_to(1004.9)
    assert told == []
    stand.run_to(1005.0)
    assert told == [15.0]


def test_a_clock_set_back_makes_void_what_was_due() -> None:
    _, deadline, _ = stand_with_deadline(start=1000.0)
    assert not deadline.set_back(1000.0)
    deadline.set(1005.0, 1000.0)
    assert not deadline.set_back(999.5)
    assert deadline.set_back(10.0)
    assert deadline.due is None
