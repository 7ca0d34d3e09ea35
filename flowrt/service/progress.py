"""Tells which flows go on no more, though nothing outside keeps them from it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from flowrt.running.inbox import Inbox

if TYPE_CHECKING:
    from flowrt.running.engine import Engine
    from flowrt.running.live import RunningFlow

__all__ = ["PATIENCE", "Progress"]

PATIENCE: Final = 30.0
"""Seconds for which a full queue may stand still before its flow counts as stuck."""

_Seen: TypeAlias = tuple[object, float]
"""What a sink was writing, and since when it was seen to."""


class Progress:
    """Looks at flows from time to time.

    A flow is stuck where the task of a node has ended by what supervision cannot mend, or where
    sources wait for a full queue whose node says that all is well, but takes nothing. A broker
    that is away is no such thing: its node says so, and waiting is right.
    """

    def __init__(
        self,
        engine: Engine,
        patience: float = PATIENCE,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._now = now
        self._seen: dict[tuple[str, str], _Seen] = {}

    def stuck(self) -> dict[str, str]:
        """Flow -> why it goes on no more."""
        reasons = {
            name: "; ".join(found)
            for name, flow in self._engine.flows.items()
            if (found := [*_broken(flow), *self._standing(flow)])
        }
        there = {(name, id) for name, flow in self._engine.flows.items() for id in flow.inboxes}
        self._seen = {key: seen for key, seen in self._seen.items() if key in there}
        return reasons

    def _standing(self, flow: RunningFlow) -> Iterator[str]:
        """The nodes that hold up their sources."""
        for id, inbox in flow.inboxes.items():
            writing, since = self._seen.get((flow.name, id), (None, 0.0))
            now = self._now()
            if not _holds_up(inbox) or inbox.in_flight is not writing or writing is None:
                self._seen[flow.name, id] = (inbox.in_flight, now)
            elif now - since >= self._patience and _is_well(flow, inbox):
                yield (
                    f"{id} has taken nothing for {now - since:.0f} s, its queue is full, "
                    "and sources wait for it"
                )


def _broken(flow: RunningFlow) -> Iterator[str]:
    for id in flow.broken():
        yield f"the task of {id} has ended"


def _holds_up(inbox: Inbox) -> bool:
    return any(wire.policy == "block" and len(wire) > wire.capacity for _, wire in inbox.wires)


def _is_well(flow: RunningFlow, inbox: Inbox) -> bool:
    steps = (inbox.step, *flow.circuit.resources.values())
    return all(step.state[1] for step in steps)
