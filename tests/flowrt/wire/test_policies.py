"""The overflow policies that keep to memory: what is kept, what is counted."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from flowrt.journal import Journal
from flowrt.message import Event, Signals
from flowrt.wire import POLICIES, Wire, make_wire

IN_MEMORY = [policy for policy in POLICIES if policy != "spill"]


def reading(number: int, source: str = "s") -> Signals:
    return Signals(float(number), source, {"n": number})


class Fixture:
    """A wire of some policy and what it was told to drop."""

    def __init__(self, policy: str, capacity: int, folder: Path) -> None:
        self.drops: Counter[str] = Counter()
        self.wire: Wire = make_wire(
            policy, capacity, asyncio.Event(), self._drop, lambda: Journal(folder)
        )

    def _drop(self, reason: str, count: int) -> None:
        self.drops[reason] += count

    def times(self) -> list[float]:
        return [message.time for message in self.wire.take(1000)]


@pytest.mark.parametrize("policy", IN_MEMORY)
def test_order_is_kept_below_capacity(policy: str, tmp_path: Path) -> None:
    fixture = Fixture(policy, 10, tmp_path)
    fixture.wire.put([reading(n, source=f"s{n}") for n in range(5)])
    assert fixture.times() == [0, 1, 2, 3, 4]
    assert fixture.drops == {}


@pytest.mark.parametrize(
    ("policy", "kept", "drops"),
    [
        ("drop-oldest", [3, 4, 5, 6], {"queue full, oldest dropped": 3}),
        ("drop-newest", [0, 1, 2, 3], {"queue full, newest dropped": 3}),
        ("thin", [1, 3, 5, 6], {"queue full, thinned": 3}),
        ("latest", [6], {"replaced by a newer one": 6}),
        ("block", [0, 1, 2, 3, 4, 5, 6], {}),
    ],
)
def test_overflow(policy: str, kept: list[float], drops: dict[str, int], tmp_path: Path) -> None:
    fixture = Fixture(policy, 4, tmp_path)
    fixture.wire.put([reading(n) for n in range(7)])
    assert fixture.times() == kept
    assert fixture.drops == drops
    assert fixture.wire.dropped == sum(drops.values())


@pytest.mark.parametrize("policy", IN_MEMORY)
def test_nothing_is_lost_uncounted(policy: str, tmp_path: Path) -> None:
    fixture = Fixture(policy, 7, tmp_path)
    for start in range(0, 100, 9):
        fixture.wire.put([reading(n, source=f"s{n % 11}") for n in range(start, start + 9)])
    left = []
    while batch := fixture.wire.take(5):
        left += batch
    assert len(left) + sum(fixture.drops.values()) == 108


def test_latest_keeps_one_per_event_name(tmp_path: Path) -> None:
    fixture = Fixture("latest", 10, tmp_path)
    fixture.wire.put([Event(0, "a", "x"), Event(1, "a", "y"), Event(2, "a", "x")])
    assert fixture.times() == [2, 1]


def test_block_makes_the_source_wait_until_there_is_room(tmp_path: Path) -> None:
    async def scenario() -> list[bool]:
        wire = Fixture("block", 2, tmp_path).wire
        wire.put([reading(n) for n in range(3)])
        waiting = asyncio.create_task(wire.room())
        await asyncio.sleep(0)
        before = waiting.done()
        wire.take(1)
        await waiting
        return [before, waiting.done()]

    assert asyncio.run(scenario()) == [False, True]
