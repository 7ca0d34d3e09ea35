"""What a journal on disk says of itself: which messages are wanted, and what was counted.

Reads segments from the newest back to one with a mark, which usually is the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from flowrt.journal.mark import Mark, Survey, survey
from flowrt.journal.segment import BEGIN, position
from flowrt.journal.spans import Spans

__all__ = ["Recovered", "recover"]


@dataclass
class Recovered:
    """Where a journal was left; `sound` is where the sound part of its newest segment ends."""

    wanted: Spans = field(default_factory=Spans)
    count: int = 0
    mark: Mark = field(default_factory=lambda: Mark([], 0))
    """Its counters."""
    written: int = 0
    sound: int = BEGIN


def recover(sizes: Mapping[int, int], load: Callable[[int], bytes]) -> Recovered:
    """Read what is needed of segments, whose sizes are given by number, oldest first."""
    surveys: dict[int, Survey] = {}
    for number in reversed(sizes):
        surveys[number] = survey(load(number))
        if surveys[number].mark is not None:
            break
    return _joined(sizes, surveys) if surveys else Recovered()


def _joined(sizes: Mapping[int, int], surveys: Mapping[int, Survey]) -> Recovered:
    first, newest = min(surveys), max(surveys)
    mark = surveys[first].mark or Mark([], 0)
    wanted = Spans(mark.wanted)
    wanted.remove(0, position(min(sizes), 0))
    count = (mark.count if wanted else 0) + sum(found.count for found in surveys.values())
    wanted.add(position(first, surveys[first].after), position(newest, surveys[newest].sound))
    later = sum(size for number, size in sizes.items() if number > first)
    written = mark.written + sizes[first] - surveys[first].after + later
    return Recovered(wanted, count, mark, written, surveys[newest].sound)
