"""Frames in a Parquet file: columns `time` (seconds, or a timestamp), `id` and `data` (bytes).

Others are taken where they are there: `channel`, and true or false in `extended`, `fd`,
`bitrate_switch`, `remote` and `error`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from flowrt.node import Array, FrameTable, NodeFault
from nodes.can.readers.told import Tell, empty

__all__ = ["read_parquet"]

_AT_ONCE: Final = 131_072
_FLAGS: Final = {"extended": 1, "fd": 2, "bitrate_switch": 4, "remote": 8, "error": 16}
_LONGEST: Final = 64


def read_parquet(path: Path, tell: Tell) -> Iterator[FrameTable]:  # noqa: ARG001  has no lines
    """The frames of a Parquet log; raises NodeFault where a column is missing or wrong."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        file = pq.ParquetFile(path)
        missing = {"time", "id", "data"} - set(file.schema_arrow.names)
        if missing:
            raise NodeFault(
                f"{path} has no column {', '.join(sorted(missing))}. Frames need time, id and data."
            )
        for batch in file.iter_batches(_AT_ONCE):
            yield _table(path, batch)
    except (pa.ArrowException, pa.ArrowInvalid) as error:
        raise NodeFault(f"{path} cannot be read as Parquet: {error}") from error


def _table(path: Path, batch: Any) -> FrameTable:
    import pyarrow as pa

    offsets, content = _binary(batch.column("data").cast(pa.large_binary()))
    lengths = offsets[1:] - offsets[:-1]
    if len(lengths) and lengths.max() > _LONGEST:
        raise NodeFault(f"{path}: a frame has {lengths.max()} bytes, {_LONGEST} are the most.")
    width = 8 if not len(lengths) or lengths.max() <= 8 else _LONGEST
    table = empty(batch.num_rows, width)
    padded = np.concatenate((content, np.zeros(width, np.uint8)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, width)
    table.data = np.where(np.arange(width) < lengths[:, None], windows[offsets[:-1]], 0)
    table.lengths = lengths.astype(np.uint8)
    table.times = _times(batch.column("time"))
    table.ids = batch.column("id").to_numpy(zero_copy_only=False).astype(np.uint32)
    names = set(batch.schema.names)
    for name, bit in _FLAGS.items():
        if name in names:
            there = batch.column(name).fill_null(False).to_numpy(zero_copy_only=False)
            table.flags |= there * np.uint8(bit)
    if "channel" in names:
        channels = batch.column("channel").cast(pa.string()).fill_null("").dictionary_encode()
        table.names = tuple(channels.dictionary.to_pylist()) or ("",)
        table.channels = channels.indices.to_numpy().astype(np.uint32)
    return table


def _binary(column: Any) -> tuple[Array, Array]:
    """Offsets and bytes of a binary column, without its nulls' bytes."""
    buffers = column.buffers()
    offsets = np.frombuffer(buffers[1], np.int64)[column.offset : column.offset + len(column) + 1]
    content = np.frombuffer(buffers[2] or b"", np.uint8)
    return offsets, content


def _times(column: Any) -> Array:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        ticks: Array = column.cast(pa.timestamp("ns")).cast(pa.int64()).to_numpy()
        return ticks / 1e9
    times: Array = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return times
