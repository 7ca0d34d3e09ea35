"""A recorded CAN log through a flow, in place of its CAN sources, under a virtual clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

from flowrt.columns import FrameTable
from flowrt.errors import LogFileError, NodeFault
from flowrt.flow.check import Prepared, rehearsable
from flowrt.flow.file import Flow
from flowrt.message import Frame, Message, to_record
from flowrt.node import Source
from flowrt.registry import entry_points
from flowrt.running.rehearsal import Rehearsal

if TYPE_CHECKING:
    from flowrt.bulk.feeding import Bulk

__all__ = ["LOG_READERS_GROUP", "Replay", "Summary", "read_log", "read_tables", "record_line"]

LOG_READERS_GROUP = "flowrt.log_readers"
_FEW = 5
"""Lines that are no frames which are told in full."""


@dataclass
class Summary:
    """What a replay did. `recorded` counts record lines by node; times are seconds."""

    frames: int = 0
    fed: int = 0
    seconds: float = 0.0
    log_seconds: float = 0.0
    recorded: Counter[str] = field(default_factory=Counter)
    errors: dict[str, int] = field(default_factory=dict)
    drops: dict[str, dict[str, int]] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)
    unclaimed: int = 0
    malformed: int = 0
    first_malformed: list[str] = field(default_factory=list)
    """What is wrong with the first few lines that are no frames."""
    by: str = "frames"
    """How frames were fed: one by one ("frames"), or by "columns"."""

    def tell(self, sentence: str) -> None:
        """Count a line of a log that is no frame; the first few are kept."""
        self.malformed += 1
        if len(self.first_malformed) < _FEW:
            self.first_malformed.append(sentence)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        speed = self.frames / self.seconds if self.seconds else 0.0
        return {
            "frames": self.frames,
            "frames_fed": self.fed,
            "frames_unclaimed": self.unclaimed,
            "seconds": round(self.seconds, 6),
            "frames_per_second": round(speed),
            "log_seconds": self.log_seconds,
            "recorded": dict(self.recorded),
            "errors": self.errors,
            "drops": self.drops,
            "silent_sources": self.silent,
            "malformed_lines": self.malformed,
            "first_malformed": self.first_malformed,
            "by": self.by,
        }


def read_log(path: Path) -> Iterator[Frame]:
    """The frames of a recorded log, by whichever pack reads logs; raises LogFileError."""
    try:
        yield from _reader(path)(path)
    except (NodeFault, OSError) as error:
        raise LogFileError(str(error)) from error


def read_tables(path: Path, tell: Callable[[str], None]) -> Iterator[FrameTable]:
    """The frames of a recorded log by columns; raises LogFileError.

    `tell` takes a sentence for each line that is no frame.
    """
    try:
        yield from _reader(path).tables(path, tell)
    except (NodeFault, OSError) as error:
        raise LogFileError(str(error)) from error


def _reader(path: Path) -> Any:
    readers: list[EntryPoint] = entry_points(LOG_READERS_GROUP)
    if not readers:
        raise LogFileError(f"{path}: no installed pack reads logs.")
    return readers[0].load()


def record_line(node: str, port: str, message: Message) -> bytes:
    """One line of a record file, without its end."""
    return orjson.dumps({"node": node, "port": port, **to_record(message)})


class Replay:
    """Feeds a log to the CAN sources of a flow.

    `record` gets every record line; `pace` is how many times faster than the log, None for as
    fast as possible; `progress` is called with the frames so far. `states` are what the nodes
    remember from an earlier replay; without `finish` open windows are not given out at the end.
    `environment` fills in ${NAME}, that of the process where none is given.
    """

    def __init__(
        self,
        flow: Flow,
        record: Callable[[bytes], object],
        *,
        pace: float | None = None,
        progress: Callable[[int], None] = lambda _frames: None,
        states: Mapping[str, Any] | None = None,
        finish: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.prepared = rehearsable(flow, environment)
        self.summary = Summary()
        self.states: dict[str, Any] = {}
        """What the nodes remembered when the log had ended, by id, JSON-able."""
        self._write = record
        self.pace = pace
        self._progress = progress
        self._finish = finish
        self._rehearsal: Rehearsal | None = None
        self._restored = states or {}
        self._begun = self._start = self._last = 0.0
        self._feeds = _feeds(self.prepared)
        if not self._feeds:
            raise LogFileError(
                f"{flow.file}: has no source of CAN frames that a log could stand in for. "
                "Add a can/receive."
            )

    def snapshot(self) -> dict[str, Any]:
        """What the nodes remember now."""
        return self._rehearsal.snapshot() if self._rehearsal else dict(self._restored)

    def forget(self) -> None:
        """Count anew from here: what came before was to warm up."""
        self.summary = Summary(by=self.summary.by)
        self._start = self._last
        if self._rehearsal:
            self._rehearsal.count_anew()

    def _record(self, node: str, port: str, message: Message) -> None:
        self.summary.recorded[node] += 1
        self._write(record_line(node, port, message))

    async def run(self, frames: Iterable[Frame]) -> Summary:
        """Replay all frames one by one, then let every node give out what it holds."""
        iterator = iter(frames)
        first = next(iterator, None)
        if first is None:
            return self.summary
        async with self._rehearsed(first.time) as rehearsal:
            for frame in chain((first,), iterator):
                await self._pause(frame.time)
                await self._feed(rehearsal, frame)
                if not self.summary.frames % 1000:
                    self._progress(self.summary.frames)
        return self.summary

    async def run_tables(self, tables: Iterable[FrameTable]) -> Summary:
        """Replay all frames as fast as possible: by columns where the flow's nodes can."""
        from flowrt.bulk.feeding import Bulk  # late: numpy is an extra

        iterator = (table for table in tables if len(table))
        first = next(iterator, None)
        if first is None:
            self._refuse_if_no_log()
            return self.summary
        async with self._rehearsed(first.times.item(0)) as rehearsal:
            bulk = Bulk(rehearsal, self._feeds)
            self.summary.by = bulk.how
            for table in chain((first,), iterator):
                await self._feed_table(rehearsal, bulk, table)
                self._progress(self.summary.frames)
        return self.summary

    def _refuse_if_no_log(self) -> None:
        if self.summary.malformed:
            raise LogFileError(
                f"{self.summary.first_malformed[0]} No line is. Is this a log, and is its name's "
                "ending right?"
            )

    @asynccontextmanager
    async def standing(
        self, start: float
    ) -> AsyncIterator[Callable[[Sequence[Frame]], Awaitable[None]]]:
        """The flow from a moment on, as a coroutine that takes frames whenever some come.

        By columns where numpy is there: a batch of 500 frames costs a third of what it does singly.
        """
        async with self._rehearsed(start) as rehearsal:
            if find_spec("numpy") is None:

                async def feed(frames: Sequence[Frame]) -> None:
                    for frame in frames:
                        await self._feed(rehearsal, frame)

            else:
                from flowrt.bulk.feeding import Bulk

                bulk = Bulk(rehearsal, self._feeds)

                async def feed(frames: Sequence[Frame]) -> None:
                    await self._feed_table(rehearsal, bulk, FrameTable.of(frames))

            yield feed

    @asynccontextmanager
    async def _rehearsed(self, start: float) -> AsyncIterator[Rehearsal]:
        """The flow under a virtual clock; the summary is complete at the end."""
        self._begun, self._start, self._last = perf_counter(), start, start
        rehearsal = Rehearsal(self.prepared, self._record, start)
        for feed in self._feeds:
            rehearsal.silence(feed.id)
        rehearsal.restore(self._restored)
        self._rehearsal = rehearsal
        async with rehearsal:
            yield rehearsal
            self.states = rehearsal.snapshot()
            if self._finish:
                rehearsal.finish()
        self.summary.log_seconds = self._last - start
        self.summary.seconds = perf_counter() - self._begun
        self._collect(rehearsal)

    async def _pause(self, time: float) -> None:
        """Keep the pace."""
        if self.pace is not None:
            due = (time - self._start) / self.pace
            await asyncio.sleep(due - (perf_counter() - self._begun))

    async def _feed(self, rehearsal: Rehearsal, frame: Frame) -> None:
        summary = self.summary
        summary.frames += 1
        self._last = frame.time
        claimed = False
        for feed in self._feeds:
            if feed.admits(frame):
                claimed = True
                summary.fed += 1
                await rehearsal.give(feed.id, (frame,))
        summary.unclaimed += not claimed

    async def _feed_table(self, rehearsal: Rehearsal, bulk: Bulk, table: FrameTable) -> None:
        if not bulk.worthwhile():
            for frame in table.messages():
                await self._feed(rehearsal, frame)
            return
        fed, unclaimed = await bulk.feed(table)
        self.summary.frames += len(table)
        self.summary.fed += fed
        self.summary.unclaimed += unclaimed
        self._last = table.times.item(-1)

    def _collect(self, rehearsal: Rehearsal) -> None:
        fed = {feed.id for feed in self._feeds}
        for id, step in rehearsal.circuit.steps.items():
            if step.counters.errors:
                self.summary.errors[id] = step.counters.errors
            if step.counters.drops:
                self.summary.drops[id] = dict(step.counters.drops)
            if isinstance(step.node, Source) and step.node.external and id not in fed:
                self.summary.silent.append(id)


def _feeds(prepared: Prepared) -> list[Source]:
    """The sources that a log stands in for: those that bring frames from outside."""
    return [
        node
        for node in prepared.nodes.values()
        if isinstance(node, Source)
        and node.external
        and any("frame" in output.kinds for output in node.outputs)
    ]
