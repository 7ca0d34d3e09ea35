"""The segments of one journal as one long log: appended at one end, dropped at the other."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from pathlib import Path
from typing import Final

from flowrt.journal.segment import BEGIN, Segment, position, segment_files

__all__ = ["FULL", "SegmentLog"]

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_TRY_AGAIN: Final = 0.05


class SegmentLog:
    """Files in a folder that one process at a time may write; raises OSError like the disk does.

    `patience` is how many seconds to wait for another one that still has it open.
    """

    def __init__(self, folder: Path, patience: float = 0.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.dirty = False
        self.written = 0
        """Bytes written since it was opened."""
        self._lock: int | None = _locked(folder / "lock", patience)
        self._loaded: tuple[int, bytes] = (-1, b"")
        self.newest: Segment | None = None
        self.sizes = {number: path.stat().st_size for number, path in segment_files(folder).items()}
        """Bytes on disk by segment, oldest first."""

    def open_newest(self) -> None:
        """Open the newest segment, or the first one, for appending."""
        number = max(self.sizes, default=1)
        self.newest = Segment(self._path(number))
        if number not in self.sizes:
            self.written += self.newest.size
        self.sizes[number] = self.newest.size
        self._sync_folder()

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(self.sizes.values())

    @property
    def tail(self) -> int:
        """The position where the next record will begin."""
        assert self.newest is not None
        return position(max(self.sizes), self.newest.size)

    @property
    def fill(self) -> int:
        """Bytes in the newest segment, its first ones aside."""
        assert self.newest is not None
        return self.newest.size - BEGIN

    def append(self, block: bytes) -> None:
        """Write to the newest segment: all of the block or nothing."""
        assert self.newest is not None
        self.newest.append(block)
        self.sizes[max(self.sizes)] = self.newest.size
        self.written += len(block)
        self.dirty = True

    def roll(self, first: bytes) -> None:
        """Begin a new segment with a record; where that fails the present one stays."""
        assert self.newest is not None
        number = max(self.sizes) + 1
        if self.dirty:
            self.sync()
        fresh = Segment(self._path(number))
        try:
            fresh.append(first)
        except OSError:
            fresh.close()
            fresh.path.unlink()
            raise
        self.newest.close()
        self.newest = fresh
        self.sizes[number] = fresh.size
        self.written += fresh.size
        self.dirty = True
        self._sync_folder()

    def sync(self) -> None:
        """Return when everything appended outlives a power cut."""
        assert self.newest is not None
        self.dirty = False
        self.newest.sync()

    def load(self, number: int, at_least: int) -> bytes | None:
        """A segment's bytes; None where it is gone."""
        if number not in self.sizes:
            return None
        if self._loaded[0] != number or len(self._loaded[1]) < at_least:
            self._loaded = (number, self._path(number).read_bytes())
        return self._loaded[1]

    def oldest_change(self) -> float:
        """POSIX seconds when the oldest segment was written to last."""
        return self._path(min(self.sizes)).stat().st_mtime

    def forget_loaded(self) -> None:
        """Keep no segment in memory."""
        self._loaded = (-1, b"")

    def remove(self, number: int) -> None:
        """Remove a segment, which must not be the newest."""
        self._path(number).unlink(missing_ok=True)
        del self.sizes[number]

    def cut(self, size: int) -> None:
        """Let the newest segment end there."""
        assert self.newest is not None
        self.newest.cut(size)
        self.sizes[max(self.sizes)] = size

    def close(self) -> None:
        """Let go of the folder; may be called again."""
        if self.newest is not None:
            self.newest.close()
        if self._lock is not None:
            os.close(self._lock)
        self.newest = self._lock = None

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:010d}.seg"

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _locked(file: Path, patience: float) -> int:
    """The handle of a lock file that nobody else holds; raises OSError when patience ends."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    deadline = time.monotonic() + patience
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        if time.monotonic() >= deadline:
            os.close(handle)
            raise BlockingIOError(errno.EAGAIN, "another flowrt has this journal open", str(file))
        time.sleep(_TRY_AGAIN)
