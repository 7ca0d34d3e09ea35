"""Set-points that others command from outside: bounded, in order, and void when none comes.

What sources of set-points have in common, whatever protocol brings them: each command is sent on
and told for the audit log; one that has not come again in time lapses to its fail-safe.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, Protocol

from flowrt.clock import Clock, Timer
from flowrt.message import Event, Signals, Value

__all__ = ["Commandable", "Commands", "is_allowed", "limited", "row_problems"]

_MOST_WAITING: Final = 1000
"""Commands that may wait to be sent on."""


class Commandable(Protocol):
    """A row of a source's settings: one set-point, its limits, and what holds without one."""

    @property
    def name(self) -> str:
        """Name of the signal."""

    @property
    def minimum(self) -> float | None:
        """Least that may be asked for."""

    @property
    def maximum(self) -> float | None:
        """Most that may be asked for."""

    @property
    def fail_safe(self) -> float | None:
        """Holds where nobody commands."""


class _Context(Protocol):
    def drop(self, reason: str, count: int) -> None: ...

    def commanded(self, what: str, value: float | str, by: str = "") -> None: ...


class _Owner(Protocol):
    """What is needed of the source."""

    id: str
    context: Any

    @property
    def clock(self) -> Clock: ...


class Commands:
    """The commands of one source from start to stop, sent as the signals of `source`.

    `lapsed` addresses the event of one that has lapsed; `on_lapse` is told its row.
    """

    def __init__(
        self,
        owner: _Owner,
        source: str,
        rows: Sequence[Commandable],
        stale_after: float | None = None,
        *,
        lapsed: Callable[[Event], Any] | None = None,
        on_lapse: Callable[[Any], None] = lambda _row: None,
    ) -> None:
        self._owner = owner
        self._context: _Context = owner.context
        self._source = source
        self._rows = {row.name: row for row in rows}
        self._stale_after = stale_after
        self._address = lapsed
        self._on_lapse = on_lapse
        self._waiting: deque[Any] = deque()
        self._bell = asyncio.Event()
        self._timers: dict[str, Timer] = {}
        self._lapsed: set[str] = set()
        for row in rows:
            self._watch(row)

    def stop(self) -> None:
        """Let nothing lapse any more."""
        for timer in self._timers.values():
            timer.cancel()

    async def run(self, emit: Callable[[Any], Awaitable[None]]) -> None:
        """Send the fail-safes, then what is commanded, for ever."""
        await emit(self._fail_safes())
        while True:
            await self._bell.wait()
            self._bell.clear()
            while self._waiting:
                await emit(self._waiting.popleft())

    def take(self, values: Mapping[str, float], by: str = "") -> None:
        """Send on what was commanded in one go, by name; it is within its limits already."""
        for name, value in values.items():
            row = self._rows[name]
            self._watch(row)
            self._context.commanded(name, value, by)
            if name in self._lapsed:
                self._lapsed.discard(name)
                self._tell(row, "cleared", value, "commanded again")
        self._send(Signals(self._owner.clock.now(), self._source, dict(values)))

    def rest(self) -> None:
        """Send the fail-safes now, as whoever commands is gone."""
        self._send(self._fail_safes())

    def _fail_safes(self) -> Signals:
        values: dict[str, Value] = {name: row.fail_safe for name, row in self._rows.items()}
        return Signals(self._owner.clock.now(), self._source, values)

    def _send(self, message: Any) -> None:
        if len(self._waiting) >= _MOST_WAITING:
            self._waiting.popleft()
            self._context.drop("commanded faster than taken, oldest dropped", 1)
        self._waiting.append(message)
        self._bell.set()

    # --- lapsing

    def _watch(self, row: Commandable) -> None:
        if timer := self._timers.pop(row.name, None):
            timer.cancel()
        if self._stale_after is not None:
            call = partial(self._lapse, row, f"not commanded for {self._stale_after:g} s")
            self._timers[row.name] = self._owner.clock.after(self._stale_after, call)

    def _lapse(self, row: Commandable, why: str) -> None:
        self._lapsed.add(row.name)
        self._on_lapse(row)
        self._send(Signals(self._owner.clock.now(), self._source, {row.name: row.fail_safe}))
        resting = "not available" if row.fail_safe is None else row.fail_safe
        self._context.commanded(row.name, resting, "lapsed")
        self._tell(row, "raised", row.fail_safe, why)

    def _tell(self, row: Commandable, state: str, value: Value, text: str) -> None:
        if self._address is None:
            return
        source, now = f"{self._source}.{row.name}", self._owner.clock.now()
        event = Event(now, source, self._owner.id, state, "warning", value, text)
        self._send(self._address(event))


def limited(row: Commandable, value: float) -> float:
    """The nearest value that the row allows."""
    low = value if row.minimum is None else max(value, row.minimum)
    return low if row.maximum is None else min(low, row.maximum)


def is_allowed(row: Commandable, value: float) -> bool:
    """Whether a value is a number within the row's limits."""
    return math.isfinite(value) and limited(row, value) == value


def row_problems(setting: str, rows: Iterable[Commandable]) -> Iterator[tuple[str, str]]:
    """Names that stand twice, and fail-safes outside the row's own limits."""
    names: set[str] = set()
    for index, row in enumerate(rows):
        place = f"{setting}[{index}]"
        if row.name in names:
            yield f"{place}.name", f'"{row.name}" is there already. Rename one.'
        names.add(row.name)
        if row.fail_safe is not None and not is_allowed(row, row.fail_safe):
            yield f"{place}.fail_safe", f"{row.fail_safe:g} is outside the row's own limits."
