"""Where processor time goes: the running function, looked at every few milliseconds."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

__all__ = ["Share", "sampled", "shares"]

_EACH: Final = 0.004
"""Seconds; the kernel's clock tells no less of processor time."""
_ROOT: Final = Path(__file__).parents[2]
Share = dict[str, Any]


@contextmanager
def sampled(but: str = "") -> Iterator[Counter[tuple[str, str]]]:
    """Samples of the main thread by file and function, leaving out what `but` is about to do.

    What C does counts for its caller, and what numpy does for who called it.
    """
    samples: Counter[tuple[str, str]] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        if _inside(frame, but):
            return
        while frame is not None and "/numpy/" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is not None:
            samples[_shown(frame.f_code.co_filename), frame.f_code.co_qualname] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _EACH, _EACH)
    try:
        yield samples
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _inside(frame: FrameType | None, function: str) -> bool:
    while frame is not None:
        if frame.f_code.co_name == function:
            return True
        frame = frame.f_back
    return False


def shares(samples: Counter[tuple[str, str]], most: int = 12) -> list[Share]:
    """The functions in which most time goes, and their parts of it."""
    total = sum(samples.values())
    return [
        {"file": file, "function": function, "share": count / total}
        for (file, function), count in samples.most_common(most)
    ]


def _shown(file: str) -> str:
    """A path inside of the project, or of a library."""
    path = Path(file)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return path.relative_to(_ROOT).as_posix()
    _, _, within = path.as_posix().rpartition("site-packages/")
    return within if within != path.as_posix() else path.name
