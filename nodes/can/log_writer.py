"""Frames recorded as a log that other tools read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import Example, Frame, NodeFault, Sink, node, setting
from nodes.can.frames import message_of
from nodes.can.library import import_can, import_can_with_mf4

if TYPE_CHECKING:
    import can

_KINDS: Final = (".asc", ".blf", ".log", ".mf4", ".trc")
_MEGABYTE: Final = 1024 * 1024


@node("can/log-writer", icon="record")
class LogWriter(Sink):
    """Record frames as ASC, BLF, candump (.log), MF4 or TRC, told by the file's ending.

    A file that is there is not overwritten: each start, and each file that has grown to
    `max_size_mb`, gets the time in its name.
    """

    file: Path = setting("Where to record; the time is put before the ending.")
    max_size_mb: float | None = setting(
        "Begin a new file when one has grown to this.", default=None, exclusiveMinimum=0, unit="MB"
    )

    examples = (
        Example(
            "Everything on a bus, in files of 50 MB",
            settings={"file": "bus.blf", "max_size_mb": 50},
        ),
    )

    def __post_init__(self) -> None:
        self._writer: can.io.generic.MessageWriter | None = None
        self._path = self.file

    def problems(self) -> Iterator[tuple[str, str]]:
        """An ending that stands for no kind of log."""
        if self.file.suffix.lower() not in _KINDS:
            kinds = ", ".join(_KINDS)
            yield "file", f'"{self.file.name}" must end in one of {kinds}.'

    def summary(self) -> str:
        """The file."""
        return self.file.name

    async def write(self, messages: Sequence[Frame]) -> None:
        """Record in a thread, so that a slow disk holds nobody up."""
        await asyncio.to_thread(self._write, messages)

    def _write(self, frames: Sequence[Frame]) -> None:
        try:
            writer = self._writer or self._open()
            for frame in frames:
                writer.on_message_received(message_of(frame))
            self._flush(writer)
        except OSError as error:
            self._close()
            raise NodeFault(f"{self._path} cannot be written: {error.strerror}") from error
        if self.max_size_mb and self._path.stat().st_size >= self.max_size_mb * _MEGABYTE:
            self._close()

    def _open(self) -> Any:
        can = import_can_with_mf4() if self.file.suffix == ".mf4" else import_can()
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
        self._path = self.file.with_stem(f"{self.file.stem}-{stamp}")
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._writer = can.Logger(self._path)
        except (ValueError, NotImplementedError, ImportError) as error:
            raise NodeFault(f"{self._path.name} cannot be written as a log: {error}") from error
        self.context.status(f"recording {self._path.name}", True)
        return self._writer

    def _flush(self, writer: Any) -> None:
        file = getattr(writer, "file", None)
        if file is not None and not file.closed:
            file.flush()

    def _close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.stop()

    async def stop(self) -> None:
        """Finish the file."""
        await asyncio.to_thread(self._close)
