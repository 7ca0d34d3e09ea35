"""How soon a gateway decodes again after SIGKILL in the middle of its work."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.bench.live.start import first_frame, running

__all__ = ["power_cut"]

_AT_WORK = 1.0
"""Seconds after the first frame at which it is killed."""


def power_cut(rounds: int) -> list[float]:
    """Seconds from SIGKILL to the first frame that the next process decodes, the editor served."""
    return [_killed() for _ in range(rounds)]


def _killed() -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _back_after(Path(folder))


def _back_after(folder: Path) -> float:
    with running(folder, editor=True) as process:
        first_frame(process)
        time.sleep(_AT_WORK)
        begun = time.perf_counter()
        process.kill()
        process.wait()
    with running(folder, editor=True) as again:
        first_frame(again)
        return time.perf_counter() - begun
