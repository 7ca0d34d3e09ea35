"""How much of a replay is done: the bytes of logs that have been read, here or by workers here.

It asks the system how far into which log a process has read, so nothing on the way has to count.
Where it cannot see that, as of workers elsewhere, parts that are done are what is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

__all__ = ["Share"]


class Share:
    """Parts of a replay, each with its logs in their order; `finished` of them are done."""

    def __init__(self, parts: Sequence[Sequence[Path]]) -> None:
        self._parts = [[log.resolve() for log in logs] for logs in parts]
        self._sizes = {log: log.stat().st_size for logs in self._parts for log in logs}
        self.total = sum(self._sizes[log] for logs in self._parts for log in logs)
        self.finished = 0
        self._most = 0

    def done(self) -> int:
        """Bytes read so far; never less than it was."""
        open_now = dict(_positions(psutil.Process()))
        read = sum(
            sum(self._sizes[log] for log in logs)
            if index < self.finished
            else self._of(logs, open_now)
            for index, logs in enumerate(self._parts)
        )
        self._most = max(self._most, min(read, self.total))
        return self._most

    def _of(self, logs: Sequence[Path], open_now: dict[Path, int]) -> int:
        """What is read of a part: the logs before the one that is open, and its beginning."""
        for at in range(len(logs) - 1, -1, -1):
            if logs[at] in open_now:
                return sum(self._sizes[log] for log in logs[:at]) + open_now[logs[at]]
        return 0


def _positions(process: psutil.Process) -> Iterator[tuple[Path, int]]:
    """The files that a process and those below it have open, and how far they are in each."""
    try:
        for one in (process, *process.children(recursive=True)):
            for file in one.open_files():
                yield Path(file.path), int(getattr(file, "position", 0))
    except psutil.Error:
        return  # one has ended meanwhile
