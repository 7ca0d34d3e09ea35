"""Where a replay's records go: JSON lines, a Parquet file, or nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

__all__ = ["recorder"]


@contextmanager
def recorder(record: Path | None) -> Iterator[tuple[Callable[[bytes], object], Path | None]]:
    """A call that takes a record line, and the file of lines for those who write it themselves."""
    if record is None:
        yield (lambda _line: None), None
    elif record.suffix.lower() == ".parquet":
        with TemporaryDirectory(dir=record.resolve().parent, prefix=".record-") as folder:
            lines = Path(folder) / "lines.jsonl"
            with _lines(lines) as write:
                yield write, lines
            from flowrt.parquet import convert

            convert(lines, record)
    else:
        with _lines(record) as write:
            yield write, record


@contextmanager
def _lines(path: Path) -> Iterator[Callable[[bytes], object]]:
    with path.open("wb") as file:
        put = file.write
        yield lambda line: put(line + b"\n")
