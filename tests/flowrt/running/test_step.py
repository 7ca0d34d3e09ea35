"""A node in its place: kinds filtered, batches survive errors, timers end with the node."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flowrt.example import Stand, drive
from flowrt.message import Event, Frame, Message, Signals
from flowrt.node import Input, NodeFault, Output, Result, Transform, node


@node("test/greedy")
class Greedy(Transform):
    """Takes whole batches, and chokes on some."""

    def on_message(self, message: Signals) -> Signals:
        return message

    def on_batch(self, batch: Sequence[Signals]) -> list[Signals]:
        if any("bad" in message.values for message in batch):
            raise NodeFault("bad batch")
        return list(batch)


@node("test/timed")
class Timed(Transform):
    """Answers a second later, twice, or fails to."""

    late = Output("Later.", carries="signals")
    reset = Input("Forget.", carries="event")

    delays = True

    def on_message(self, message: Signals) -> None:
        self._timer = self.clock.after(1.0, lambda: self._answer(message))

    def on_reset(self, _message: Event) -> None:
        self._timer.cancel()

    def _answer(self, message: Signals) -> None:
        if "bad" in message.values:
            raise NodeFault("no answer")
        self.context.send([self.late(message), message])


@node("test/chatty")
class Chatty(Transform):
    """Gives none, one or many."""

    def on_message(self, message: Signals) -> Result:
        count = message.values["n"]
        assert isinstance(count, int)
        return [message] * count if count != 1 else message


def reading(time: float = 0.0, **values: int) -> Signals:
    return Signals(time, "s", dict(values))


def test_a_batch_that_fails_is_lost_and_counted_whole() -> None:
    stand = Stand(Greedy())
    push = stand.step.inlet(0, frozenset({"signals"}))
    push([reading(n=1), reading(bad=1)])
    push([reading(n=2)])
    assert stand.out == [("out", reading(n=2))]
    assert (stand.step.counters.received, stand.step.counters.errors) == (3, 2)


def test_kinds_that_are_not_taken_are_dropped_and_counted() -> None:
    stand = Stand(Greedy())
    frame: Message = Frame(0.0, "", 1, b"")
    stand.give(frame, reading(n=1))
    assert stand.out == [("out", reading(n=1))]
    assert stand.step.counters.drops == {"kind not taken": 1}


@pytest.mark.parametrize("count", [0, 1, 3])
def test_none_one_or_many_leave(count: int) -> None:
    stand = drive(Chatty(), [reading(n=count)])
    assert (len(stand.out), stand.step.counters.sent) == (count, count)


def test_a_timer_sends_out_of_turn() -> None:
    stand = drive(Timed(), [reading(n=1)], until=2.0)
    assert stand.out == [("late", reading(n=1)), ("late", reading(n=1))]


def test_an_error_in_a_timer_is_the_nodes() -> None:
    stand = drive(Timed(), [reading(bad=1)], until=2.0)
    assert [str(fault) for fault in stand.faults] == ["no answer"]


def test_a_further_input_has_a_method_of_its_own() -> None:
    timed = Timed()
    stand = Stand(timed)
    stand.give(reading(n=1), Timed.reset(Event(0.5, "", "")))
    stand.run_to(5.0)
    assert stand.out == []


def test_timers_end_with_the_node() -> None:
    stand = drive(Timed(), [reading(n=1)])
    stand.step.cancel_timers()
    stand.run_to(5.0)
    assert (stand.out, len(stand.step.timers)) == ([], 0)


def test_time_is_only_that_of_the_nodes_own_code() -> None:
    stand = drive(Chatty(), [reading(n=1)] * 100)
    assert 0 < stand.step.counters.busy_ns < 50_000_000


@node("test/bell")
class Bell(Transform):
    """Sends a reading when it is pressed; `n` below 0 is too much for it."""

    n = 1

    def on_message(self, message: Signals) -> Signals:
        return message

    def on_button(self) -> None:
        if self.n < 0:
            raise ValueError("no bell")
        self.context.send(reading(n=self.n))


def test_a_button_that_fails_counts_as_an_error_and_is_told() -> None:
    bell = Bell()
    stand = Stand(bell)
    stand.step.press()
    bell.n, bell.id = -1, "bell"
    with pytest.raises(NodeFault, match=r"bell: no bell\."):
        stand.step.press()
    assert stand.out == [("out", reading(n=1))]
    assert ([str(error) for error in stand.faults], stand.step.counters.errors) == (["no bell"], 1)
    assert (Bell.has_button(), Greedy.has_button()) == (True, False)


@node("test/measured")
class Measured(Transform):
    """Measures how often it was asked, and fails at the second time."""

    asked = 0

    def on_message(self, message: Signals) -> Signals:
        return message

    def figures(self) -> dict[str, float]:
        self.asked += 1
        if self.asked == 2:
            raise NodeFault("nothing to measure with")
        return {"asked": float(self.asked)}


def test_figures_that_fail_are_reported_and_harm_nobody() -> None:
    stand = Stand(Measured())
    assert [stand.step.figures() for _ in range(3)] == [{"asked": 1.0}, {}, {"asked": 3.0}]
    assert stand.step.counters.errors == 1
