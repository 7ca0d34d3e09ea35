"""One clock for everything that waits: the machine's, or a virtual one that never sleeps.

Time is POSIX seconds, as on the messages. Delays are counted by a clock that does not step, so a
corrected wall clock neither fires nor starves a timer.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from typing import Protocol

__all__ = ["Clock", "RealClock", "Timer", "VirtualClock"]


class Timer(Protocol):
    """A pending call; `cancel` may be called at any time, more than once."""

    def cancel(self) -> None:
        """Make the call not happen."""


class Clock(Protocol):
    """What a node may know of time."""

    def now(self) -> float:
        """POSIX seconds, as messages are stamped; may step where the wall clock is set."""

    def steady(self) -> float:
        """Seconds that never step, for how long something takes; in virtual time the same."""

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once when `seconds` have passed."""

    async def sleep(self, seconds: float) -> None:
        """Wait; in virtual time this takes none."""


class RealClock:
    """The machine's clock; timers are the running event loop's.

    `wall` may be set at any time, by decades after a boot without battery; timers do not mind.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self.now = wall
        self.steady = time.monotonic

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once when `seconds` have passed on the loop's steady clock."""
        return asyncio.get_running_loop().call_later(max(0.0, seconds), call)

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop's steady clock."""
        await asyncio.sleep(seconds)


class _VirtualTimer:
    __slots__ = ("call",)

    def __init__(self, call: Callable[[], None]) -> None:
        self.call: Callable[[], None] | None = call

    def cancel(self) -> None:
        self.call = None


class VirtualClock:
    """A clock that stands still until it is told to go on; timers fire in order on the way."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._timers: list[tuple[float, int, _VirtualTimer]] = []
        self._order = itertools.count()
        self._awake = 0

    def now(self) -> float:
        """Where the clock stands."""
        return self._now

    def steady(self) -> float:
        """The same: a virtual clock does not step."""
        return self._now

    def after(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call once when the clock has gone on by `seconds`."""
        timer = _VirtualTimer(call)
        due = self._now + max(0.0, seconds)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer

    def next_due(self) -> float | None:
        """When the next timer fires, if one is pending."""
        while self._timers and self._timers[0][2].call is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def advance(self, to: float) -> None:
        """Go on to `to`, firing what is due by then; never goes back."""
        while (due := self.next_due()) is not None and due <= to:
            self.fire_next()
        self._now = max(self._now, to)

    def fire_next(self) -> None:
        """Go on to the next timer and fire it."""
        due, _, timer = heapq.heappop(self._timers)
        self._now = max(self._now, due)
        call, timer.call = timer.call, None
        if call is not None:
            call()

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has gone on by `seconds`."""
        woken = asyncio.get_running_loop().create_future()
        self.after(seconds, lambda: self._wake(woken))
        self._awake -= 1
        await woken

    def _wake(self, sleeper: asyncio.Future[None]) -> None:
        if not sleeper.done():
            self._awake += 1
            sleeper.set_result(None)

    def runner_started(self) -> None:
        """A coroutine that uses `sleep` has been started; it is awake until it sleeps."""
        self._awake += 1

    def runner_ended(self) -> None:
        """Such a coroutine has ended."""
        self._awake -= 1

    async def settle(self) -> None:
        """Let every woken coroutine run until it sleeps again or ends."""
        while self._awake > 0:  # noqa: ASYNC110  no time passes: sleepers run in the loop's order
            await asyncio.sleep(0)

    async def run_to(self, to: float) -> None:
        """Go on to `to`, letting sleepers run at each stop on the way."""
        await self.settle()
        while (due := self.next_due()) is not None and due <= to:
            self.fire_next()
            await self.settle()
        self.advance(to)
