"""MF4 (ASAM MDF) by asammdf: data, error and remote frames, whose groups are merged by time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from flowrt.node import Array, FrameTable
from nodes.can.readers.merged import merged
from nodes.can.readers.told import Tell, empty

__all__ = ["is_readable", "read_mf4"]

_AT_ONCE: Final = 65_536
_FLAGS: Final = {"IDE": 1, "EDL": 2, "BRS": 4, "RTR": 8}
_REMOTE: Final = 8
_ID: Final = 0x1FFF_FFFF


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of frames: its flags, and which fields python-can looks at."""

    flags: int
    fields: frozenset[str]


_KINDS: Final = {
    "CAN_DataFrame": _Kind(0, frozenset({"IDE", "EDL", "BRS"})),
    "CAN_ErrorFrame": _Kind(16, frozenset({"IDE", "EDL", "BRS", "RTR"})),
    "CAN_RemoteFrame": _Kind(8, frozenset({"IDE"})),
}


def is_readable(path: Path) -> bool:
    """Whether there are frames of a bus in it; raises what asammdf does for a damaged file."""
    with _opened(path) as log:
        return bool(_groups(log))


def read_mf4(path: Path, tell: Tell) -> Iterator[FrameTable]:  # noqa: ARG001  has no lines
    """The frames of an MF4 log, in order of time."""
    with _opened(path) as log:
        yield from merged([_tables(log, group, name) for group, name in _groups(log)])


def _opened(path: Path) -> Any:
    from asammdf import MDF

    return MDF(path)


def _groups(log: Any) -> list[tuple[int, str]]:
    """The groups with frames of a CAN bus, and of which kind these are."""
    from asammdf.blocks.source_utils import Source
    from asammdf.blocks.v4_constants import FLAG_CG_BUS_EVENT

    found = []
    for index, group in enumerate(log.groups):
        about, source = group.channel_group, group.channel_group.acq_source
        if not about.flags & FLAG_CG_BUS_EVENT or not about.cycles_nr or source is None:
            continue
        if source.source_type & Source.SOURCE_BUS and source.bus_type == Source.BUS_TYPE_CAN:
            names = {channel.name for channel in group.channels}
            found += [(index, kind) for kind in _KINDS if kind in names][:1]
    return found


def _tables(log: Any, group: int, name: str) -> Iterator[FrameTable]:
    """The frames of a group."""
    start = log.header.start_time.timestamp()
    for offset in range(0, log.groups[group].channel_group.cycles_nr, _AT_ONCE):
        signal = log.get(name, group, record_offset=offset, record_count=_AT_ONCE, raw=False)
        yield _table(signal, start, _KINDS[name])


def _table(signal: Any, start: float, kind: _Kind) -> FrameTable:
    samples = signal.samples
    fields = {name.partition(".")[2]: samples[name] for name in samples.dtype.names}
    flags = _flags(fields, len(samples), kind)
    table = _with_data(fields, flags)
    table.times, table.flags = signal.timestamps + start, flags
    if "ID" in fields:
        table.ids = fields["ID"].astype(np.uint32) & np.uint32(_ID)
    if "BusChannel" in fields:
        numbers, indices = np.unique(fields["BusChannel"], return_inverse=True)
        table.names = tuple(str(int(number) or "") for number in numbers)
        table.channels = indices.astype(np.uint32).reshape(-1)
    return table


def _with_data(fields: dict[str, Array], flags: Array) -> FrameTable:
    """Room for frames, with their bytes; a remote one has none."""
    if not fields.keys() >= {"DataLength", "DataBytes"}:
        return empty(len(flags), 8)
    data = fields["DataBytes"]
    lengths = np.minimum(fields["DataLength"].astype(np.int64), data.shape[1])
    lengths[(flags & _REMOTE) != 0] = 0
    table = empty(len(flags), 8 if not len(lengths) or lengths.max() <= 8 else 64)
    width = table.data.shape[1]
    columns = min(width, data.shape[1])
    table.data[:, :columns] = data[:, :columns]
    table.data[np.arange(width) >= lengths[:, None]] = 0
    table.lengths = lengths.astype(np.uint8)
    return table


def _flags(fields: dict[str, Array], count: int, kind: _Kind) -> Array:
    # python-can takes a frame for extended where nothing is said.
    flags = np.full(count, kind.flags | ("IDE" not in fields), np.uint8)
    for name, bit in _FLAGS.items():
        if name in fields and name in kind.fields:
            flags |= (fields[name] != 0).astype(np.uint8) * np.uint8(bit)
    return flags
