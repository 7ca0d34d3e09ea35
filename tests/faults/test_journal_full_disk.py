"""A disk that is really full: a small tmpfs under a journal."""

from __future__ import annotations

import asyncio
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowrt.journal import Journal, JournalOptions
from flowrt.wire import Spill
from tests.support.journals import number_of, numbered

SIZE = 2 * 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 2 MB; a machine where it cannot be mounted fails the test, loudly."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "flowrt-test", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.fail(f"a full disk cannot be tested here, run as root: {mounted.stderr.strip()}")
    try:
        yield tmp_path
    finally:
        subprocess.run(["umount", "-l", str(tmp_path)], check=True)


class Bench:
    """A wire on that disk; `flood` puts in more than it holds."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.drops: Counter[str] = Counter()
        self.options = JournalOptions(limit=16 * 1024 * 1024, **options)
        self.wire = Spill(100, asyncio.Event(), self._drop, self._open, self.options)
        self.folder = folder / "j"

    def _open(self) -> Journal:
        return Journal(self.folder, self.options)

    def _drop(self, reason: str, count: int) -> None:
        self.drops[reason] += count

    async def flood(self, count: int) -> None:
        for begin in range(0, count, 100):
            self.wire.put(numbered(range(begin, begin + 100), 400))
            await self.wire.room()

    async def all(self) -> list[int]:
        got: list[int] = []
        async with asyncio.timeout(30):
            while len(self.wire):
                await self.wire.bell.wait()
                self.wire.bell.clear()
                while batch := self.wire.take(500):
                    got += map(number_of, batch)
                    self.wire.done()
        return got


def test_the_oldest_make_room_on_a_full_disk(small_disk: Path) -> None:
    async def scenario() -> None:
        bench = Bench(small_disk)
        await bench.flood(8000)
        got = await bench.all()
        assert got == sorted(got)
        assert got[-1] == 7999
        assert bench.drops == {"disk full, oldest dropped": 8000 - len(got)}
        assert len(got) > 1500
        assert await bench.wire.close() == 0

    asyncio.run(scenario())


def test_or_what_comes_is_refused_and_what_is_there_stays(small_disk: Path) -> None:
    async def scenario() -> None:
        bench = Bench(small_disk, full="refuse")
        await bench.flood(8000)
        got = await bench.all()
        assert got == list(range(len(got)))
        reason = "journal: no space left on device, newest dropped"
        assert bench.drops == {reason: 8000 - len(got)}
        await bench.wire.close()

    asyncio.run(scenario())


def test_a_disk_that_others_filled_leaves_a_queue_in_memory(small_disk: Path) -> None:
    async def scenario() -> None:
        (small_disk / "others").write_bytes(bytes(SIZE - 16384))
        bench = Bench(small_disk, full="drop-oldest")
        got: list[int] = []
        for begin in range(0, 2000, 100):  # the sink keeps up: nothing is lost
            bench.wire.put(numbered(range(begin, begin + 100), 400))
            await bench.wire.room()
            got += await bench.all()
        assert got == list(range(2000))
        assert "no space" in bench.wire.trouble
        (small_disk / "others").unlink()
        bench.wire.put(numbered([2000]))
        await bench.wire.room()
        assert bench.wire.trouble == ""
        await bench.wire.close()

    asyncio.run(scenario())
