"""A window of one source, cut into panes: a sliding window is some panes, a tumbling one is one.

A pane holds raw readings up to a few hundred, then their tally, so memory is bounded however
many readings come, and snapshot and restore change no digit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from nodes.logic.tally import Tally, merged, tally

__all__ = ["FULL", "Panes", "boundary", "pane_of"]

FULL: Final = 256
"""How many readings of a signal are kept raw: enough to let min, max and fsum run in C."""

Tallies: TypeAlias = dict[str, Tally]


def boundary(index: int, length: float) -> float:
    """Where a pane begins; microseconds are all that POSIX seconds in a float can tell."""
    return round(index * length, 6)


def pane_of(time: float, length: float) -> int:
    """The index of the pane that a moment falls into, counted from the epoch."""
    index = math.floor(time / length)
    while time >= boundary(index + 1, length):
        index += 1
    while time < boundary(index, length):
        index -= 1
    return index


@dataclass(slots=True)
class Panes:
    """The open pane of a source and the closed ones that are still inside its window.

    `buffers` maps each signal seen to its raw readings, or to None where it is not wanted;
    `left` counts down the messages of a pane that closes by count.
    """

    index: int
    start: float
    end: float
    left: int = 0
    last_time: float = 0.0
    buffers: dict[str, list[Any] | None] = field(default_factory=dict)
    times: dict[str, list[float]] = field(default_factory=dict)
    tallies: Tallies = field(default_factory=dict)
    closed: list[tuple[int, Tallies]] = field(default_factory=list)

    def fold(self, *, spread: bool) -> int:
        """Turn raw readings into tallies; gives how many of them were no numbers."""
        bad = 0
        for name, buffer in self.buffers.items():
            if not buffer:
                continue
            times = self.times.get(name, [])
            more = tally(buffer, times, spread=spread)
            bad += len(buffer) - (more.count if more else 0)
            if more:
                self.add(name, more)
            buffer.clear()
            times.clear()
        return bad

    def add(self, name: str, more: Tally) -> None:
        """Take in the tally of readings that came after all others of a signal."""
        known = self.tallies.get(name)
        self.tallies[name] = merged((known, more)) if known else more

    def close(self, count: int) -> Tallies:
        """Close the folded pane; gives the tallies of the window's last `count` panes."""
        if self.tallies:
            self.closed.append((self.index, self.tallies))
        oldest = self.index - count + 1
        self.closed = [pane for pane in self.closed if pane[0] >= oldest]
        window: dict[str, list[Tally]] = {}
        for _, tallies in self.closed:
            for name, part in tallies.items():
                window.setdefault(name, []).append(part)
        return {name: merged(parts) for name, parts in window.items()}

    def open(self, index: int, start: float, end: float) -> None:
        """Begin a pane; signals that are not wanted stay known as such."""
        self.index, self.start, self.end = index, start, end
        self.buffers = {name: None for name, buffer in self.buffers.items() if buffer is None}
        self.times, self.tallies = {}, {}

    @property
    def pending(self) -> bool:
        """Whether the open pane has readings."""
        return bool(self.tallies) or any(self.buffers.values())

    @classmethod
    def of(cls, saved: dict[str, Any]) -> Panes:
        """Panes from what `dataclasses.asdict` made of them."""
        panes = cls(**saved)
        panes.tallies = _tallies(saved["tallies"])
        panes.closed = [(index, _tallies(tallies)) for index, tallies in saved["closed"]]
        return panes


def _tallies(saved: dict[str, Any]) -> Tallies:
    return {name: Tally(**fields) for name, fields in saved.items()}
