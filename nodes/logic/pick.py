"""Which signals a list of names and patterns means: `SOC`, `State.SOC`, `Cell*`, `*.SOC`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from flowrt.node import Catalogue, SignalInfo, split_signal

__all__ = ["MOST_SERIES", "Heard", "Pick", "is_pattern", "picked"]

MOST_SERIES = 10_000
"""How many signals, or sources, a node keeps apart; a source that invents names meets it."""


class Pick:
    """Tells whether a signal of a source is meant; an empty list means every signal."""

    def __init__(self, names: Sequence[str]) -> None:
        self._patterns = [split_signal(name) for name in names]
        self._known: dict[tuple[str, str], bool] = {}

    def __call__(self, source: str, name: str) -> bool:
        """Whether the signal is meant; remembered, as the same few come again and again."""
        key = (source, name)
        meant = self._known.get(key)
        if meant is None:
            if len(self._known) >= MOST_SERIES:
                self._known.clear()
            meant = self._known[key] = self._meant(source, name)
        return meant

    def _meant(self, source: str, name: str) -> bool:
        if not self._patterns:
            return True
        return any(
            fnmatchcase(name, signal)
            and (wanted is None or wanted == source or fnmatchcase(source, wanted))
            for wanted, signal in self._patterns
        )


class Heard(dict[str, bool]):
    """Source -> whether a signal of that source is meant; found out when first asked."""

    def __init__(self, signal: str) -> None:
        super().__init__()
        self._pick = Pick([signal])
        self._name = split_signal(signal)[1]

    def __missing__(self, source: str) -> bool:
        if len(self) >= MOST_SERIES:
            self.clear()
        meant = self[source] = self._pick(source, self._name)
        return meant


def is_pattern(name: str) -> bool:
    """Whether a name has wildcards."""
    return any(sign in name for sign in "*?[")


def picked(incoming: Catalogue, names: Iterable[str]) -> list[SignalInfo]:
    """The signals of a catalogue that are meant, each once, in the catalogue's order."""
    pick = Pick(list(names))
    return [info for info in incoming if pick(info.source, info.name)]
