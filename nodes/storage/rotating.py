"""What the sinks that write files of lines have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from flowrt.node import NodeFault, setting
from nodes.storage.buffered import BufferedSink, in_turns
from nodes.storage.log_file import LogFile, Rotation
from nodes.storage.trouble import unavailable

__all__ = ["LineStore", "Lines", "RotatingSink"]

_MEGABYTE = 1_000_000


class Lines(Protocol):
    """Turns messages into lines."""

    def header(self, messages: Sequence[Any], first_line: bytes) -> bytes:
        """What a file that takes these must begin with; `first_line` is what it begins with."""

    def lines(self, messages: Sequence[Any]) -> bytes:
        """The messages as whole lines."""


class LineStore:
    """A store of lines in a file that makes way for a new one in time."""

    def __init__(self, file: LogFile, lines: Lines) -> None:
        self.notes: list[NodeFault] = []
        self._file = file
        self._lines = lines

    def write(self, messages: Sequence[Any]) -> None:
        """Add a line, or several, for each message."""
        try:
            self._file.open()
            header = self._lines.header(messages, self._file.first_line)
            lines = b"".join(map(self._lines.lines, in_turns(messages)))
            self._file.append(lines, header)
        except OSError as error:
            self._file.close()
            raise unavailable(self._file.path, error) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclasses.dataclass(eq=False, repr=False, kw_only=True)
class RotatingSink(BufferedSink):
    """A sink that adds lines to a file; older files keep its name with the time added."""

    file: Path = setting("File to write; older ones stand beside it, with the time in their name.")
    daily: bool = setting("Begin a new file each day, at midnight UTC.", default=True)
    max_size_mb: float = setting(
        "Begin a new file when it has grown to this; 0 for no limit.",
        default=20.0,
        minimum=0,
        unit="MB",
    )
    keep_files: int = setting(
        "How many older files are kept; the oldest beyond are deleted.", default=30, minimum=1
    )

    def make_lines(self) -> Lines:
        """How messages become lines."""
        raise NotImplementedError

    def open_store(self) -> LineStore:
        """A file, opened when it is first written."""
        most = int(self.max_size_mb * _MEGABYTE)
        rotation = Rotation(self.daily, most, self.keep_files)
        return LineStore(LogFile(self.file, rotation, self.clock.now), self.make_lines())

    def problems(self) -> Iterator[tuple[str, str]]:
        """A folder is no file."""
        if self.file.is_dir():
            yield "file", f"{self.file} is a folder. Name a file in it."

    def summary(self) -> str:
        """The file."""
        return self.file.name
