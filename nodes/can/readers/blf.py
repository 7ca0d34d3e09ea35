"""Vector's binary logs: objects in compressed containers, of which those of a kind are one array.

The layouts are those that python-can reads; kinds that hold no frame are passed over.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np

from flowrt.node import Array, FrameTable, NodeFault
from nodes.can.readers.told import Tell, empty

__all__ = ["read_blf"]

_HEADER = struct.Struct("<4sLBBBBBBBBQQLL8H8H")
_OBJECT = struct.Struct("<4sHHLL")
_SIGNATURE: Final = int.from_bytes(b"LOBJ", "little")
_SLACK: Final = 4
"""Bytes that may lie between an object and the next one."""
_CONTAINER: Final = 10
_CONTAINER_HEAD = struct.Struct("<H6xL4x")
_STORED, _DEFLATED = 0, 2
_AT_ONCE: Final = 8 << 20
"""Bytes of objects that are taken together: some 170,000 frames."""
_HEADS: Final = {1: 32, 2: 40}
"""Bytes before an object's content, by the version of its header."""
_EXACT: Final = 2**53

_CAN = np.dtype("<u2,u1,u1,<u4,8u1")
_CAN.names = ("channel", "flags", "dlc", "id", "data")
_FD = np.dtype("<u2,u1,u1,<u4,<u4,u1,u1,u1,V5,64u1")
_FD.names = ("channel", "flags", "dlc", "id", "length", "bits", "fd", "valid", "_", "data")
_FD_64 = np.dtype("u1,u1,u1,u1,<u4,<u4,<u4,V20,<u2,u1,u1,<u4")
_FD_64.names = (
    *("channel", "dlc", "valid", "count", "id", "length", "fd"),
    *("_", "bits", "direction", "offset", "crc"),
)
_FAULT = np.dtype("<u2,<u2,<u4,u1,u1,u1,V1,<u4,<u4,<u2,V2,8u1")
_FAULT.names = (
    *("channel", "length", "flags", "ecc", "position", "dlc", "_"),
    *("frame", "id", "more", "__", "data"),
)
_LAYOUTS: Final = {1: _CAN, 86: _CAN, 73: _FAULT, 100: _FD, 101: _FD_64}
_EXTENDED_ID, _ID = 0x8000_0000, 0x1FFF_FFFF


def read_blf(path: Path, tell: Tell) -> Iterator[FrameTable]:
    """The frames of a BLF log; raises NodeFault where it breaks off."""
    with path.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:4] != b"LOGG":
            raise NodeFault(f"{path} cannot be read as a log: it does not begin as a BLF does.")
        fields = _HEADER.unpack(head)
        file.seek(fields[1])
        start, count, rest = _seconds(fields[14:22]), 0, b""
        for content in _contents(path, file, tell):
            data = rest + content
            places, end = _objects(data)
            if end < 0:
                raise NodeFault(
                    f"{path}: after {count} frames the log cannot be read on: no object where one "
                    "should begin."
                )
            rest = data[end:]
            table = _table(data, places, start)
            count += len(table)
            yield table


def _seconds(stamp: tuple[int, ...]) -> float:
    """A SYSTEMTIME in POSIX seconds; 0 where it is none."""
    year, month, _, day, hour, minute, second, milli = stamp
    try:
        moment = datetime(year, month, day, hour, minute, second, milli * 1000, tzinfo=UTC)
    except ValueError:
        return 0.0
    return moment.timestamp()


def _contents(path: Path, file: BinaryIO, tell: Tell) -> Iterator[bytes]:
    """What is in the containers, several together."""
    gathered: list[bytes] = []
    size = 0
    while head := file.read(_OBJECT.size):
        if len(head) < _OBJECT.size or head[:4] != b"LOBJ":
            yield b"".join(gathered)
            raise NodeFault(f"{path}: the log breaks off at byte {file.tell() - len(head)}.")
        _, _, _, length, kind = _OBJECT.unpack(head)
        body = file.read(max(0, length - _OBJECT.size))
        if len(body) < length - _OBJECT.size:
            tell(f"{path}: the log breaks off within its last container.")
        file.read(length % 4)
        if kind == _CONTAINER and len(body) >= _CONTAINER_HEAD.size:
            gathered.append(_unpacked(body))
            size += len(gathered[-1])
        if size >= _AT_ONCE:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def _unpacked(body: bytes) -> bytes:
    method, _ = _CONTAINER_HEAD.unpack_from(body)
    content = body[_CONTAINER_HEAD.size :]
    if method == _DEFLATED:
        return zlib.decompressobj().decompress(content)
    return content if method == _STORED else b""


