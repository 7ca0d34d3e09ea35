"""How the analyses read a message: numbers only, all that they need together, sources bounded."""

from __future__ import annotations

import math
from collections.abc import Container, Sized
from fnmatch import fnmatchcase
from typing import Protocol

from flowrt.node import Context, Signals, Value, split_signal

__all__ = ["MOST", "Together", "has_room", "meant", "number"]

MOST = 1000
"""Sources that are kept apart."""


class _Kept(Sized, Container[str], Protocol):
    """Something kept by source."""


class Together:
    """Signals that must come in one message, such as voltage and current."""

    def __init__(self, *names: str) -> None:
        self._parts = [split_signal(name) for name in names]

    def __call__(self, message: Signals) -> list[float] | None:
        """Their numbers in order; None where one is not there, or the message has no time."""
        values, source, found = message.values, message.source, []
        for wanted, name in self._parts:
            value = number(values.get(name))
            if value is None or not meant(wanted, source):
                return None
            found.append(value)
        return found if math.isfinite(message.time) else None


def has_room(kept: _Kept, source: str, context: Context, what: str = "sources") -> bool:
    """Whether a source is kept, or one more may be; else its message is counted as given up."""
    if source in kept or len(kept) < MOST:
        return True
    context.drop(f"too many {what}", 1)
    return False


def meant(wanted: str | None, source: str) -> bool:
    """Whether a source is the one that a signal's name asks for, such as Module*."""
    return wanted is None or wanted == source or fnmatchcase(source, wanted)


def number(value: Value) -> float | None:
    """A reading that can be counted with, else None."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
