"""A flow over the frames of one site as they come, which may be killed at any moment."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, TypeAlias

import msgspec
import orjson

from flowrt.flow.check import rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.replay import Replay
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.outward import Outward
from flowrt.sites.post import Post
from flowrt.sites.progress import Reached, load, reopened, save
from flowrt.sites.seen import Seen
from flowrt.sites.split import part_of

__all__ = ["Shard"]

Feed: TypeAlias = Callable[[Sequence[Frame]], Awaitable[None]]
_PIECES: Final = msgspec.msgpack.Decoder(list[Piece])
_SAVE_EVERY: Final = 8
"""Batches between checkpoints; as many are done again after a kill."""


class Shard:
    """Takes numbered batches; its record, its nodes' state and the number stand in one checkpoint.

    Time is that of the frames, so what comes out does not depend on when a batch is taken, nor on
    how often it was begun anew.
    """

    def __init__(self, post: Post) -> None:
        self._post = post
        self._reached = load(post.checkpoint)
        self._number = self._reached.offset
        self._seen = Seen(self._reached.seen)
        self._again = 0
        self._file = reopened(post.record, self._reached)
        self._tag = b'{"site":' + orjson.dumps(post.site) + b","
        environment = {**os.environ, **post.environment}
        whole = rehearsable(read_flow(post.flow), environment)
        self._replay = Replay(
            part_of(whole, post.index, post.count, post.connect),
            self._write,
            states=self._reached.states,
            finish=False,
            environment=environment,
        )
        self._standing = _Standing(self._replay)
        self._outward: Outward | None = None
        if connected := set(post.connect) & set(self._replay.prepared.nodes):
            self._outward = Outward(post, self._replay.prepared, connected)
            self._outward.release(self._reached.size)

    def offset(self) -> int:
        """The number of the last batch that is safe."""
        return self._reached.offset

    def take(self, number: int, packed: bytes) -> int:
        """Take a batch, unless it was taken before; gives the number of the last safe one."""
        if number > self._number:
            if frames := self._new(_PIECES.decode(packed)):
                self._standing.feed(frames)
            self._number = number
            if number - self._reached.offset >= _SAVE_EVERY:
                self.save()
        return self._reached.offset

    def _new(self, pieces: Sequence[Piece]) -> list[Frame]:
        """The frames of the pieces that were not taken before."""
        frames: list[Frame] = []
        for piece in pieces:
            if self._seen.is_new(piece.identity):
                frames += piece.frames
            else:
                self._again += 1
        return frames

    def _write(self, line: bytes) -> None:
        self._file.write(self._tag + line[1:] + b"\n")

    def save(self) -> int:
        """Make safe what was taken; gives the number of the last batch."""
        states, seen = self._replay.snapshot(), self._seen.packed()
        self._reached = Reached(self._number, self._file.tell(), states, seen=seen)
        save(self._post.checkpoint, self._reached, self._file)
        if self._outward:
            self._outward.release(self._reached.size)
        return self._number

    def facts(self) -> dict[str, Any]:
        """How many frames it was fed, and how much it recorded, since it was last begun."""
        summary = self._replay.summary
        return {
            "frames": summary.frames,
            "pieces_again": self._again,
            "recorded": dict(summary.recorded),
            **(self._outward.facts() if self._outward else {}),
        }

    def close(self) -> dict[str, Any]:
        """Make safe, and let go of everything; gives the facts."""
        self.save()
        self._standing.close()
        self._file.close()
        if self._outward:
            self._outward.close()
        return self.facts()


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
