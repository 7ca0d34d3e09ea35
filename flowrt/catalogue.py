"""Which signals a wire carries, known before anything runs: name, source, unit, range, choices."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

__all__ = ["Catalogue", "SignalInfo", "split_signal"]


@dataclass(frozen=True, slots=True)
class SignalInfo:
    """What is known of a signal before it flows.

    `cycle` is the period in seconds its source declares; `choices` maps raw value to label.
    """

    name: str
    source: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: dict[int, str] = field(default_factory=dict)
    cycle: float | None = None
    type: str = "number"
    comment: str = ""

    @property
    def qualified(self) -> str:
        """`State.SOC`: the name that is never ambiguous."""
        return f"{self.source}.{self.name}" if self.source else self.name


def split_signal(name: str) -> tuple[str | None, str]:
    """`rack2/State.SOC` as (`rack2/State`, `SOC`); no source where none is written."""
    source, dot, signal = name.rpartition(".")
    return (source, signal) if dot else (None, name)


class Catalogue:
    """The signals at one point of the graph.

    `open` says that others may come as well, because a source (an MQTT subscription, say) cannot
    tell: then an unknown name is no problem.
    """

    def __init__(self, signals: Iterable[SignalInfo] = (), *, open: bool = False) -> None:
        self._signals = {(signal.source, signal.name): signal for signal in signals}
        self.open = open

    def __iter__(self) -> Iterator[SignalInfo]:
        return iter(self._signals.values())

    def __len__(self) -> int:
        return len(self._signals)

    def __or__(self, other: Catalogue) -> Catalogue:
        return Catalogue([*self, *other], open=self.open or other.open)

    def find(self, name: str) -> list[SignalInfo]:
        """Every signal that `SOC`, `State.SOC` or a pattern such as `Cell*` means."""
        source, signal = split_signal(name)
        if source is not None and (exact := self._signals.get((source, signal))):
            return [exact]
        return [
            info
            for info in self
            if fnmatch.fnmatchcase(info.name, signal)
            and (source is None or fnmatch.fnmatchcase(info.source, source))
        ]

    def unit(self, name: str) -> str:
        """The unit of a signal, or "" where it is unknown or has none."""
        found = self.find(name)
        return found[0].unit if found else ""

    def names(self) -> list[str]:
        """Plain names, and qualified ones too where a plain one would be ambiguous."""
        count = Counter(signal.name for signal in self)
        qualified = [signal.qualified for signal in self if count[signal.name] > 1]
        return [*count, *qualified]

    def map(self, **changes: object) -> Catalogue:
        """The same signals with some facts replaced."""
        return Catalogue((replace(signal, **changes) for signal in self), open=self.open)  # type: ignore[arg-type]
