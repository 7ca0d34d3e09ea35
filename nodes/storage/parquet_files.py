"""Readings as Parquet files, a folder a day, through a stream that survives a power cut.

Parquet has its index at the end, so a file that is not finished is lost. Readings therefore go
into an Arrow stream (`open.arrows`) first, safe on disk with each flush; from time to time, and at
the start where one is left over, the stream becomes a Parquet file.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from flowrt.node import NodeFault, Signals
from nodes.storage.aside import stamp
from nodes.storage.buffered import in_turns
from nodes.storage.trouble import unavailable

__all__ = ["ParquetFiles"]

Arrow: TypeAlias = Any
"""pyarrow, imported when the first reading comes: it takes half a second."""
_ROWS_A_GROUP: Final = 65_536
_DAY: Final = 86_400


class ParquetFiles:
    """A store of readings in `FOLDER/date=2026-03-01/readings-20260301T120000Z.parquet`."""

    def __init__(
        self,
        folder: Path,
        every: float,
        keep_days: int,
        most_rows: int,
        now: Callable[[], float],
    ) -> None:
        self.notes: list[NodeFault] = []
        self._folder = folder
        self._every = every
        self._keep_days = keep_days
        self._most_rows = most_rows
        self._now = now
        self._stream: _Stream | None = None

    def write(self, messages: Sequence[Signals]) -> None:
        """Keep all of them, safe on disk; finish a file where it is time."""
        try:
            if self._stream is None:
                self._folder.mkdir(parents=True, exist_ok=True)
                self._finish()
                self._forget()
                if messages:
                    self._stream = _Stream(self._folder / "open.arrows", self._now())
            if self._stream is not None and messages:
                self._stream.add(messages)
                if self._is_time(self._stream):
                    self.close()
        except OSError as error:
            self._let_go()
            raise unavailable(self._folder, error) from error

    def close(self) -> None:
        """Make the stream a Parquet file."""
        if self._stream is not None:
            self._let_go()
            self._finish()
            self._forget()

    def _let_go(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()

    def _is_time(self, stream: _Stream) -> bool:
        slot = self._now() // self._every
        return stream.rows >= self._most_rows or slot != stream.begun // self._every

    def _finish(self) -> None:
        """Turn a stream that is there into Parquet, as much of it as is whole."""
        stream = self._folder / "open.arrows"
        if not stream.exists() or not stream.stat().st_size:
            return
        begun = _first_time(stream) or self._now()
        day = self._folder / f"date={datetime.fromtimestamp(begun, UTC):%Y-%m-%d}"
        day.mkdir(exist_ok=True)
        file = _free(day / f"readings-{stamp(begun)}.parquet")
        half = file.with_suffix(".half")
        if _convert(stream, half):
            _sync(half)
            half.rename(file)
        else:
            self.notes.append(NodeFault(f"{stream}: held nothing that can be read"))
            half.unlink(missing_ok=True)
        stream.unlink()

    def _forget(self) -> None:
        """Delete the days that are too old."""
        oldest = datetime.fromtimestamp(self._now() - self._keep_days * _DAY, UTC)
        limit = f"date={oldest:%Y-%m-%d}"
        for day in self._folder.glob("date=*"):
            if day.name < limit:
                shutil.rmtree(day, ignore_errors=True)


class _Stream:
    """An Arrow stream that readings are added to."""

    def __init__(self, path: Path, now: float) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]

        self.begun = now
        self.rows = 0
        self._arrow: Arrow = pa
        self._schema = _schema(pa)
        self._file = path.open("wb")
        self._writer = pa.ipc.new_stream(self._file, self._schema)

    def add(self, messages: Sequence[Signals]) -> None:
        """Add rows, safe on disk on return."""
        columns: tuple[list[Any], ...] = ([], [], [], [], [])
        for part in in_turns(messages):
            for row in _rows(part):
                for column, cell in zip(columns, row, strict=True):
                    column.append(cell)
        arrays = [
            self._arrow.array(column, field.type)
            for column, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_batch(self._arrow.record_batch(arrays, schema=self._schema))
        self._file.flush()
        os.fsync(self._file.fileno())
        self.rows += len(columns[0])

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._writer.close()
        self._file.close()


def _schema(arrow: Arrow) -> Arrow:
    return arrow.schema(
        [
            ("time", arrow.timestamp("us", "UTC")),
            ("source", arrow.string()),
            ("name", arrow.string()),
            ("value", arrow.float64()),
            ("text", arrow.string()),
        ]
    )


def _rows(messages: Sequence[Signals]) -> Iterator[tuple[Any, ...]]:
    """Time in microseconds, source, name, and the value as number or as text."""
    for message in messages:
        time = round(message.time * 1e6) if abs(message.time) < 9e12 else None
        for name, value in message.values.items():
            text = value if isinstance(value, str) else None
            number = float(value) if isinstance(value, int | float) else None
            yield time, message.source, name, number, text


def _convert(stream: Path, file: Path) -> bool:
    """Copy whole batches of a stream into a Parquet file; says whether there were any."""
    import pyarrow as pa
    from pyarrow import parquet

    rows = 0
    with (
        stream.open("rb") as source,
        parquet.ParquetWriter(
            file, _schema(pa), compression="zstd", use_dictionary=["source", "name", "text"]
        ) as target,
    ):
        pending: list[Arrow] = []
        for batch in _whole_batches(pa, source):
            pending.append(batch)
            if sum(one.num_rows for one in pending) >= _ROWS_A_GROUP:
                target.write_table(pa.Table.from_batches(pending))
                rows += sum(one.num_rows for one in pending)
                pending = []
        if pending:
            target.write_table(pa.Table.from_batches(pending))
            rows += sum(one.num_rows for one in pending)
    return bool(rows)


def _first_time(stream: Path) -> float | None:
    """POSIX seconds of the first reading; None where there is none."""
    import pyarrow as pa

    with stream.open("rb") as source:
        for batch in _whole_batches(pa, source):
            times = batch.column(0).drop_null()
            if len(times):
                moment: datetime = times[0].as_py()
                return moment.timestamp()
    return None


def _whole_batches(arrow: Arrow, source: Any) -> Iterator[Arrow]:
    """Up to where a power cut ended it."""
    try:
        yield from arrow.ipc.open_stream(source)
    except (arrow.ArrowInvalid, OSError, EOFError):
        return


def _free(path: Path) -> Path:
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
