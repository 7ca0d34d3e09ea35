"""Numbers, times and durations as a page says them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

__all__ = ["clock", "duration", "number", "percent"]

_THIN = "\u202f"


def number(value: float) -> str:
    """At most four digits that count: `3.334`, `52.1`, `1 250`."""
    size = abs(value)
    digits = 3 if size < 10 else 2 if size < 100 else 1 if size < 1000 else 0
    text = f"{value:,.{digits}f}".replace(",", _THIN)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "\u2212" + text[1:] if text.startswith("-") and text != "-0" else text.lstrip("-")


def percent(share: float) -> str:
    """`99.95 %`; all of it only where it is all of it."""
    shown = min(share * 100, 99.99) if share < 1 else 100.0
    return f"{shown:.4g}{_THIN}%"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 05 s`, `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.1f}{_THIN}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}{_THIN}min {rest:02}{_THIN}s"
    return f"{minutes // 60}{_THIN}h {minutes % 60:02}{_THIN}min"


def clock(time: float, zone: ZoneInfo, *, offset: bool = False) -> str:
    """`14:03:27`, with the offset from UTC where an hour comes twice."""
    return datetime.fromtimestamp(time, zone).strftime("%H:%M:%S %z" if offset else "%H:%M:%S")
