"""Runs a sink by itself: started, written to, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from flowrt.example import Stand
from flowrt.node import Message, Signals, Sink, Value

__all__ = ["NOON", "reading", "record", "until"]

NOON: Final = 1_772_366_400.0
"""2026-03-01T12:00:00Z, when the virtual clock starts."""


def reading(value: Value = 1, *, time: float = NOON, name: str = "SOC") -> Signals:
    """A message with one reading."""
    return Signals(time, "State", {name: value})


def record(sink: Sink, *batches: Sequence[Message], start: float = NOON) -> Stand:
    """Start the sink, write the batches, each after a flush of the one before, stop it."""
    stand = Stand(sink, start)

    async def session() -> None:
        for batch in batches:
            await sink.start()
            await sink.write(batch)
            await sink.stop()

    asyncio.run(session())
    return stand


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; fails after a while."""
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("waited in vain")
