"""core/rate-limit."""

from __future__ import annotations

from flowrt.example import Stand, drive
from flowrt.node import Frame, Signals
from nodes.core.rate_limit import RateLimit


def reading(time: float, source: str = "s") -> Signals:
    return Signals(time, source, {"n": 1})


def times(stand: Stand) -> list[float]:
    return [message.time for _, message in stand.out]


def test_no_window_ever_holds_more_than_the_limit() -> None:
    stand = drive(RateLimit(limit=3, per=1.0), [reading(step / 10) for step in range(25)])
    assert times(stand) == [0.0, 0.1, 0.2, 1.0, 1.1, 1.2, 2.0, 2.1, 2.2]
    assert stand.step.counters.drops == {"more than 3 in 1 s": 16}


def test_sources_are_counted_apart_when_told_to() -> None:
    given = [reading(0.0, "a"), reading(0.1, "b"), reading(0.2, "a")]
    stand = drive(RateLimit(limit=1, count_by="source"), given)
    assert stand.out == [("out", given[0]), ("out", given[1])]


def test_the_source_of_a_frame_is_its_channel_and_id() -> None:
    given = [Frame(0.0, "can0", 1, b""), Frame(0.1, "can0", 2, b""), Frame(0.2, "can0", 1, b"")]
    stand = drive(RateLimit(limit=1, count_by="source"), given)
    assert stand.out == [("out", given[0]), ("out", given[1])]


def test_an_older_message_counts_with_the_one_before() -> None:
    stand = Stand(RateLimit(limit=2), start=10.0)
    stand.give(reading(10.0), reading(5.0), reading(4.0))
    assert times(stand) == [10.0, 5.0]


def test_a_message_from_the_future_does_not_close_the_gate() -> None:
    stand = Stand(node := RateLimit(limit=1), start=10.0)
    passed = [node.on_message(reading(time)) is not None for time in (1e12, 10.0, 10.5, 11.0)]
    assert passed == [True, True, False, True]
    assert stand.step.counters.drops == {"more than 1 in 1 s": 1}


def test_spreading_leaves_even_gaps() -> None:
    node = RateLimit(limit=2, per=1.0, excess="spread")
    stand = drive(node, [reading(0.0), reading(0.01), reading(0.02)])
    left = []
    for tick in range(12):
        stand.run_to(0.02 + tick / 10)
        left.append(len(stand.out))
    assert left == [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]


def test_spreading_has_a_bound() -> None:
    node = RateLimit(limit=1, excess="spread", capacity=2)
    stand = drive(node, [reading(time / 10) for time in range(5)], until=9.0)
    assert times(stand) == [0.0, 0.1, 0.2]
    assert stand.step.counters.drops == {"more than 2 messages waiting": 2}


def test_the_end_of_a_recording_lets_everything_go() -> None:
    stand = drive(RateLimit(limit=1, excess="spread"), [reading(0.0), reading(0.1)])
    stand.step.finish()
    assert times(stand) == [0.0, 0.1]


def test_forgets_the_oldest_of_very_many_sources() -> None:
    stand = drive(node := RateLimit(limit=1, count_by="source"), [])
    for number in range(10_001):
        node.on_message(reading(0.0, str(number)))
    assert len(node.snapshot()["passed"]) == 10_000
    assert stand.step.counters.drops == {}
