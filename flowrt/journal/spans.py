"""Stretches of a journal: which records are still wanted, in very few numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__ = ["Spans"]


class Spans:
    """Half-open stretches `[start, end)` of positions, apart from each other, in order."""

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._spans: list[tuple[int, int]] = []
        for start, end in spans:
            self.add(start, end)

    def __bool__(self) -> bool:
        return bool(self._spans)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._spans)

    @property
    def first(self) -> tuple[int, int]:
        """The earliest stretch; there must be one."""
        return self._spans[0]

    def add(self, start: int, end: int) -> None:
        """Put a stretch in; it grows together with those it touches."""
        if start >= end:
            return
        if not self._spans or start > self._spans[-1][1]:  # the usual case: at the end
            self._spans.append((start, end))
            return
        apart = [span for span in self._spans if span[1] < start or span[0] > end]
        touched = [span for span in self._spans if span[1] >= start and span[0] <= end]
        grown = (min([start, *(s for s, _ in touched)]), max([end, *(e for _, e in touched)]))
        self._spans = sorted([*apart, grown])

    def remove(self, start: int, end: int) -> None:
        """Take a stretch out, wherever it is in."""
        left: list[tuple[int, int]] = []
        for begin, finish in self._spans:
            if begin < start:
                left.append((begin, min(finish, start)))
            if finish > end:
                left.append((max(begin, end), finish))
        self._spans = [(begin, finish) for begin, finish in left if begin < finish]

    def meet(self, start: int, end: int) -> bool:
        """Whether anything of a stretch is in."""
        return any(begin < end and start < finish for begin, finish in self._spans)
