"""The alarms of a threshold, by source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from flowrt.node import Event, Transform, Value
from nodes.logic.deadline import Deadline
from nodes.logic.limit import Limit
from nodes.logic.pick import MOST_SERIES

__all__ = ["Alarms", "Excursion", "Say"]


@dataclass(slots=True)
class Excursion:
    """A source whose signal is, or is about to be, in alarm.

    `due` is when a pending change becomes one, in message time. `over` says that the condition
    has gone, while a latched alarm still waits to be acknowledged.
    """

    value: Value = None
    raised: bool = False
    due: float | None = None
    over: bool = False
    acknowledged: bool = False


Say: TypeAlias = Callable[[str, str, Value, float], Event]
"""Makes the event of a state, a source, a value and a time."""


class Alarms:
    """Raises and clears each source's alarm once an excursion; delayed, latched, acknowledged.

    Only sources that are in alarm, or about to be, are kept, in `open`.
    """

    def __init__(
        self, node: Transform, limit: Limit, say: Say, *, delays: tuple[float, float], latch: bool
    ) -> None:
        self.open: dict[str, Excursion] = {}
        self.deadline = Deadline(node, self._elapse)
        self._node = node
        self._limit = limit
        self._say = say
        self._on_delay, self._off_delay = delays
        self._latch = latch

    # --- readings

    def judge(self, source: str, value: Value, time: float) -> list[Event]:
        """What a reading changes; it is neither None nor NaN."""
        if self.deadline.due is not None and self.deadline.set_back(time):
            self._count_anew(time)
        excursion = self.open.get(source) or Excursion()
        turning = self._turning(excursion, value)
        excursion.value = value
        if turning and excursion.due is None:
            return self._begin(source, excursion, time)
        if not turning:
            self._rest(source, excursion)
        return []

    def _turning(self, excursion: Excursion, value: Value) -> bool:
        """Whether the reading speaks for a change of the alarm."""
        if not excursion.raised:
            return not self._limit.calm(value)
        if excursion.over:
            excursion.over = self._limit.calm(value)
            return False
        return self._limit.clears(value)

    def _rest(self, source: str, excursion: Excursion) -> None:
        """Forget a pending change, and an alarm that never was."""
        excursion.due = None
        if not excursion.raised:
            self.open.pop(source, None)

    def _begin(self, source: str, excursion: Excursion, time: float) -> list[Event]:
        """Start a delay, or change at once where there is none."""
        if source not in self.open and len(self.open) >= MOST_SERIES:
            self._node.context.drop("too many sources", 1)
            return []
        self.open[source] = excursion
        delay = self._delay(excursion)
        if not delay:
            return self._turn(source, time)
        excursion.due = time + delay
        self.deadline.set_back(time)
        self.deadline.set(excursion.due, time)
        return []

    def _delay(self, excursion: Excursion) -> float:
        return self._off_delay if excursion.raised else self._on_delay

    def _turn(self, source: str, time: float) -> list[Event]:
        """Raise what was not raised, clear what was; a latched one waits for somebody."""
        excursion = self.open[source]
        excursion.due = None
        if not excursion.raised:
            excursion.raised = True
            return [self._say("raised", source, excursion.value, time)]
        if self._latch and not excursion.acknowledged:
            excursion.over = True
            return []
        del self.open[source]
        return [self._say("cleared", source, excursion.value, time)]

    def acknowledge(self, source: str, time: float) -> list[Event]:
        """An operator has seen the alarm of a source: clear it where its condition has gone."""
        excursion = self.open[source]
        if not excursion.raised or excursion.acknowledged:
            return []
        if excursion.over:
            del self.open[source]
            return [self._say("cleared", source, excursion.value, time)]
        excursion.acknowledged = True
        return [self._say("acknowledged", source, excursion.value, time)]

    # --- delays

    def _elapse(self, now: float) -> list[Event]:
        """The changes whose delays have ended, each dated when it ended."""
        ended = [
            (excursion.due, source)
            for source, excursion in self.open.items()
            if excursion.due is not None and excursion.due <= now
        ]
        events = [event for due, source in sorted(ended) for event in self._turn(source, due)]
        self._wait(now)
        return events

    def _wait(self, now: float) -> None:
        """Wait for the delay that ends next."""
        pending = [excursion.due for excursion in self.open.values() if excursion.due is not None]
        if pending:
            self.deadline.set(min(pending), now)

    def _count_anew(self, now: float) -> None:
        """The clock was set back: no delay has more than its whole length to go."""
        for excursion in self.open.values():
            if excursion.due is not None:
                excursion.due = min(excursion.due, now + self._delay(excursion))
        self._wait(now)

    # --- state

    def saved(self) -> dict[str, Any]:
        """The alarms by source, JSON-able."""
        return {source: asdict(excursion) for source, excursion in self.open.items()}

    def take_up(self, saved: Mapping[str, Any]) -> None:
        """Go on with what was saved."""
        self.open.clear()
        self.open.update({source: Excursion(**fields) for source, fields in saved.items()})
        self.wait_on()

    def wait_on(self) -> None:
        """Wait where delays are pending, after a start."""
        self.deadline.cancel()
        self._wait(self._node.clock.now())
