"""Keeps the garbage collector from holding up a running flow.

A full collection of what a gateway has loaded takes 30 ms or more. None of that is ever garbage,
so it is taken out of the collector's sight; and messages cannot be part of a reference cycle, so
the collector need not look at the young as often as Python's default of every 700 new containers.
"""

from __future__ import annotations

import gc
from typing import Final

__all__ = ["tame"]

_THRESHOLDS: Final = (20_000, 20, 20)


def tame() -> None:
    """Collect once, then leave alone what is there now; called when the flows have started."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
