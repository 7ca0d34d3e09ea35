"""A recorded log played into a flow."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from flowrt.node import Emit, Example, Frame, NodeFault, Output, Source, node, setting, state
from nodes.can.logs import read

_AT_ONCE = 256
"""Frames read from the file in one go, in a thread."""


@node("can/log-reader", icon="player-play")
class LogReader(Source):
    """Play a recorded log at its own pace, stamped with the time at which each frame leaves.

    A restart goes on with the frame that comes next; a log that has ended begins anew.
    """

    resumes = True

    file: Path = setting("The log.", file=".asc .blf .log .mf4 .trc .csv")
    speed: float = setting("How many times as fast.", default=1.0, exclusiveMinimum=0)
    repeat: bool = setting("Begin anew when it ends.", default=False)

    out = Output("Frames of the log.", carries="frame")

    _played: list[Any] = state(factory=list)
    """The log, and how many of its frames have left."""

    examples = (Example("A drive, ten times as fast", settings={"file": "drive.blf", "speed": 10}),)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A log that is not there."""
        if not self.file.is_file():
            yield "file", f"{self.file} is no file. Name a recorded log."

    def summary(self) -> str:
        """The log and the pace."""
        return f"{self.file.name}, {self.speed:g} times as fast"

    async def run(self, emit: Emit) -> None:
        """Play, once or for ever."""
        await self._play(emit)
        while self.repeat:
            await self._play(emit)

    async def _play(self, emit: Emit) -> None:
        done = self._done()
        frames = islice(read(self.file), done, None)
        begun, start = self.clock.now(), self.clock.steady()
        first: float | None = None
        while batch := await asyncio.to_thread(lambda: list(islice(frames, _AT_ONCE))):
            for frame in batch:
                first = frame.time if first is None else first
                due = (frame.time - first) / self.speed
                if (rest := start + due - self.clock.steady()) > 0:
                    await self.clock.sleep(rest)
                done += 1
                self._played = [str(self.file), done]
                await emit(_stamped(frame, begun + due))
        self._played = []
        if not done:
            raise NodeFault(f"{self.file} holds no frame")
        self.context.status("ended", True)

    def _done(self) -> int:
        """How many frames of this very log were played before a restart."""
        log, count = self._played or ("", 0)
        return int(count) if log == str(self.file) else 0


def _stamped(frame: Frame, time: float) -> Frame:
    return Frame(
        time,
        frame.channel,
        frame.id,
        frame.data,
        frame.extended,
        frame.fd,
        frame.bitrate_switch,
        frame.remote,
        frame.error,
    )
