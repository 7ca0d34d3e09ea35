"""Feeds chunks of frames to a rehearsed flow by columns."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np

from flowrt.bulk.plan import Lane, Plan, plan_of
from flowrt.bulk.singly import AnyTable, Singly
from flowrt.bulk.skimmed import NEVER, Skimmed
from flowrt.columns import Array, FrameTable, Passed, Table, ascends
from flowrt.message import Message
from flowrt.node import Source
from flowrt.running.rehearsal import Rehearsal
from flowrt.running.step import Push, Step

__all__ = ["Bulk", "Feeding"]

_BUSY: Final = 0.1
"""Part of the rows that matter from which on looking for them costs more than it saves."""
_RELIEF: Final = 7
"""Chunks that are then fed frame by frame, before columns are tried again."""


class Feeding:
    """Runs chunk after chunk; between chunks the nodes' state is as if all came one by one."""

    def __init__(self, rehearsal: Rehearsal, plan: Plan) -> None:
        self._rehearsal = rehearsal
        self._clock = rehearsal.clock
        self._plan = plan
        steps = rehearsal.circuit.steps
        self._skimmed = {id: Skimmed(steps[id], skim) for id, skim in plan.skimming.items()}
        self._singly = Singly()
        self._actors: list[Skimmed | Singly] = [*self._skimmed.values(), self._singly]
        self._arrived: dict[str, list[tuple[Any, Push]]] = {}
        self._alone: list[tuple[AnyTable, Push]] = []
        self._times: Array = np.zeros(0)
        self._ascending = True
        self._row = -1
        self._key = 0
        self.shown = 0
        """Rows that mattered to a node in the last chunk."""
        self._guard_inlets()

    def _guard_inlets(self) -> None:
        """Bring a skimmed node up to date before anything else than a row reaches it."""
        graph, steps = self._rehearsal.circuit.graph, self._rehearsal.circuit.steps
        for id, step in steps.items():
            for output, outlet in enumerate(step.outlets):
                edges = [edge for edge in graph.outgoing(id) if edge.output == output]
                for index, edge in enumerate(edges):
                    if edge.target in self._skimmed and edge not in self._plan.edges:
                        push = partial(self._reach, edge.target, outlet.targets[index])
                        outlet.targets[index] = push

    def _reach(self, id: str, push: Push, batch: Sequence[Message]) -> None:
        skimmed = self._skimmed[id]
        skimmed.absorb(self._key)
        push(batch)
        skimmed.look()

    # --- a chunk

    async def feed(self, frames: FrameTable, claims: Sequence[tuple[str, Array | None]]) -> None:
        """Feed frames that some source claims; `claims` has a mask of them for each source."""
        self._arrived = {id: [] for id in (*self._plan.passing, *self._skimmed)}
        self._alone = []
        self._times = frames.times
        self._ascending = ascends(self._times)
        self._row, self._key, self.shown = -1, 0, 0
        for id, mask in claims:
            claimed = frames.keyed(self._keys(len(frames), self._plan.feeds[id]))
            if mask is not None:
                claimed = claimed.rows(mask)
            self._send(id, [claimed])
        for id in self._plan.passing:
            self._pass(id)
        for id, skimmed in self._skimmed.items():
            skimmed.load(self._arrived[id], self._key_at)
        self._singly.load(self._alone)
        await self._play()

    def _keys(self, count: int, place: int) -> Array:
        """Keys of all rows at a place."""
        places = self._plan.places
        return np.arange(place, place + count * places, places, dtype=np.int64)

    def _send(self, id: str, tables: Sequence[AnyTable]) -> None:
        """Let tables leave a node by its first output."""
        step = self._rehearsal.circuit.steps[id]
        count = sum(map(len, tables))
        step.counters.sent += count
        step.outlets[0].sent += count
        for lane in self._plan.lanes[id]:
            placed = [(self._placed(table, lane), lane.push) for table in tables if len(table)]
            if lane.target is None:
                self._alone += placed
            else:
                self._arrived[lane.target] += placed

    def _placed(self, table: AnyTable, lane: Lane) -> AnyTable:
        """A table whose keys say the place of a lane."""
        keys = partial(self._moved, table, lane)
        return table.keyed(keys) if isinstance(table, Table) else table.keyed(keys())

    def _moved(self, table: AnyTable, lane: Lane) -> Array:
        ways = list(lane.places.items())
        if len(ways) == 1:
            by: Any = ways[0][1] - ways[0][0]
        else:
            moves = np.zeros(self._plan.places, np.int64)
            for before, own in ways:
                moves[before] = own - before
            by = moves[table.keys % self._plan.places]
        moved: Array = table.keys + by
        return moved

    def _pass(self, id: str) -> None:
        """Let what has come to a node pass through it."""
        arrived = self._arrived[id]
        if not arrived:
            return
        step = self._rehearsal.circuit.steps[id]
        tables = [table for table, _ in arrived]
        step.counters.received += sum(map(len, tables))
        try:
            passed = self._plan.passing[id].pass_on(tables)
        except Exception as error:  # noqa: BLE001  a node's error is counted, never the flow's end
            step.counters.errors += sum(map(len, tables)) - 1
            step.fault(error, None)
            return
        self._send(id, passed.tables)
        self._refuse(step, arrived[0][1], passed)

    def _refuse(self, step: Step, push: Push, passed: Passed) -> None:
        """Count what a node does not pass on, where nobody wants to see it."""
        wanted = any(outlet.targets for outlet in step.outlets[1:])
        for reason, frames in passed.refused:
            if reason and not wanted:
                step.drop(reason, len(frames))
                step.counters.sent += len(frames)
            else:
                step.counters.received -= len(frames)
                self._alone.append((frames, push))

    # --- in order of time

    async def _play(self) -> None:
        """Show rows and fire timers in their order, until the chunk has ended."""
        places, actors = self._plan.places, self._actors
        while True:
            actor = min(actors, key=_next)
            key = actor.next
            row = self._next_timer()
            if row * places <= key and row < len(self._times):
                await self._fire(row)
                continue
            if key == NEVER:
                break
            self._go_to(key)
            if actor is not self._singly:
                self.shown += 1
            actor.show()
            if actor is self._singly and self._ascending:
                self._show_on()
        self._key = NEVER
        for skimmed in self._skimmed.values():
            skimmed.absorb(NEVER)
        if len(self._times) and self._row < len(self._times) - 1:
            self._clock.advance(float(self._latest(len(self._times) - 1)))

    def _show_on(self) -> None:
        """Show more rows that are seen one by one, as long as nothing else is due before them.

        What is done between two rows is most of what such a row costs.
        """
        singly, clock, places = self._singly, self._clock, self._plan.places
        others, times = list(self._skimmed.values()), self._times
        while (key := singly.next) != NEVER:
            for other in others:
                if other.next < key:
                    return
            row = key // places
            if row > self._row:
                time = times.item(row)
                due = clock.next_due()
                if due is not None and due <= time:
                    return
                self._row = row
                clock.advance(time)
            self._key = key
            singly.show()

    def _key_at(self, time: float) -> int | None:
        """The key from which on rows are at or after a time; None where times go back."""
        if not self._ascending:
            return None
        row = int(self._times.searchsorted(time, "left"))
        return row * self._plan.places if row < len(self._times) else NEVER

    def _next_timer(self) -> int:
        """The row that makes the next timer fire; their number where none does."""
        due = self._clock.next_due()
        if due is None:
            return len(self._times)
        begin = self._row + 1
        if self._ascending:
            return max(begin, int(self._times.searchsorted(due, "left")))
        later = self._times[begin:] >= due
        return begin + int(later.argmax()) if later.any() else len(self._times)

    async def _fire(self, row: int) -> None:
        """Let the clock go on to a row, timers and sleeping sources with it."""
        self._row, self._key = row, row * self._plan.places
        for skimmed in self._skimmed.values():
            skimmed.absorb(self._key)
        await self._rehearsal.run_to(float(self._times[row]))
        for skimmed in self._skimmed.values():
            skimmed.look()

    def _go_to(self, key: int) -> None:
        """Let the clock go on to the row of a key; no timer is due by then."""
        self._key = key
        row = key // self._plan.places
        if row > self._row:
            latest = self._latest(row)
            self._row = row
            self._clock.advance(latest)

    def _latest(self, row: int) -> float:
        """The time that the clock has reached with a row."""
        if self._ascending:
            return float(self._times[row])
        return float(self._times[self._row + 1 : row + 1].max())


