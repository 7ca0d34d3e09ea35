"""Let no more than so many messages through."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from flowrt.node import (
    Duration,
    Event,
    Example,
    Frame,
    Message,
    Result,
    Signals,
    Transform,
    node,
    setting,
)
from nodes.core.held import Held

Key: TypeAlias = str | tuple[str | int, ...]

_MOST_KEYS: Final = 10_000
"""Sources told apart; the one seen first is forgotten when there are more."""


@node("core/rate-limit", icon="gauge")
class RateLimit(Transform):
    """Let at most `limit` messages through in any `per`; drop the rest, or spread them out.

    Dropping goes by the messages' own time. Spreading leaves `per` / `limit` between two
    messages, by the clock, and what waits outlives a restart.
    """

    limit: int = setting("Most messages let through.", minimum=1)
    per: Duration = setting("Length of time in which they are counted.", default=1.0)
    count_by: Literal["all", "source"] = setting(
        "Count all messages together, or each source (CAN id, event) by itself.", default="all"
    )
    excess: Literal["drop", "spread"] = setting(
        "What becomes of the others: dropped and counted, or sent later.", default="drop"
    )
    capacity: int = setting(
        "Most messages waiting to be sent later; what comes on top is dropped and counted.",
        default=1000,
        minimum=1,
        advanced=True,
    )

    examples = (
        Example(
            "One a second",
            settings={"limit": 1},
            given=[Signals(time, "State", {"SOC": 55.0}) for time in (0.0, 0.4, 0.9, 1.1)],
            expect=[Signals(0.0, "State", {"SOC": 55.0}), Signals(1.1, "State", {"SOC": 55.0})],
        ),
        Example(
            "A burst, spread out",
            settings={"limit": 2, "excess": "spread"},
            given=[Signals(0.0, "State", {"SOC": soc}) for soc in (55.0, 54.0, 53.0)],
            expect=[Signals(0.0, "State", {"SOC": soc}) for soc in (55.0, 54.0, 53.0)],
            until=1.0,
        ),
    )

    def __post_init__(self) -> None:
        self._gap = self.per / self.limit
        self._held = Held(self, self._gap)
        self._passed: dict[Key, deque[float]] = {}
        """When the last messages of a key went, at most `limit` of them; the last one only
        where they are spread."""

    def problems(self) -> Iterator[tuple[str, str]]:
        """A rate needs a length of time."""
        if self.per <= 0:
            yield "per", 'must be more than 0 s, such as "1 s".'

    def summary(self) -> str:
        """The rate."""
        return f"{self.limit} per {self.per:g} s"

    async def start(self) -> None:
        """Go on with what a restart left waiting."""
        self._held.arm()

    async def stop(self) -> None:
        """Let time stand still."""
        self._held.disarm()

    def on_message(self, message: Message) -> Result:
        """Through, away, or later."""
        key = "" if self.count_by == "all" else _key(message)
        passed = self._passed.get(key)
        if passed is None:
            passed = self._first_of(key)
        if self.excess == "spread":
            return self._spread(message, passed)
        if self._admits(message.time, passed):
            return message
        self.context.drop(f"more than {self.limit} in {self.per:g} s", 1)
        return None

    def _first_of(self, key: Key) -> deque[float]:
        if len(self._passed) >= _MOST_KEYS:
            del self._passed[next(iter(self._passed))]
        kept = 1 if self.excess == "spread" else self.limit
        passed = self._passed[key] = deque(maxlen=kept)
        return passed

    def _admits(self, time: float, passed: deque[float]) -> bool:
        if not passed or time < passed[-1] or math.isnan(time):
            time = self._orderly(time, passed)
        if len(passed) == self.limit and time - passed[0] < self.per:
            return False
        passed.append(time)
        return True

    def _orderly(self, time: float, passed: deque[float]) -> float:
        """A time to count by, for a message that is older than the one before it, or undated.

        It counts with the one before, unless that was from the future: then counting begins
        anew, so that a clock that was set back does not close the gate for long.
        """
        now = self.clock.now()
        if passed and passed[-1] > now + self.per:
            passed.clear()
        latest = passed[-1] if passed else float("-inf")
        return max(latest, now if math.isnan(time) else time)

    def _spread(self, message: Message, passed: deque[float]) -> Result:
        now = self.clock.now()
        due = max(now, passed[-1] + self._gap) if passed else now
        if due <= now:
            passed.append(now)
            return [*self._held.take_due(now), message]
        if len(self._held) >= self.capacity:
            self.context.drop(f"more than {self.capacity} messages waiting", 1)
            return None
        passed.append(due)
        self._held.add(due, message)
        return None

    def finish(self) -> list[Message]:
        """Everything that still waits."""
        return self._held.take_all()

    def snapshot(self) -> dict[str, Any]:
        """What waits, and what went when."""
        return {
            "held": self._held.snapshot(),
            "passed": [[key, list(times)] for key, times in self._passed.items()],
        }

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Count on, and let wait on."""
        self._held.restore(saved.get("held", []))
        for key, times in saved.get("passed", []):
            self._first_of(tuple(key) if isinstance(key, list) else key).extend(times)


def _key(message: Message) -> Key:
    if isinstance(message, Signals):
        return message.source
    if isinstance(message, Frame):
        return ("frame", message.channel, message.id, int(message.extended))
    assert isinstance(message, Event)
    return ("event", message.source, message.name)
