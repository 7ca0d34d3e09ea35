"""The life of one alarm, from the first bad reading to its end."""

from __future__ import annotations

from dataclasses import dataclass

from flowrt.node import Value

__all__ = ["Excursion"]


@dataclass(slots=True)
class Excursion:
    """A source whose signal is, or is about to be, in alarm.

    `due` is when a pending change becomes one, in message time. `over` says that the condition
    has gone, while a latched alarm still waits to be acknowledged.
    """

    value: Value = None
    raised: bool = False
    due: float | None = None
    over: bool = False
    acknowledged: bool = False
