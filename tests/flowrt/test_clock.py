"""Virtual time: order of timers, and coroutines that sleep in it."""

from __future__ import annotations

import asyncio

from flowrt.clock import RealClock, VirtualClock


def test_timers_fire_in_order_of_time_then_of_making() -> None:
    clock, fired = VirtualClock(), list[str]()
    clock.after(2, lambda: fired.append("c"))
    clock.after(1, lambda: fired.append("a"))
    clock.after(1, lambda: fired.append("b"))
    clock.advance(2)
    assert fired == ["a", "b", "c"]


def test_a_timer_sees_its_own_time() -> None:
    clock, seen = VirtualClock(10.0), list[float]()
    clock.after(1.5, lambda: seen.append(clock.now()))
    clock.advance(100.0)
    assert (seen, clock.now()) == ([11.5], 100.0)


def test_a_cancelled_timer_does_not_fire() -> None:
    clock, fired = VirtualClock(), list[int]()
    clock.after(1, lambda: fired.append(1)).cancel()
    clock.advance(2)
    assert fired == []


def test_a_timer_set_by_a_timer_fires_on_the_way() -> None:
    clock, seen = VirtualClock(), list[float]()

    def again() -> None:
        clock.after(1, lambda: seen.append(clock.now()))

    clock.after(1, again)
    clock.advance(5)
    assert seen == [2.0]


def test_the_clock_never_goes_back() -> None:
    clock = VirtualClock(10.0)
    clock.advance(5.0)
    assert clock.now() == 10.0


def test_sleepers_run_at_each_stop() -> None:
    async def scenario() -> list[tuple[str, float]]:
        clock, log = VirtualClock(), list[tuple[str, float]]()

        async def tick(name: str, every: float) -> None:
            while True:
                log.append((name, clock.now()))
                await clock.sleep(every)

        tasks = []
        for name, every in (("a", 2.0), ("b", 3.0)):
            clock.runner_started()
            tasks.append(asyncio.create_task(tick(name, every)))
        await clock.run_to(6.0)
        for task in tasks:
            task.cancel()
        return log

    ticks = [("a", 0.0), ("b", 0.0), ("a", 2.0), ("b", 3.0), ("a", 4.0), ("b", 6.0), ("a", 6.0)]
    assert asyncio.run(scenario()) == ticks


def test_the_real_clock_fires_after_the_delay() -> None:
    async def scenario() -> float:
        clock, fired = RealClock(), asyncio.Event()
        begun = asyncio.get_running_loop().time()
        clock.after(0.02, fired.set)
        await fired.wait()
        return asyncio.get_running_loop().time() - begun

    assert 0.015 <= asyncio.run(scenario()) < 1.0
