"""Numbers, units and durations as an operator reads them."""

from __future__ import annotations

from typing import Any

__all__ = ["duration", "number", "quantity"]


def number(value: Any) -> str:
    """A reading as text, without the noise of its scaling: 57.900000000000006 is `57.9`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.9g}"
    return str(value)


def quantity(value: Any, unit: str) -> str:
    """A reading with its unit: `19 %`."""
    return f"{number(value)} {unit}".rstrip()


def duration(seconds: float) -> str:
    """Seconds as they are written in a flow: `200 ms`, `10 s`, `5 min`, `1 h`."""
    if 0 < seconds < 1:
        return f"{number(seconds * 1000)} ms"
    if seconds >= 3600 and seconds % 3600 == 0:
        return f"{number(seconds / 3600)} h"
    if seconds >= 120 and seconds % 60 == 0:
        return f"{number(seconds / 60)} min"
    return f"{number(seconds)} s"
