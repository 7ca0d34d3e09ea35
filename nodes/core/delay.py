"""Pass messages on later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowrt.node import Duration, Example, Message, Signals, Transform, node, setting
from nodes.core.held import Held


@node("core/delay", icon="clock-pause")
class Delay(Transform):
    """Pass each message on after a while, in the order in which they came.

    The while counts from the message's own time, so one that comes late waits less. What waits
    outlives a restart, and a wire may lead back to an earlier node through a delay.
    """

    delays = True

    by: Duration = setting("How long each message waits.")
    capacity: int = setting(
        "Most messages waiting; what comes on top is dropped and counted.",
        default=10_000,
        minimum=1,
        advanced=True,
    )

    examples = (
        Example(
            "Half a second later",
            settings={"by": "500 ms"},
            given=[Signals(0.0, "State", {"SOC": 55.0}), Signals(0.2, "State", {"SOC": 54.9})],
            expect=[Signals(0.0, "State", {"SOC": 55.0}), Signals(0.2, "State", {"SOC": 54.9})],
            until=0.7,
        ),
    )

    def __post_init__(self) -> None:
        self._held = Held(self, self.by)
        self._last_due = float("-inf")

    def problems(self) -> Iterator[tuple[str, str]]:
        """A delay of nothing would make a cycle endless."""
        if self.by <= 0:
            yield "by", 'must be more than 0 s, such as "500 ms".'

    def summary(self) -> str:
        """How long."""
        return f"{self.by:g} s"

    async def start(self) -> None:
        """Go on with what a restart left waiting."""
        self._held.arm()

    async def stop(self) -> None:
        """Let time stand still."""
        self._held.disarm()

    def on_message(self, message: Message) -> list[Message]:
        """Hold it; what is due already leaves at once."""
        if len(self._held) >= self.capacity:
            self.context.drop(f"more than {self.capacity} messages waiting", 1)
            return []
        now = self.clock.now()
        due = min(now, message.time) + self.by  # in this order a time of NaN counts as now
        due = max(due, self._last_due) if len(self._held) else due
        if due <= now:
            return [*self._held.take_due(now), message]
        self._last_due = due
        self._held.add(due, message)
        return []

    def finish(self) -> list[Message]:
        """Everything that still waits."""
        return self._held.take_all()

    def snapshot(self) -> dict[str, Any]:
        """What waits."""
        return {"held": self._held.snapshot()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Let it wait on."""
        held = saved.get("held", [])
        self._held.restore(held)
        self._last_due = max((due for due, _ in held), default=self._last_due)
