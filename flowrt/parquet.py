"""Record lines as a Parquet table: a row for each reading, event and frame.

Readings have `name` and `value` or `text`; events their fields; frames `channel`, `id` and `data`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import orjson

from flowrt.errors import LogFileError

__all__ = ["convert"]

_AT_ONCE: Final = 65_536
_TEXTS: Final = ("site", "node", "port", "kind", "source", "name", "text", "state", "severity")


def convert(lines: Path, into: Path) -> None:
    """Write the lines of a record file as a Parquet file; raises LogFileError without pyarrow."""
    try:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]
    except ImportError as error:
        raise LogFileError(
            f"{into}: Parquet needs pyarrow. Install it: pip install 'flowrt[bulk]'"
        ) from error
    numbers = [("time", pa.float64()), ("value", pa.float64()), ("id", pa.uint32())]
    texts = [(name, pa.string()) for name in (*_TEXTS, "channel")]
    schema = pa.schema([*numbers, *texts, ("data", pa.binary())])
    with lines.open("rb") as file, pq.ParquetWriter(into, schema) as writer:
        rows = (row for line in file for row in _rows(orjson.loads(line)))
        while some := list(islice(rows, _AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(some, schema))


def _rows(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if record["kind"] == "signals":
        values = record.pop("values")
        for name, value in values.items():
            yield {**record, "name": name, **_valued(value)}
    elif record["kind"] == "event":
        text = record["text"]
        value = _valued(record.pop("value"))
        yield {**record, **value, "text": text or value.get("text")}
    else:
        yield {**record, "data": bytes.fromhex(record["data"])}


def _valued(value: Any) -> dict[str, Any]:
    return {"text": value} if isinstance(value, str) else {"value": value}
