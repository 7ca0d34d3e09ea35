"""Frames made up from a database: valid multiplexers, values in range."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import Frame

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

__all__ = ["synthetic_frames"]


_STEP: Final = 0.02
"""How far a signal may move from frame to frame, as part of its range: readings wander."""


def synthetic_frames(messages: Sequence[Message], count: int, seed: int) -> list[Frame]:
    """Frames of each message in turn, a millisecond apart; the same for the same seed."""
    walk = _Walk(random.Random(seed))
    return [walk.frame(messages[index % len(messages)], index * 0.001) for index in range(count)]


class _Walk:
    """Signals that wander through their ranges, as readings do."""

    def __init__(self, numbers: random.Random) -> None:
        self._numbers = numbers
        self._last: dict[tuple[int, str], float] = {}

    def frame(self, message: Message, time: float) -> Frame:
        raw: dict[str, Any] = {}
        self._choose(message, message.signal_tree, raw)
        data = message.encode(raw, scaling=False, strict=False)
        extended = message.is_extended_frame
        return Frame(time, "", message.frame_id, data, extended, message.is_fd or len(data) > 8)

    def _choose(self, message: Message, tree: Any, raw: dict[str, Any]) -> None:
        """A raw value for every signal of a level, and of one branch of each multiplexer."""
        for item in tree:
            if isinstance(item, str):
                raw[item] = self._next(message, message.get_signal_by_name(item))
            else:
                for name, branches in item.items():
                    raw[name] = self._numbers.choice(list(branches))
                    self._choose(message, branches[raw[name]], raw)

    def _next(self, message: Message, signal: Signal) -> float:
        low, high = _raw_range(signal)
        key = (message.frame_id, signal.name)
        before = self._last.get(key, self._numbers.uniform(low, high))
        step = (high - low) * _STEP * self._numbers.uniform(-1, 1)
        value = self._last[key] = min(max(before + step, low), high)
        return value if signal.is_float else round(value)


def _raw_range(signal: Signal) -> tuple[float, float]:
    """The signal's own limits where it has some, else all that fits its bits."""
    if signal.is_float:
        return signal.minimum or 0.0, signal.maximum or 100.0
    bits = signal.length - bool(signal.is_signed)
    low, high = (-(1 << bits) if signal.is_signed else 0), (1 << bits) - 1
    if signal.minimum is None or signal.maximum is None or not signal.scale:
        return low, high
    limits = (signal.minimum, signal.maximum)
    ends = sorted((limit - signal.offset) / signal.scale for limit in limits)
    within = max(low, ends[0]), min(high, ends[1])
    return within if within[0] <= within[1] else (low, high)
