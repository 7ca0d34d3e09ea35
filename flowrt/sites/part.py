"""A part of a replay of many logs: those of one site, or one of them with some to warm up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from flowrt.columns import FrameTable
from flowrt.flow.file import read_flow
from flowrt.replay import Replay, read_tables
from flowrt.sites.progress import Reached, load, reopened, save

__all__ = ["Part", "replay_part"]


@dataclass(frozen=True, slots=True)
class Part:
    """What one worker does in one go.

    State is carried from log to log. `warm_up` are all logs before them: the last `seconds` of
    these are replayed first, and what comes out then is not recorded. `last` says that nothing
    follows, so open windows are given out.
    """

    flow: Path
    site: str
    logs: tuple[Path, ...]
    record: Path
    last: bool = True
    warm_up: tuple[Path, ...] = ()
    seconds: float = 0.0
    tagged: bool = False
    """Whether each record line names the site."""

    @property
    def checkpoint(self) -> Path:
        """Where it is said how far the part has come."""
        return self.record.with_suffix(".checkpoint")


def replay_part(part: Part) -> dict[str, Any]:
    """Replay a part from where it was left; gives the facts of its summary."""
    reached = load(part.checkpoint)
    with reopened(part.record, reached) as file:
        work = _Work(part, reached, file)
        facts = asyncio.run(work.run())
    return summed([*reached.facts, facts])


class _Work:
    """One worker's go at a part."""

    def __init__(self, part: Part, reached: Reached, file: BinaryIO) -> None:
        self._part, self._reached, self._file = part, reached, file
        self._muted = bool(part.warm_up)
        self._tag = b'{"site":' + orjson.dumps(part.site) + b"," if part.tagged else b"{"
        self._replay = Replay(
            read_flow(part.flow), self._write, states=reached.states, finish=part.last
        )

    async def run(self) -> dict[str, Any]:
        """Replay what is left."""
        summary = await self._replay.run_tables(self._tables())
        return summary.as_dict()

    def _write(self, line: bytes) -> None:
        if not self._muted:
            self._file.write(self._tag + line[1:] + b"\n")

    def _tables(self) -> Iterator[FrameTable]:
        """The logs one after another; between two of them it is written down how far we are."""
        part, replay = self._part, self._replay
        if part.warm_up:
            yield from self._warming()
            replay.forget()
            self._muted = False
        for index, log in enumerate(part.logs[self._reached.offset :], self._reached.offset + 1):
            yield from read_tables(log, lambda sentence: replay.summary.tell(sentence))
            if index < len(part.logs):
                self._save(index)

    def _warming(self) -> Iterator[FrameTable]:
        """The last frames before the part's own, from as many logs as that takes."""
        begin = _start_of(self._part.logs[0]) - self._part.seconds
        logs: list[Path] = []
        for log in reversed(self._part.warm_up):
            logs.insert(0, log)
            if _start_of(log) <= begin:
                break
        for log in logs:
            for table in read_tables(log, _unheard):
                late = table.times >= begin
                if late.any():
                    yield table.rows(late)

    def _save(self, offset: int) -> None:
        facts = [*self._reached.facts, self._replay.summary.as_dict()]
        states = self._replay.snapshot()
        reached = Reached(offset, self._file.tell(), states, facts)
        save(self._part.checkpoint, reached, self._file)


def _start_of(log: Path) -> float:
    """The time of a log's first frame; -inf where it has none."""
    first = next(read_tables(log, _unheard), None)
    return float(first.times[0]) if first is not None and len(first) else -inf


def _unheard(_sentence: str) -> None:
    """A line that is no frame is told where it counts, not in a warm-up."""


def summed(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Facts of several goes as one: numbers are added, lists joined."""
    total: dict[str, Any] = {}
    for one in facts:
        for name, value in one.items():
            total[name] = _added(total[name], value) if name in total else value
    if total.get("seconds"):
        total["frames_per_second"] = round(total["frames"] / total["seconds"])
    return total


def _added(a: Any, b: Any) -> Any:
    if isinstance(a, dict):
        return {
            key: _added(a[key], b[key]) if key in a and key in b else a.get(key, b.get(key))
            for key in {**a, **b}
        }
    if isinstance(a, list):
        return [*a, *(item for item in b if item not in a)]
    return b if isinstance(a, str) else a + b
