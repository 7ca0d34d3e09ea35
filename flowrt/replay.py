"""A recorded CAN log through a flow, in place of its CAN sources, under a virtual clock."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson

from flowrt.check import Prepared, rehearsable
from flowrt.errors import LogFileError, NodeFault
from flowrt.flow import Flow
from flowrt.message import Frame, Message, to_record
from flowrt.node import Source
from flowrt.registry import entry_points
from flowrt.rehearsal import Rehearsal

__all__ = ["LOG_READERS_GROUP", "Replay", "Summary", "read_log", "record_line"]

LOG_READERS_GROUP = "flowrt.log_readers"


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
        }


def read_log(path: Path) -> Iterator[Frame]:
    """The frames of a recorded log, by whichever pack reads logs; raises LogFileError."""
    readers: list[EntryPoint] = entry_points(LOG_READERS_GROUP)
    if not readers:
        raise LogFileError(f"{path}: no installed pack reads logs.")
    try:
        yield from readers[0].load()(path)
    except (NodeFault, OSError) as error:
        raise LogFileError(str(error)) from error


def record_line(node: str, port: str, message: Message) -> bytes:
    """One line of a record file, without its end."""
    return orjson.dumps({"node": node, "port": port, **to_record(message)})


class Replay:
    """Feeds a log to the CAN sources of a flow.

    `record` gets every record line; `pace` is how many times faster than the log, None for as
    fast as possible; `progress` is called with the frames so far.
    """

    def __init__(
        self,
        flow: Flow,
        record: Callable[[bytes], object],
        *,
        pace: float | None = None,
        progress: Callable[[int], None] = lambda _frames: None,
    ) -> None:
        self.prepared = rehearsable(flow)
        self.summary = Summary()
        self._write = record
        self._pace = pace
        self._progress = progress
        self._feeds = _feeds(self.prepared)
        if not self._feeds:
            raise LogFileError(
                f"{flow.file}: has no source of CAN frames that a log could stand in for. "
                "Add a can/receive."
            )

    def _record(self, node: str, port: str, message: Message) -> None:
        self.summary.recorded[node] += 1
        self._write(record_line(node, port, message))

    async def run(self, frames: Iterable[Frame]) -> Summary:
        """Replay all frames, then let every node give out what it holds."""
        summary, begun = self.summary, perf_counter()
        iterator = iter(frames)
        first = next(iterator, None)
        if first is None:
            return summary
        rehearsal = Rehearsal(self.prepared, self._record, first.time)
        for feed in self._feeds:
            rehearsal.silence(feed.id)
        async with rehearsal:
            last = first
            await self._feed(rehearsal, first, begun, first.time)
            for last in iterator:
                await self._feed(rehearsal, last, begun, first.time)
            rehearsal.finish()
        summary.log_seconds = last.time - first.time
        summary.seconds = perf_counter() - begun
        self._collect(rehearsal)
        return summary

    async def _feed(self, rehearsal: Rehearsal, frame: Frame, begun: float, origin: float) -> None:
        summary = self.summary
        summary.frames += 1
        if self._pace is not None:
            await asyncio.sleep((frame.time - origin) / self._pace - (perf_counter() - begun))
        claimed = False
        for feed in self._feeds:
            if feed.admits(frame):
                claimed = True
                summary.fed += 1
                await rehearsal.give(feed.id, (frame,))
        summary.unclaimed += not claimed
        if not summary.frames % 1000:
            self._progress(summary.frames)

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
