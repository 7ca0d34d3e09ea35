"""Frames before and after an event, at full rate, as a log."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import Duration, Event, Example, Frame, NodeFault, Sink, node, setting
from nodes.can.frames import message_of

if TYPE_CHECKING:
    import can

_KINDS: Final = (".asc", ".blf", ".log", ".trc")
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]+")


@node("can/recorder", icon="record")
class Recorder(Sink):
    """Keep the last frames in memory, and write them and those that follow when an event comes.

    Wire frames and alarms to it. An event that is raised, or happened, begins a record; one that
    comes while a record runs lengthens it. Each record is a file of its own, named by time and
    event; of more than `files` the oldest is removed. Memory is bounded by `most_frames`.
    """

    capacity = 50_000

    folder: Path = setting("Folder for the records.")
    before: Duration = setting("How much before the event.", default=30.0)
    after: Duration = setting("How much after it.", default=60.0)
    most_frames: int = setting(
        "Frames kept in memory; of more the oldest go, and are counted.",
        default=250_000,
        minimum=1,
        maximum=5_000_000,
    )
    files: int = setting("Records kept in the folder.", default=50, minimum=1)
    kind: str = setting("Kind of the logs.", default=".blf", enum=list(_KINDS))

    examples = (
        Example("Half a minute before and a minute after an alarm", settings={"folder": "records"}),
    )

    def __post_init__(self) -> None:
        self._ring: deque[Frame] = deque()
        self._writer: can.io.generic.MessageWriter | None = None
        self._until = 0.0
        self._path = self.folder

    def summary(self) -> str:
        """`30 s before, 60 s after, in records`."""
        return f"{self.before:g} s before, {self.after:g} s after, in {self.folder.name}"

    async def write(self, messages: Sequence[Frame | Event]) -> None:
        """Keep or record, in a thread, so that a slow disk holds nobody up."""
        await asyncio.to_thread(self._take, messages)

    def _take(self, messages: Sequence[Frame | Event]) -> None:
        try:
            for message in messages:
                if isinstance(message, Event):
                    self._trigger(message)
                elif self._writer is not None and message.time <= self._until:
                    self._writer.on_message_received(message_of(message))
                else:
                    self._finish()
                    self._keep(message)
        except OSError as error:
            self._writer = None
            raise NodeFault(f"{self._path} cannot be written: {error.strerror}") from error

    # --- before

    def _keep(self, frame: Frame) -> None:
        ring = self._ring
        ring.append(frame)
        oldest = frame.time - self.before
        while ring[0].time < oldest:
            ring.popleft()
        if len(ring) > self.most_frames:
            ring.popleft()
            self.context.drop("more frames than most_frames", 1)

    # --- the event, and after

    def _trigger(self, event: Event) -> None:
        if event.state not in ("raised", "happened"):
            return
        self._until = max(self._until, event.time + self.after)
        if self._writer is None:
            self._writer = self._open(event)
            first = event.time - self.before
            for frame in self._ring:
                if frame.time >= first:
                    self._writer.on_message_received(message_of(frame))
            self._ring.clear()
            self.context.status(f"recording {self._path.name}", True)

    def _open(self, event: Event) -> Any:
        import can

        stamp = datetime.fromtimestamp(event.time, UTC).strftime("%Y%m%dT%H%M%S.%f")[:-3]
        what = _UNSAFE.sub("-", f"{event.source}-{event.name}").strip("-")[:60]
        self.folder.mkdir(parents=True, exist_ok=True)
        self._path = self._free(f"{stamp.replace('.', '-')}-{what}")
        return can.Logger(self._path)

    def _free(self, name: str) -> Path:
        """A name that no record has yet."""
        names = (f"{name}{more}{self.kind}" for more in ["", *(f"-{n}" for n in range(2, 1000))])
        free = (path for each in names if not (path := self.folder / each).exists())
        for path in free:
            return path
        raise NodeFault(f"{self.folder} has 1000 records named {name}. Move them away.")

    def _finish(self) -> None:
        """End a record, and remove the oldest where there are too many."""
        if self._writer is None:
            return
        writer, self._writer = self._writer, None
        writer.stop()
        self.context.status(f"recorded {self._path.name}", True)
        for path in self._surplus():
            path.unlink(missing_ok=True)

    def _surplus(self) -> Iterator[Path]:
        records = sorted(self.folder.glob(f"[0-9]*{self.kind}"))
        yield from records[: max(0, len(records) - self.files)]

    async def stop(self) -> None:
        """Finish a record that runs; what was kept is let go."""
        await asyncio.to_thread(self._finish)
        self._ring.clear()
