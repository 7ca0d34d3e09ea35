"""Looking at an output by a budget."""

from __future__ import annotations

from flowrt.message import Event, Frame, Signals
from flowrt.running.sampler import Sampler
from flowrt.running.step import Outlet


def readings(numbers: range, sources: int = 1) -> list[Signals]:
    return [Signals(float(n), f"s{n % sources}", {"n": n}) for n in numbers]


def times(sampler: Sampler) -> list[float]:
    return [message.time for message in sampler.newest.values()]


class Watch:
    """A watch that is set by hand."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_the_newest_of_each_source_is_kept() -> None:
    sampler = Sampler(Watch())
    sampler.push(readings(range(10), sources=3))
    assert (sampler.count, sampler.skipped, times(sampler)) == (10, 0, [7, 8, 9])


def test_frames_and_events_have_sources_too() -> None:
    sampler = Sampler(Watch())
    sampler.push([Frame(0, "can0", 1, b""), Frame(1, "can0", 2, b""), Frame(2, "can0", 1, b"")])
    sampler.push([Event(3, "a", "x"), Event(4, "a", "y"), Event(5, "a", "x")])
    assert times(sampler) == [1, 2, 4, 5]


def test_what_is_beyond_the_budget_is_only_counted() -> None:
    watch = Watch()
    sampler = Sampler(watch)
    sampler.push(readings(range(150)))
    sampler.push(readings(range(150, 300)))
    sampler.push(readings(range(300, 400)))
    assert (sampler.count, sampler.skipped, times(sampler)) == (400, 200, [299])
    watch.seconds = 0.1
    sampler.push(readings(range(400, 401)))
    assert (sampler.skipped, times(sampler)) == (200, [400])


def test_sources_beyond_two_hundred_give_way() -> None:
    watch = Watch()
    sampler = Sampler(watch)
    for start in range(0, 400, 100):
        watch.seconds += 1
        sampler.push(readings(range(start, start + 100), sources=1000))
    assert (len(sampler.newest), sampler.skipped, times(sampler)[0]) == (200, 200, 200)


def test_it_hangs_in_one_outlet_at_a_time() -> None:
    first, second, sampler = Outlet("out"), Outlet("out"), Sampler(Watch())
    sampler.hang(first)
    sampler.hang(first)
    first.push(readings(range(1)))
    sampler.hang(second)
    first.push(readings(range(1, 2)))
    second.push(readings(range(2, 3)))
    assert (sampler.count, first.targets) == (2, [])
    sampler.hang(None)
    assert second.targets == []
