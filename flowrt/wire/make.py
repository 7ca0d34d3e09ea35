"""Makes the wire that a policy names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from flowrt.journal import Journal, JournalOptions
from flowrt.wire.policies import PLAIN, Drop, Wire
from flowrt.wire.spill import Spill

__all__ = ["make_wire"]


def make_wire(
    policy: str,
    capacity: int,
    bell: asyncio.Event,
    drop: Drop,
    journal: Callable[[], Journal],
    options: JournalOptions | None = None,
) -> Wire:
    """A wire of one of the six policies; `journal` is opened only for `spill`."""
    if policy == "spill":
        return Spill(capacity, bell, drop, journal, options or JournalOptions())
    return PLAIN[policy](capacity, bell, drop)
