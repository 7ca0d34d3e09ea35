"""A wire that spills: order, restart, retries, poison, pace, disks that are full or hang."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from flowrt.errors import NodeFault, Unavailable
from flowrt.journal import Journal, JournalOptions
from flowrt.message import Message
from flowrt.wire import Spill
from tests.support.journals import number_of, numbered


class Bench:
    """A wire in a loop of its own, drained by hand."""

    def __init__(self, folder: Path, capacity: int = 100, **options: Any) -> None:
        self.drops: Counter[str] = Counter()
        self.bell = asyncio.Event()
        self.options = JournalOptions(**options)
        self.folder = folder
        self.wire = Spill(capacity, self.bell, self._drop, self.open, self.options)
        self.got: list[int] = []

    def open(self) -> Journal:
        return Journal(self.folder, self.options)

    def _drop(self, reason: str, count: int) -> None:
        self.drops[reason] += count

    async def put(self, numbers: Iterable[int]) -> None:
        self.wire.put(numbered(numbers))
        await self.wire.room()

    async def drain(self, count: int, write: Callable[[list[int]], None] = lambda _: None) -> None:
        """Take until `count` numbers have been written."""
        async with asyncio.timeout(20):
            while len(self.got) < count:
                await self.bell.wait()
                self.bell.clear()
                while batch := self.wire.take(64):
                    await self._write(batch, write)

    async def _write(self, batch: list[Message], write: Callable[[list[int]], None]) -> None:
        numbers = [number_of(message) for message in batch]
        try:
            write(numbers)
        except NodeFault as error:
            await self.wire.failed(batch, error)
        else:
            self.got += numbers
            self.wire.done()


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowrt.wire.spill._FIRST_PAUSE", 0.001)


@pytest.mark.parametrize("commit", ["before", "behind", "overflow"])
def test_what_does_not_fit_memory_comes_from_disk_in_order(tmp_path: Path, commit: str) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path, capacity=10, commit=commit)
        for begin in range(0, 3000, 50):
            await bench.put(range(begin, begin + 50))
        await bench.drain(3000)
        assert bench.got == list(range(3000))
        assert await bench.wire.close() == 0

    play(scenario)


@pytest.mark.parametrize("commit", ["before", "behind", "overflow"])
def test_what_is_left_comes_after_a_restart(tmp_path: Path, commit: str) -> None:
    async def scenario() -> None:
        first = Bench(tmp_path, capacity=10, commit=commit)
        await first.put(range(500))
        await first.drain(100, lambda numbers: None)
        done = len(first.got)
        await first.wire.close()
        second = Bench(tmp_path, capacity=10)
        await second.drain(500 - done)
        assert first.got + second.got == list(range(500))
        await second.wire.close()

    play(scenario)


def test_a_message_is_on_disk_when_the_source_goes_on(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path)
        await bench.put(range(7))
        assert bench.wire.figures()["uncommitted"] == 0
        killed.append((tmp_path / "0000000001.seg").read_bytes())
        await bench.wire.close()

    killed: list[bytes] = []
    play(scenario)
    assert killed[0].count(b"signals") == 7


def test_an_outage_loses_nothing_and_keeps_order(tmp_path: Path) -> None:
    fails = iter([True] * 5)

    def write(numbers: list[int]) -> None:
        if next(fails, False):
            raise Unavailable("nobody there")

    async def scenario() -> None:
        bench = Bench(tmp_path, attempts=2)
        await bench.put(range(50))
        await bench.drain(50, write)
        assert (bench.got, dict(bench.drops)) == (list(range(50)), {})
        await bench.wire.close()

    play(scenario)


def test_a_message_that_cannot_be_written_is_set_aside_alone(tmp_path: Path) -> None:
    def write(numbers: list[int]) -> None:
        if 33 in numbers:
            raise NodeFault("33 is unlucky")

    async def scenario() -> None:
        bench = Bench(tmp_path, attempts=3)
        await bench.put(range(64))
        await bench.drain(63, write)
        assert bench.got == [n for n in range(64) if n != 33]
        assert bench.drops == {"set aside after 3 attempts": 1}
        await bench.wire.close()
        assert bench.wire.figures()["quarantined"] == 1

    play(scenario)
    lines = (tmp_path / "quarantine.jsonl").read_text().splitlines()
    assert len(lines) == 1
    assert "33 is unlucky" in lines[0]


def test_live_first_gives_what_comes_before_what_waited(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = Bench(tmp_path)
        await first.put(range(100))
        await first.wire.close()
        bench = Bench(tmp_path, drain="live-first", pace=200.0)
        await bench.drain(20)
        await bench.put([1000, 1001])
        at = len(bench.got)
        await bench.drain(102)
        assert bench.got[at : at + 2] == [1000, 1001]
        assert [n for n in bench.got if n < 1000] == list(range(100))
        await bench.wire.close()

    play(scenario)


def test_live_first_keeps_on_disk_what_memory_cannot_hold(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path, capacity=10, drain="live-first")
        for begin in range(0, 100, 10):
            await bench.put(range(begin, begin + 10))
        await bench.drain(100)
        assert bench.got == [*range(90, 100), *range(90)]
        await bench.wire.close()

    play(scenario)


def test_a_pace_holds_back_what_comes_from_disk(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = Bench(tmp_path)
        await first.put(range(100))
        await first.wire.close()
        bench = Bench(tmp_path, pace=200.0)
        begun = time.monotonic()
        await bench.drain(100)
        assert time.monotonic() - begun > 0.35
        await bench.wire.close()

    play(scenario)


def test_what_is_too_old_is_dropped_and_counted(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path, max_age=3600.0)
        await bench.put(range(5))  # of 1970
        bench.wire.put(numbered([int(time.time())]))
        await bench.drain(1)
        assert bench.drops == {"older than max_age": 5}
        await bench.wire.close()

    play(scenario)


def test_a_folder_that_cannot_be_used_leaves_a_queue_in_memory(tmp_path: Path) -> None:
    (tmp_path / "j").write_text("no folder")

    async def scenario() -> None:
        bench = Bench(tmp_path / "j", capacity=10)
        await bench.put(range(25))
        await bench.drain(10)
        assert bench.got == list(range(10))
        assert bench.drops == {"journal: file exists, newest dropped": 15}
        await bench.wire.close()

    play(scenario)


def test_a_disk_that_hangs_makes_no_flow_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowrt.wire.spill._LONGEST_WAIT", 0.05)
    hang = threading.Event()
    sync = Journal.commit
    monkeypatch.setattr(Journal, "commit", lambda self: (hang.wait(20), sync(self)))

    async def scenario() -> None:
        bench = Bench(tmp_path)
        begun = time.monotonic()
        for n in range(20):
            await bench.put([n])
        assert time.monotonic() - begun < 1
        assert "longer than" in bench.wire.trouble
        bench.wire.put(numbered(range(20, 12_000)))
        hang.set()
        await bench.drain(10_001)
        assert bench.drops["disk too slow, newest dropped"] == 12_000 - 10_001
        await bench.wire.close()

    play(scenario)


def test_a_redeploy_goes_on_with_what_waits_as_the_wire_is_set_now(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path, capacity=10)
        await bench.put(range(100))
        bench.wire.adapt(20, JournalOptions(limit=1024 * 1024, commit="behind"))
        assert (bench.wire.capacity, bench.wire.waits) == (20, False)
        assert bench.wire.figures()["limit"] == 1024 * 1024
        await bench.put(range(100, 200))
        await bench.drain(200)
        assert bench.got == list(range(200))
        await bench.wire.close()

    play(scenario)


def test_a_wire_that_is_let_go_of_can_be_opened_by_another(tmp_path: Path) -> None:
    async def scenario() -> None:
        first = Bench(tmp_path)
        await first.put(range(5))
        first.wire.let_go()
        second = Bench(tmp_path)
        second.wire._open = lambda: Journal(tmp_path, second.options, patience=10)
        await second.drain(5)
        assert second.got == list(range(5))
        await second.wire.close()

    play(scenario)


def test_where_no_source_waits_the_disk_is_spared(tmp_path: Path) -> None:
    async def scenario() -> None:
        bench = Bench(tmp_path, commit="behind")
        for n in range(60):
            bench.wire.put(numbered([n]))
            await asyncio.sleep(0.005)
        await bench.drain(60)
        assert bench.wire.figures()["commits"] <= 15
        await bench.wire.close()

    play(scenario)
