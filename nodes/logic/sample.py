"""Fewer messages."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from flowrt.node import Catalogue, Duration, Example, Signals, Transform, node, setting, state
from nodes.logic.deadline import Deadline
from nodes.logic.panes import boundary, pane_of
from nodes.logic.pick import MOST_SERIES
from nodes.logic.quantity import duration

if TYPE_CHECKING:
    from nodes.logic.columns.sample import FirstColumns, LastColumns

_GRACE: Final = 0.5
"""Seconds the clock waits for messages that are still under way when a slot has ended."""


@node("logic/sample", icon="timer")
class Sample(Transform):
    """Pass on at most one message of each source in each slot of `every`.

    Slots begin at whole multiples of `every` (UTC) and run on the messages' own time, so a source
    that sends each second with some jitter is not thinned by a slot of one second.
    """

    every: Duration = setting("Length of a slot.", default=1.0)
    take: Literal["first", "last"] = setting(
        "Which message of a slot: the first at once, or the last when the slot has ended.",
        default="first",
    )

    _done: dict[str, int] = state(factory=dict)
    _held: dict[str, list[Any]] = state(factory=dict)

    examples = (
        Example(
            "One reading each second, at once",
            settings={"every": "1 s"},
            given=[Signals(at, "State", {"SOC": 55}) for at in (0.0, 0.4, 0.9, 1.1, 1.9)],
            expect=[Signals(0.0, "State", {"SOC": 55}), Signals(1.1, "State", {"SOC": 55})],
        ),
        Example(
            "The newest reading of each minute",
            settings={"every": "1 min", "take": "last"},
            given=[Signals(at, "State", {"SOC": at}) for at in (0.0, 59.0, 61.0)],
            expect=[Signals(59.0, "State", {"SOC": 59.0}), Signals(61.0, "State", {"SOC": 61.0})],
            until=121.0,
        ),
    )

    def __post_init__(self) -> None:
        self.deadline = Deadline(self, self._elapse)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A slot needs a length."""
        if self.every < 0.001:
            yield "every", f"must be 1 ms or more, not {duration(self.every)}."

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """What comes, not faster than the slots."""
        slower = (replace(info, cycle=max(info.cycle or 0.0, self.every)) for info in incoming)
        return Catalogue(slower, open=incoming.open)

    def summary(self) -> str:
        """`first of each 1 s`."""
        return f"{self.take} of each {duration(self.every)}"

    def on_message(self, message: Signals) -> list[Signals]:
        """Pass on, hold, or drop."""
        source = message.source
        if not math.isfinite(message.time):
            self.context.drop("no time", 1)
            return []
        given = self.deadline.catch_up(message.time)
        if source not in self._done and source not in self._held and self._full():
            self.context.drop("too many sources", 1)
            return given
        slot = pane_of(message.time, self.every)
        # A slot earlier is a straggler; earlier still means that the clock has been set back.
        if self._done.get(source, slot - 1) - slot in (0, 1):
            return given
        return given + (
            self._hold(message, slot) if self.take == "last" else self._pass(message, slot)
        )

    def _full(self) -> bool:
        return len(self._done) + len(self._held) >= MOST_SERIES

    def _pass(self, message: Signals, slot: int) -> list[Signals]:
        self._done[message.source] = slot
        return [message]

    def _hold(self, message: Signals, slot: int) -> list[Signals]:
        """Hold the newest of a slot; the one before it leaves where it is of another slot."""
        source = message.source
        held = self._held.get(source)
        if held is not None and held[0] - slot == 1:
            return []
        given = self._give(source) if held is not None and held[0] != slot else []
        self._held[source] = [slot, message.time, message.values]
        self.deadline.set(self._end(slot), message.time)
        return given

    def _give(self, source: str) -> list[Signals]:
        slot, time, values = self._held.pop(source)
        self._done[source] = slot
        return [Signals(time, source, values)]

    def columns(self) -> FirstColumns | LastColumns:
        """Many messages at once."""
        from nodes.logic.columns.sample import FirstColumns, LastColumns

        if self.take == "first":
            return FirstColumns(self, self._done)
        return LastColumns(self, self._done, self._held)

    # --- the ends of slots

    def _end(self, slot: int) -> float:
        return boundary(slot + 1, self.every) + _GRACE

    def _elapse(self, now: float) -> list[Signals]:
        ended = [source for source, (slot, _, _) in self._held.items() if self._end(slot) <= now]
        given = [message for source in ended for message in self._give(source)]
        self._wait(now)
        return given

    def _wait(self, now: float) -> None:
        """Wait for the slot that ends next."""
        if self._held:
            self.deadline.set(min(self._end(slot) for slot, _, _ in self._held.values()), now)

    def finish(self) -> list[Signals]:
        """Give out what is held."""
        return [given for source in list(self._held) for given in self._give(source)]

    async def start(self) -> None:
        """Let the clock end the slots that are open."""
        self._rewait()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up what was held."""
        super().restore(saved)
        self._rewait()

    def _rewait(self) -> None:
        self.deadline.cancel()
        self._wait(self.clock.now())
