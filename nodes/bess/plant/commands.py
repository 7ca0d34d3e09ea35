"""The meeting place of a simulated plant and who commands its inverter: one in a runtime."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

__all__ = ["Answer", "Commands", "Taker"]

Answer: TypeAlias = Sequence[tuple[str, Mapping[str, Any]]]
"""What the inverter measures: name of a message and its readings."""
Taker: TypeAlias = Callable[[float, float], Answer]
"""Takes a set-point in kW and kvar, charging positive."""


class Commands:
    """The plants that run, by name."""

    def __init__(self) -> None:
        self._plants: dict[str, list[Taker]] = {}

    def join(self, name: str, taker: Taker) -> None:
        """Let a plant be commanded; of one name the newest is."""
        self._plants.setdefault(name, []).append(taker)

    def leave(self, name: str, taker: Taker) -> None:
        """The plant runs no longer."""
        self._plants[name].remove(taker)
        if not self._plants[name]:
            del self._plants[name]

    def command(self, name: str, power: float, reactive: float) -> Answer | None:
        """Give a set-point; None where no plant of that name runs."""
        takers = self._plants.get(name)
        return takers[-1](power, reactive) if takers else None
