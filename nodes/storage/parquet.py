"""Record readings as Parquet files."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

from flowrt.node import Duration, Example, Signals, node, setting
from nodes.storage.buffered import BufferedSink
from nodes.storage.parquet_files import ParquetFiles

if importlib.util.find_spec("pyarrow") is None:  # it takes half a second to import: not yet
    raise ModuleNotFoundError("No module named 'pyarrow'", name="pyarrow")


@node("storage/parquet", icon="table-columns")
class Parquet(BufferedSink):
    """Record readings as Parquet files for pandas, DuckDB or Spark: a folder a day.

    Columns are `time` (UTC, microseconds), `source`, `name`, `value` (a number, null where not
    available) and `text`. Until a file is finished its readings stand in `open.arrows`, which a
    power cut does not spoil.
    """

    folder: Path = setting("Folder for `date=2026-03-01/readings-....parquet`.")
    file_every: Duration = setting("How often a file is finished.", default=3600.0, minimum=1)
    keep_days: int = setting("Days that are kept; older ones are deleted.", default=365, minimum=1)
    max_rows: int = setting(
        "Readings after which a file is finished early.",
        default=2_000_000,
        minimum=1,
        advanced=True,
    )

    examples = (
        Example("A year of a rack", {"folder": "log/parquet"}),
        Example("A file each day", {"folder": "log/parquet", "file_every": "1 d"}),
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """A file is no folder."""
        if self.folder.is_file():
            yield "folder", f"{self.folder} is a file. Name a folder."

    def summary(self) -> str:
        """The folder."""
        return f"{self.folder.name}/, {self.keep_days} days"

    async def write(self, messages: Sequence[Signals]) -> None:
        """Gather them for the next flush."""
        await super().write(messages)

    def open_store(self) -> ParquetFiles:
        """Opened when it is first written."""
        return ParquetFiles(
            self.folder, self.file_every, self.keep_days, self.max_rows, self.clock.now
        )
