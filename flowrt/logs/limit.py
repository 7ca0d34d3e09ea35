"""Lets no origin fill the log: a burst passes, then one line a second; the rest is counted."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["BURST", "Limited"]

BURST: Final = 30
"""Lines that an origin may write at once."""
_REFILL: Final = 1.0
"""Lines a second that it may write for good."""
_QUIET: Final = 10.0
"""Seconds after which what was left out is told, also where nothing more comes."""
_MOST_ORIGINS: Final = 1000

_Origin: TypeAlias = tuple[str, str, str]
"""Logger, flow, node."""


@dataclass(slots=True)
class _Allowance:
    """What an origin may still write; `since` is when the first of those left out came."""

    tokens: float
    seen: float
    left_out: int = 0
    since: float = 0.0
    level: int = logging.INFO


class Limited(logging.Handler):
    """Hands on to another handler what its origin may write, and says how much was left out."""

    def __init__(self, target: logging.Handler, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.target = target
        self._now = now
        self._origins: dict[_Origin, _Allowance] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record; logging holds the handler's lock around this."""
        now = self._now()
        origin = (record.name, getattr(record, "flow", ""), getattr(record, "node", ""))
        allowance = self._allowance(origin, now)
        if allowance.tokens < 1:
            allowance.since = allowance.since if allowance.left_out else now
            allowance.left_out += 1
            allowance.level = max(allowance.level, record.levelno)
        else:
            allowance.tokens -= 1
            self._tell(origin, allowance)
            self.target.handle(record)

    def _allowance(self, origin: _Origin, now: float) -> _Allowance:
        found = self._origins.pop(origin, None) or _Allowance(BURST, now)
        self._origins[origin] = found  # last, so that the first is the one silent for longest
        if len(self._origins) > _MOST_ORIGINS:
            oldest = next(iter(self._origins))
            self._tell(oldest, self._origins.pop(oldest))
        found.tokens = min(BURST, found.tokens + (now - found.seen) * _REFILL)
        found.seen = now
        return found

    def _tell(self, origin: _Origin, allowance: _Allowance) -> None:
        if not allowance.left_out:
            return
        count, allowance.left_out = allowance.left_out, 0
        name, flow, node = origin
        lines = "1 line" if count == 1 else f"{count} lines"
        told = logging.LogRecord(name, allowance.level, "", 0, f"suppressed {lines}", None, None)
        told.flow, told.node = flow, node
        allowance.level = logging.INFO
        self.target.handle(told)

    def tell_due(self) -> None:
        """Say what was left out for a while and has not been told yet."""
        self._tell_all(self._now() - _QUIET)

    def flush(self) -> None:
        """Say all that was left out; logging does this at the end."""
        self._tell_all(self._now())
        self.target.flush()

    def _tell_all(self, latest: float) -> None:
        self.acquire()
        try:
            for origin, allowance in list(self._origins.items()):
                if allowance.since <= latest:
                    self._tell(origin, allowance)
        finally:
            self.release()
