"""A long history in one file: fine at first, coarser with age."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from flowrt.node import Duration, Event, Example, Signals, node, setting
from nodes.storage.buffered import BufferedSink
from nodes.storage.database import Database
from nodes.storage.tiers import LATE, Tier, TieredRetention

_MEGABYTE: Final = 1_000_000
_DAY: Final = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Coarser:
    """A row: readings summed up in slots."""

    every: Duration = setting("Length of a slot, counted from midnight UTC.", minimum=1)
    keep: Duration = setting("How long these slots are kept.", minimum=1)


def _usual() -> list[Coarser]:
    return [
        Coarser(every=60.0, keep=90 * _DAY),
        Coarser(every=900.0, keep=2 * 365 * _DAY),
        Coarser(every=_DAY, keep=20 * 365 * _DAY),
    ]


@node("storage/historian", icon="history")
class Historian(BufferedSink):
    """Record readings and events in a SQLite file that thins them out with age.

    Every reading is kept for `keep`; before it goes, each slot of the first tier has its minimum,
    mean, maximum and count, and so on from tier to tier. The view `history` (every, utc, source,
    name, minimum, mean, maximum, count) shows slots, the view `signals` the readings; the rest of
    the file is as storage/sqlite's. Slots close a minute after their end.
    """

    file: Path = setting("Database file; made if it does not exist.")
    keep: Duration = setting("How long every reading is kept.", default=7 * _DAY, minimum=1)
    tiers: list[Coarser] = setting(
        "Coarser tiers, the finest first; left out, minutes for 90 days, quarters of an hour for "
        "2 years and days for 20 years.",
        default=list,
    )
    max_size_mb: float | None = setting(
        "Delete the oldest readings beyond this size; left out, only age matters.",
        default=None,
        minimum=1,
        unit="MB",
    )

    examples = (
        Example("Twenty years of a rack", {"file": "log/history.db"}),
        Example(
            "A day of everything, a month of ten seconds",
            {
                "file": "log/history.db",
                "keep": "1 d",
                "tiers": [{"every": "10 s", "keep": "30 d"}],
            },
        ),
    )

    @property
    def _tiers(self) -> list[Coarser]:
        return self.tiers or _usual()

    def problems(self) -> Iterator[tuple[str, str]]:
        """Tiers that could not be made of those before them."""
        if self.file.is_dir():
            yield "file", f"{self.file} is a folder. Name a file in it."
        if self._tiers[0].every + 2 * LATE > self.keep:
            least = self._tiers[0].every + 2 * LATE
            yield "keep", f"must be {least:g} s or more, or readings go before they are summed up."
        for index, (fine, coarse) in enumerate(pairwise(self._tiers), start=1):
            if coarse.every <= fine.every or coarse.every % fine.every:
                yield (
                    f"tiers[{index}].every",
                    f"must be a multiple of {fine.every:g} s, the tier before.",
                )
            if coarse.every + 2 * LATE > fine.keep:
                yield f"tiers[{index - 1}].keep", "ends before the next tier could be made of it."

    def summary(self) -> str:
        """The file, and how many tiers."""
        return f"{self.file.name}, {len(self._tiers)} tiers"

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Gather them for the next transaction."""
        await super().write(messages)

    def open_store(self) -> Database:
        """The database, opened when it is first written."""
        most = None if self.max_size_mb is None else int(self.max_size_mb * _MEGABYTE)
        tiers = [Tier(row.every, row.keep) for row in self._tiers]
        retention = TieredRetention(self.keep, most, tiers=tiers)
        return Database(self.file, retention, self.clock.now)
