"""Segments: the files that a journal is made of, appended to and removed whole.

A file is named by its number, `0000000042.seg`, and begins with eight bytes that say what it is.
A position in a journal is one number: the segment's in the upper bits, the byte in the lower 40.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["BEGIN", "MAGIC", "Segment", "byte_of", "number_of", "position", "segment_files"]

MAGIC: Final = b"flowrtJ1"
BEGIN: Final = len(MAGIC)
_SHIFT: Final = 40


def position(number: int, byte: int) -> int:
    """Where a byte of a segment is in its journal."""
    return (number << _SHIFT) | byte


def number_of(place: int) -> int:
    """The segment that a position is in."""
    return place >> _SHIFT


def byte_of(place: int) -> int:
    """The byte of its segment that a position is at."""
    return place & ((1 << _SHIFT) - 1)


def segment_files(folder: Path) -> dict[int, Path]:
    """The segments of a journal by number, oldest first."""
    found = {int(path.stem): path for path in folder.glob("*.seg") if path.stem.isdigit()}
    return dict(sorted(found.items()))


class Segment:
    """The newest segment of a journal, open for appending."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            self.size = os.fstat(self._file).st_size
            if self.size < BEGIN:
                self.cut(0)
                self.append(MAGIC)
        except OSError:
            os.close(self._file)
            raise
        os.lseek(self._file, 0, os.SEEK_END)

    def append(self, block: bytes) -> None:
        """Write all of a block or, where the disk refuses, nothing of it; raises OSError."""
        left = memoryview(block)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            self.cut(self.size)
            raise
        self.size += len(block)

    def cut(self, size: int) -> None:
        """Let the file end there."""
        os.ftruncate(self._file, size)
        os.lseek(self._file, size, os.SEEK_SET)
        self.size = size

    def sync(self) -> None:
        """Return when what was appended outlives a power cut; raises OSError."""
        os.fdatasync(self._file)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)
