"""Record readings as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from flowrt.node import Example, Signals, node, setting
from nodes.storage.rotating import Lines, RotatingSink
from nodes.storage.table import TIME_FORMATS, LongTable, Selection, WideTable


@node("storage/csv", icon="file-spreadsheet")
class Csv(RotatingSink):
    """Record readings as CSV files with a header, for spreadsheets and pandas.

    A reading that is not available is an empty cell. Files hold `max_size_mb` each and
    `keep_files` of them stay, so the room they take is bounded.
    """

    layout: Literal["long", "wide"] = setting(
        "A line for each reading (time, source, signal, value), or a line for each message with "
        "a column for each signal; there a signal not seen before begins a new file.",
        default="long",
    )
    signals: list[str] = setting(
        "Record only these signals, as columns in this order; empty for all.",
        default=list,
        signal=True,
    )
    time: Literal["iso", "posix"] = setting(
        "Write times as 2026-03-01T12:00:00.000Z or as seconds since 1970.", default="iso"
    )

    examples = (
        Example("Every reading, a file a day", {"file": "log/rack1.csv"}),
        Example(
            "Three columns for a spreadsheet",
            {
                "file": "log/soc.csv",
                "layout": "wide",
                "signals": ["SOC", "PackVoltage", "PackCurrent"],
            },
        ),
    )

    async def write(self, messages: Sequence[Signals]) -> None:
        """Gather them for the next flush."""
        await super().write(messages)

    def make_lines(self) -> Lines:
        """The lines of the layout."""
        table = LongTable if self.layout == "long" else WideTable
        return table(Selection(self.signals), TIME_FORMATS[self.time])
