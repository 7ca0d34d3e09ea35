"""A file that lines are added to, and that makes way for a new one in time."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nodes.storage.aside import free_name, older_files

__all__ = ["LogFile", "Rotation"]

_DAY: Final = 86_400
_LONGEST_HEADER: Final = 1_000_000
"""Bytes of a first line that are looked at."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a new file begins (`max_bytes` of 0: at any size), and how many older ones stay."""

    daily: bool
    max_bytes: int
    keep_files: int


class LogFile:
    """Adds whole lines to a file; every method may raise OSError.

    It opens the file by itself, holds a lock on it so that no other writes it as well, and
    notices when it has been moved or deleted.
    """

    def __init__(self, path: Path, rotation: Rotation, now: Callable[[], float]) -> None:
        self.path = path
        self._rotation = rotation
        self._now = now
        self._pattern = f"{path.stem}.{{}}{path.suffix}"
        self._file: int | None = None
        self._size = 0
        self._day = 0
        self.first_line = b""
        """The header of the open file, without its end."""

    def append(self, lines: bytes, header: bytes = b"") -> None:
        """Add lines, all or none, safe on disk on return.

        Each file begins with the header; one that begins otherwise makes way.
        """
        self.open()
        if self._size and self._is_over(header):
            self._make_way()
            self.open()
        if not self._size and lines:
            self.first_line = header
            lines = header + b"\n" + lines if header else lines
        if lines:
            self._write(lines)

    def open(self) -> None:
        """Open the file, unless it is open and still there."""
        if self._file is not None and self._is_there(self._file):
            return
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        file = os.open(self.path, flags, 0o640)
        try:
            self._begin(file)
        except OSError:
            os.close(file)
            raise
        self._file = file

    def close(self) -> None:
        """Let go of the file; `append` opens it again."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _is_there(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self.path.stat())
        except FileNotFoundError:
            return False

    def _begin(self, file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(file)
        self._size = status.st_size
        self._day = int(status.st_mtime if self._size else self._now()) // _DAY
        self.first_line = os.pread(file, _LONGEST_HEADER, 0).partition(b"\n")[0]
        if self._size and os.pread(file, 1, self._size - 1) != b"\n":
            # A power cut left half a line: the next one must not be joined to it.
            self._size += os.write(file, b"\n")

    def _is_over(self, header: bytes) -> bool:
        """Whether a new file is to begin."""
        return (
            (bool(header) and self.first_line != header)
            or (self._rotation.daily and int(self._now()) // _DAY != self._day)
            or 0 < self._rotation.max_bytes <= self._size
        )

    def _make_way(self) -> None:
        folder = self.path.parent
        self.path.rename(free_name(self._pattern, folder, self._now()))
        self.close()
        for old in older_files(self._pattern, folder)[: -self._rotation.keep_files]:
            old.unlink()

    def _write(self, lines: bytes) -> None:
        assert self._file is not None
        rest = memoryview(lines)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
            os.fsync(self._file)
        except OSError:
            with contextlib.suppress(OSError):  # a device has no length; the first error counts
                os.ftruncate(self._file, self._size)
            raise
        self._size += len(lines)
