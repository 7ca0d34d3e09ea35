"""MF4 (ASAM MDF) by asammdf, a group of CAN frames at a time.

A log whose frames are in several groups, which must be merged by time, is read by python-can.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from flowrt.node import Array, FrameTable
from nodes.can.readers.told import Tell, empty

__all__ = ["is_plain", "read_mf4"]

_AT_ONCE: Final = 65_536
_NAME: Final = "CAN_DataFrame"
_FLAGS: Final = {"IDE": 1, "EDL": 2, "BRS": 4}
_ID: Final = 0x1FFF_FFFF


def is_plain(path: Path) -> bool:
    """Whether all CAN frames are data frames in one group."""
    with _opened(path) as log:
        groups = _groups(log)
        return len(groups) == 1 and groups[0][1]


def read_mf4(path: Path, tell: Tell) -> Iterator[FrameTable]:  # noqa: ARG001  has no lines
    """The frames of the only group of an MF4 log."""
    with _opened(path) as log:
        start = log.header.start_time.timestamp()
        ((group, _),) = _groups(log)
        for offset in range(0, log.groups[group].channel_group.cycles_nr, _AT_ONCE):
            signal = log.get(_NAME, group, record_offset=offset, record_count=_AT_ONCE, raw=False)
            yield _table(signal, start)


def _opened(path: Path) -> Any:
    from asammdf import MDF

    return MDF(path)


def _groups(log: Any) -> list[tuple[int, bool]]:
    """The groups with CAN frames by index, and whether they are plain data frames."""
    found = []
    for index, group in enumerate(log.groups):
        source = group.channel_group.acq_source
        names = {channel.name for channel in group.channels}
        if not group.channel_group.cycles_nr or source is None:
            continue
        if any(name.startswith("CAN_") for name in names):
            found.append((index, _NAME in names))
    return found


def _table(signal: Any, start: float) -> FrameTable:
    samples = signal.samples
    fields = {name.partition(".")[2]: samples[name] for name in samples.dtype.names}
    data = fields["DataBytes"]
    lengths = np.minimum(fields["DataLength"].astype(np.int64), data.shape[1])
    width = 8 if not len(lengths) or lengths.max() <= 8 else 64
    table = empty(len(samples), width)
    table.times = signal.timestamps + start
    table.ids = fields["ID"].astype(np.uint32) & np.uint32(_ID)
    columns = min(width, data.shape[1])
    table.data[:, :columns] = data[:, :columns]
    table.data[np.arange(width) >= lengths[:, None]] = 0
    table.lengths = lengths.astype(np.uint8)
    table.flags = _flags(fields, len(samples))
    if "BusChannel" in fields:
        numbers, indices = np.unique(fields["BusChannel"], return_inverse=True)
        table.names = tuple(str(int(number) or "") for number in numbers)
        table.channels = indices.astype(np.uint32).reshape(-1)
    return table


def _flags(fields: dict[str, Array], count: int) -> Array:
    # python-can takes a frame for extended where nothing is said.
    flags = np.zeros(count, np.uint8) if "IDE" in fields else np.ones(count, np.uint8)
    for name, bit in _FLAGS.items():
        if name in fields:
            flags |= (fields[name] != 0).astype(np.uint8) * np.uint8(bit)
    return flags