def _objects(data: bytes) -> tuple[Array, int]:
    """Places, kinds, header versions and sizes of whole objects, and where the rest begins.

    The rest is -1 where no object begins within the eight bytes in which one must.
    """
    words = np.frombuffer(data, "<u4", len(data) // 4)
    places = 4 * np.flatnonzero(words == _SIGNATURE).astype(np.int64)
    places = places[places + _OBJECT.size <= len(data)]
    if not len(places) or places[0] > _SLACK:
        return _walked(data)
    at = places // 4
    versions, sizes, kinds = words[at + 1] >> 16, words[at + 2].astype(np.int64), words[at + 3]
    gaps = places[1:] - places[:-1] - sizes[:-1]
    if (gaps < 0).any() or (gaps > _SLACK).any():
        return _walked(data)  # some signature is data, or some object not where it usually is
    end = int(places[-1])
    whole = int(end + sizes[-1] <= len(data))
    if whole:
        end += int(sizes[-1])
        if end + 8 <= len(data):
            return _walked(data)
    count = len(places) - 1 + whole
    return np.stack((places, kinds, versions, sizes), axis=1)[:count], end


def _walked(data: bytes) -> tuple[Array, int]:
    """What `_objects` gives, from object to object."""
    found = []
    at, length, unpack = 0, len(data), _OBJECT.unpack_from
    while True:
        begin = data.find(b"LOBJ", at, at + 8)
        if begin < 0 or begin + _OBJECT.size > length:
            end = at if begin >= 0 or at + 8 > length else -1
            break
        _, _, version, size, kind = unpack(data, begin)
        if begin + size > length or size < _OBJECT.size:
            end = at if size >= _OBJECT.size else -1
            break
        found.append((begin, kind, version, size))
        at = begin + size
    return np.array(found, np.int64).reshape(-1, 4), end


def _table(data: bytes, described: Array, start: float) -> FrameTable:
    """The frames among some objects, in their order."""
    readable = np.isin(described[:, 1], list(_LAYOUTS)) & np.isin(described[:, 2], list(_HEADS))
    described = described[readable]
    table = empty(len(described), 64 if (described[:, 1] >= 100).any() else 8)
    padded = np.frombuffer(data + b"\0" * 256, np.uint8)
    channels = np.zeros(len(described), np.int64)
    for kind in np.unique(described[:, 1]).tolist():
        for version in np.unique(described[:, 2]).tolist():
            rows = np.flatnonzero((described[:, 1] == kind) & (described[:, 2] == version))
            if len(rows):
                places, sizes = described[rows, 0], described[rows, 3]
                _stamp(table, rows, padded, places, start)
                channels[rows] = _fill(table, rows, padded, places, sizes, kind, _HEADS[version])
    numbers, indices = np.unique(channels - 1, return_inverse=True)
    table.names = tuple(str(number or "") for number in numbers.tolist()) or ("",)
    table.channels = indices.astype(np.uint32).reshape(-1)
    return table


def _gathered(padded: Array, places: Array, layout: np.dtype[np.void]) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(padded, layout.itemsize)
    return windows[places].view(layout)[:, 0]


_STAMP = np.dtype([("flags", "<u4"), ("_", "V4"), ("stamp", "<u8")])


def _stamp(table: FrameTable, rows: Array, padded: Array, places: Array, start: float) -> None:
    """Times: ticks of 10 us or of 1 ns since the start of the log."""
    stamps = _gathered(padded, places + 16, _STAMP)
    ticks = stamps["stamp"]
    coarse = stamps["flags"] == 1
    # Both are exact below 2**53, so that the quotient is rounded once, as python-can does.
    seconds = ticks.astype(np.float64) / np.where(coarse, 1e5, 1e9)
    for row in np.flatnonzero(ticks >= _EXACT).tolist():
        factor = Decimal("1e-5") if coarse[row] else Decimal("1e-9")
        seconds[row] = float(Decimal(int(ticks[row])) * factor)
    table.times[rows] = seconds + start


def _fill(
    table: FrameTable,
    rows: Array,
    padded: Array,
    places: Array,
    sizes: Array,
    kind: int,
    head: int,
) -> Array:
    """Put objects of a kind into their rows; gives their channels."""
    made = _gathered(padded, places + head, _LAYOUTS[kind])
    table.ids[rows] = made["id"] & _ID
    flags = ((made["id"] & _EXTENDED_ID) != 0).astype(np.uint8)
    if kind == 101:
        return _fill_long(table, rows, padded, places, sizes, made, flags, head)
    lengths = np.minimum(made["valid"] if kind == 100 else made["dlc"], made["data"].shape[1])
    if kind == 73:
        flags |= 16
    else:
        flags |= ((made["flags"] & 0x80) != 0).astype(np.uint8) * np.uint8(8)
    if kind == 100:
        flags |= (made["fd"] & 1) << 1 | (made["fd"] & 2) << 1
    _put(table, rows, made["data"], lengths, flags)
    return made["channel"].astype(np.int64)


def _fill_long(
    table: FrameTable,
    rows: Array,
    padded: Array,
    places: Array,
    sizes: Array,
    made: Array,
    flags: Array,
    head: int,
) -> Array:
    """CAN_FD_MESSAGE_64: its data may be cut off before what is said to be valid."""
    flags |= ((made["fd"] & 0x10) != 0) * np.uint8(8)
    flags |= ((made["fd"] & 0x1000) != 0) * np.uint8(2)
    flags |= ((made["fd"] & 0x2000) != 0) * np.uint8(4)
    ends = np.where(made["offset"] != 0, made["offset"].astype(np.int64), sizes)
    there = np.minimum(made["valid"].astype(np.int64), ends - head - _FD_64.itemsize)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 64)
    data = windows[places + head + _FD_64.itemsize].copy()
    data[np.arange(64) >= there[:, None]] = 0
    _put(table, rows, data, np.minimum(made["valid"], 64), flags)
    return made["channel"].astype(np.int64)


def _put(table: FrameTable, rows: Array, data: Array, lengths: Array, flags: Array) -> None:
    width = data.shape[1]
    lengths = np.where((flags & 8) != 0, 0, lengths)  # a remote frame has no data
    table.data[rows, :width] = np.where(np.arange(width) < lengths[:, None], data, 0)
    table.lengths[rows] = lengths
    table.flags[rows] = flags
