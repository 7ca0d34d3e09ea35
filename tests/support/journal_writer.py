"""A process that writes to a journal through a wire that spills, and says what is safe.

Run as `python -m tests.support.journal_writer FOLDER FIRST`: puts in numbers from FIRST on, in
batches of random size, and prints the number of the last one each time `room` has returned. A sink
takes some of them, and prints `<` and the number when its `write` has returned.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from flowrt.journal import Journal, JournalOptions
from flowrt.wire import Spill
from tests.support.journals import number_of, numbered

__all__: list[str] = []


async def main(folder: Path, first: int) -> None:
    """Write until killed."""
    options = JournalOptions(limit=16 * 1024 * 1024)
    bell = asyncio.Event()
    wire = Spill(
        50, bell, lambda reason, _: sys.exit(reason), lambda: Journal(folder, options), options
    )
    sink = asyncio.create_task(take(wire, bell))
    while not sink.done():
        count = random.choice((1, 3, 40, 400))
        wire.put(numbered(range(first, first + count), random.choice((0, 30))))
        await wire.room()
        first += count
        tell(str(first - 1))


async def take(wire: Spill, bell: asyncio.Event) -> None:
    """A sink that is away half of the time."""
    while True:
        await bell.wait()
        bell.clear()
        await asyncio.sleep(random.choice((0, 0.01)))
        while random.random() < 0.7 and (batch := wire.take(random.choice((1, 100)))):
            tell(f"<{number_of(batch[0])}-{number_of(batch[-1])}")
            wire.done()
        bell.set()


def tell(text: str) -> None:
    """Written at once, so that a kill loses no line that was told."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
