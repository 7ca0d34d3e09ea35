"""A flow over the frames of one site as they come, which may be killed at any moment."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

import msgspec
import orjson

from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.replay import Replay
from flowrt.sites.progress import Reached, load, reopened, save

__all__ = ["Shard"]

Feed: TypeAlias = Callable[[Sequence[Frame]], Awaitable[None]]
_SAVE_EVERY: Final = 8
"""Batches between checkpoints; as many are done again after a kill."""


class Shard:
    """Takes numbered batches; its record, its nodes' state and the number stand in one checkpoint.

    Time is that of the frames, so what comes out does not depend on when a batch is taken, nor on
    how often it was begun anew.
    """

    def __init__(self, flow: str, site: str, folder: str) -> None:
        name = quote(site, safe=" ")
        self._checkpoint = Path(folder) / f"{name}.checkpoint"
        self._reached = load(self._checkpoint)
        self._number = self._reached.offset
        self._file = reopened(Path(folder) / f"{name}.jsonl", self._reached)
        self._tag = b'{"site":' + orjson.dumps(site) + b","
        self._replay = Replay(
            read_flow(Path(flow)), self._write, states=self._reached.states, finish=False
        )
        self._standing = _Standing(self._replay)

    def offset(self) -> int:
        """The number of the last batch that is safe."""
        return self._reached.offset

    def take(self, number: int, packed: bytes) -> int:
        """Take a batch, unless it was taken before; gives the number of the last safe one."""
        if number > self._number:
            frames = msgspec.msgpack.decode(packed, type=list[Frame])
            if frames:
                self._standing.feed(frames)
            self._number = number
            if number - self._reached.offset >= _SAVE_EVERY:
                self.save()
        return self._reached.offset

    def _write(self, line: bytes) -> None:
        self._file.write(self._tag + line[1:] + b"\n")

    def save(self) -> int:
        """Make safe what was taken; gives the number of the last batch."""
        self._file.flush()
        self._reached = Reached(self._number, self._file.tell(), self._replay.snapshot())
        save(self._checkpoint, self._reached)
        return self._number

    def facts(self) -> dict[str, Any]:
        """How many frames it was fed, and how much it recorded, since it was last begun."""
        summary = self._replay.summary
        return {"frames": summary.frames, "recorded": dict(summary.recorded)}

    def close(self) -> None:
        """Make safe, and let go of everything."""
        self.save()
        self._standing.close()
        self._file.close()


class _Standing:
    """A replay that waits for more, with an event loop of its own.

    It is no part of Shard, as Ray runs all methods of a class with coroutines in a loop of its own.
    """

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._feed: Feed | None = None

    def feed(self, frames: list[Frame]) -> None:
        """Let the flow take frames."""
        self._runner.run(self._take(frames))

    async def _take(self, frames: list[Frame]) -> None:
        if self._feed is None:
            standing = self._replay.standing(frames[0].time)
            feed: Feed = await self._stack.enter_async_context(standing)
            self._feed = feed
        await self._feed(frames)

    def close(self) -> None:
        """Let the flow stop."""
        self._runner.run(self._stack.aclose())
        self._runner.close()