def _next(actor: Skimmed | Singly) -> int:
    return actor.next


class Bulk:
    """Frames into the sources of a rehearsed flow by columns, as long as that is worth it."""

    def __init__(self, rehearsal: Rehearsal, feeds: Sequence[Source]) -> None:
        self._feeds = feeds
        plan = plan_of(rehearsal, feeds)
        self._feeding = Feeding(rehearsal, plan) if plan else None
        self._patience = 0

    @property
    def how(self) -> str:
        """`columns`, or `frames` where nothing would be gained."""
        return "columns" if self._feeding else "frames"

    def worthwhile(self) -> bool:
        """Whether the next chunk should be fed here; asked once for each."""
        self._patience -= 1
        return self._feeding is not None and self._patience < 0

    async def feed(self, frames: FrameTable) -> tuple[int, int]:
        """Feed a chunk; gives how many frames were fed, and how many no source takes."""
        assert self._feeding is not None
        masks = [(feed.id, feed.admits_rows(frames)) for feed in self._feeds]
        some = [mask for _, mask in masks if mask is not None]
        claimed = np.ones(len(frames), bool)
        if len(some) == len(masks):
            claimed = np.logical_or.reduce(some)
            frames = frames.rows(claimed)
            masks = [(id, None if mask is None else mask[claimed]) for id, mask in masks]
        fed = sum(len(frames) if mask is None else int(mask.sum()) for _, mask in masks)
        await self._feeding.feed(frames, masks)
        if self._feeding.shown > _BUSY * len(frames):
            self._patience = _RELIEF
        return fed, int(len(claimed) - claimed.sum())
