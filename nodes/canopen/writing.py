"""Which values are to be written to objects, and when: changed, within limits, not too often."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from flowrt.node import Node, Timer, Value
from nodes.canopen.objects import Resolved

__all__ = ["Writing"]


class Writing:
    """Values that wait to be written, the newest of each object; `due` is called after a fall-back.

    `at_most_every`, `refresh_every` and `stale_after` are seconds, the last two None for never.
    """

    def __init__(
        self,
        node: Node,
        at_most_every: float,
        refresh_every: float | None,
        stale_after: float | None,
        due: Callable[[], None],
    ) -> None:
        self._node = node
        self._at_most_every = at_most_every
        self._refresh_every = refresh_every
        self._stale_after = stale_after
        self._due = due
        self._waiting: dict[str, tuple[Resolved, Value]] = {}
        self._sent: dict[str, tuple[float, Value]] = {}
        """When an object was written last, on the steady clock, and with what."""
        self._stale: dict[str, Timer] = {}

    def offer(self, row: Resolved, value: Value) -> None:
        """Take a value up, unless it is no news or comes too soon."""
        self._watch(row)
        if not isinstance(value, str) and value is not None and value == value:
            wanted = row.limited(value)
            if wanted != value:
                self._node.context.drop("clamped to the limits", 1)
            value = wanted
        if self._is_due(row.name, value):
            self._waiting[row.name] = row, value

    def _is_due(self, name: str, value: Value) -> bool:
        now = self._node.clock.steady()
        when, last = self._sent.get(name, (-math.inf, None))
        again = self._refresh_every is not None and now - when >= self._refresh_every
        if value == last and not again:
            return False
        if now - when < self._at_most_every:
            self._node.context.drop("sooner than at_most_every", 1)
            return False
        return True

    def take(self) -> tuple[Resolved, Value] | None:
        """The one that has waited longest."""
        return self._waiting.pop(next(iter(self._waiting))) if self._waiting else None

    def done(self, row: Resolved, value: Value) -> None:
        """The node has taken it."""
        self._sent[row.name] = (self._node.clock.steady(), value)
        if isinstance(value, int | float):
            self._node.context.written(row.name, float(value))

    def give_up(self) -> None:
        """The node is silent: what waits is lost, and counted."""
        if self._waiting:
            self._node.context.drop("not written", len(self._waiting))
            self._waiting.clear()

    # --- fail-safe

    def _watch(self, row: Resolved) -> None:
        """The reading has come: count its silence anew."""
        if self._stale_after is None or row.row.fail_safe is None:
            return
        if timer := self._stale.pop(row.name, None):
            timer.cancel()
        self._stale[row.name] = self._node.clock.after(
            self._stale_after, partial(self._fall_back, row)
        )

    def _fall_back(self, row: Resolved) -> None:
        self._node.log.warning("%s is stale, writing its fail-safe %s", row.name, row.row.fail_safe)
        self._waiting[row.name] = row, row.row.fail_safe
        self._due()

    def stop(self) -> None:
        """Forget everything."""
        for timer in self._stale.values():
            timer.cancel()
        self._stale.clear()
        self._sent.clear()
        self._waiting.clear()
