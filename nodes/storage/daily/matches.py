"""Which signals some names and patterns mean."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from flowrt.node import split_signal

__all__ = ["Matches"]

_MOST_KNOWN: Final = 2000


class Matches:
    """`SOC` of any source, `rack1.SOC`, `rack*.Cell*`; answers are remembered."""

    def __init__(self, names: Iterable[str]) -> None:
        self._patterns = [split_signal(name) for name in names]
        self._known: dict[tuple[str, str], bool] = {}

    def match(self, source: str, name: str) -> bool:
        """Whether the signal is meant."""
        known = self._known.get((source, name))
        if known is None:
            known = any(
                fnmatchcase(name, signal) and (wanted is None or fnmatchcase(source, wanted))
                for wanted, signal in self._patterns
            )
            if len(self._known) < _MOST_KNOWN:
                self._known[source, name] = known
        return known
