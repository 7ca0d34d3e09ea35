"""Sparkplug B payloads as protobuf: written for births, data and deaths, read for commands.

The few fields that an edge node needs, by their numbers in Sparkplug's Payload message; a field
that is not known is passed over, as protobuf wants it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from flowrt.node import Value

__all__ = [
    "BOOLEAN",
    "DOUBLE",
    "INT64",
    "STRING",
    "Metric",
    "Unreadable",
    "encode",
    "read_metrics",
    "type_of",
]

INT64, DOUBLE, BOOLEAN, STRING = 4, 10, 11, 12
"""Sparkplug's data types, as far as readings need them."""
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT: Final = 10

Field: TypeAlias = tuple[int, int, int | bytes]
"""Number, wire type, content."""


class Unreadable(ValueError):
    """It is no Sparkplug payload."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with what a payload says of it; times are milliseconds since 1970."""

    value: Value
    type: int
    time: int
    name: str = ""
    alias: int | None = None
    historical: bool = False
    properties: Mapping[str, float | str] = field(default_factory=dict)


def type_of(value: Value) -> int:
    """The data type of a reading; every number is a Double, for signals have no integer type."""
    if isinstance(value, bool):
        return BOOLEAN
    return STRING if isinstance(value, str) else DOUBLE


# --- writing


def encode(time: int, metrics: Sequence[Metric], seq: int | None) -> bytes:
    """A payload; without `seq` for deaths."""
    parts = [_varint(8), _varint(time)]
    for metric in metrics:
        body = _metric(metric)
        parts += (_key(2, _BYTES), _varint(len(body)), body)
    if seq is not None:
        parts += (_key(3, _VARINT), _varint(seq))
    return b"".join(parts)


def _metric(metric: Metric) -> bytes:
    parts = [_text(1, metric.name)] if metric.name else []
    if metric.alias is not None:
        parts.append(_key(2, _VARINT) + _varint(metric.alias))
    parts.append(_key(3, _VARINT) + _varint(metric.time) + _key(4, _VARINT) + _varint(metric.type))
    if metric.historical:
        parts.append(_key(5, _VARINT) + b"\1")
    if metric.properties:
        parts.append(_nested(9, _properties(metric.properties)))
    parts.append(_value(metric.type, metric.value))
    return b"".join(parts)


def _value(type: int, value: Value) -> bytes:
    if value is None:
        return _key(7, _VARINT) + b"\1"
    if type == DOUBLE:
        return _key(13, _FIXED64) + struct.pack("<d", float(value))
    if type == BOOLEAN:
        return _key(14, _VARINT) + (b"\1" if value else b"\0")
    if type == INT64:
        return _key(11, _VARINT) + _varint(int(value) & (1 << 64) - 1)
    return _text(15, str(value))


def _properties(properties: Mapping[str, float | str]) -> bytes:
    names = b"".join(_text(1, name) for name in properties)
    return names + b"".join(_nested(2, _property(value)) for value in properties.values())


def _property(value: float | str) -> bytes:
    if isinstance(value, str):
        return _key(1, _VARINT) + _varint(STRING) + _text(8, value)
    return _key(1, _VARINT) + _varint(DOUBLE) + _key(6, _FIXED64) + struct.pack("<d", value)


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _text(number: int, text: str) -> bytes:
    return _nested(number, text.encode("utf-8", "replace"))


def _nested(number: int, body: bytes) -> bytes:
    return _key(number, _BYTES) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


# --- reading


def read_metrics(payload: bytes) -> list[Metric]:
    """The metrics of a command; raises Unreadable."""
    return [
        _read_metric(content)
        for number, wire, content in _fields(payload)
        if number == 2 and wire == _BYTES and isinstance(content, bytes)
    ]


def _read_metric(body: bytes) -> Metric:
    found = {number: content for number, _, content in _fields(body)}
    name, alias, type, time = found.get(1, b""), found.get(2), found.get(4, 0), found.get(3, 0)
    return Metric(
        value=_read_value(found),
        type=type if isinstance(type, int) else 0,
        time=time if isinstance(time, int) else 0,
        name=name.decode("utf-8", "replace") if isinstance(name, bytes) else "",
        alias=alias if isinstance(alias, int) else None,
    )


def _read_value(found: Mapping[int, int | bytes]) -> Value:
    for number, read in _READERS.items():
        content = found.get(number)
        if content is not None:
            return read(content)
    return None


def _integer(content: int | bytes) -> Value:
    if not isinstance(content, int):
        raise Unreadable("a number is none")
    return content - (1 << 64) if content >> 63 else content


def _real(content: int | bytes) -> Value:
    kinds = {4: "<f", 8: "<d"}
    if not isinstance(content, bytes) or len(content) not in kinds:
        raise Unreadable("a number is none")
    number: float = struct.unpack(kinds[len(content)], content)[0]
    return number


def _string(content: int | bytes) -> Value:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else str(content)


_READERS: Final = {
    10: _integer,
    11: _integer,
    12: _real,
    13: _real,
    14: lambda content: bool(content),
    15: _string,
}


def _fields(body: bytes) -> Iterator[Field]:
    at = 0
    while at < len(body):
        key, at = _read_varint(body, at)
        wire = key & 7
        if wire == _VARINT:
            number, at = _read_varint(body, at)
            yield key >> 3, wire, number
            continue
        if wire == _BYTES:
            length, at = _read_varint(body, at)
        elif wire in (_FIXED64, _FIXED32):
            length = 8 if wire == _FIXED64 else 4
        else:
            raise Unreadable("no such wire type")
        if at + length > len(body):
            raise Unreadable("it ends too early")
        yield key >> 3, wire, body[at : at + length]
        at += length


def _read_varint(body: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        if at + index >= len(body):
            raise Unreadable("it ends too early")
        byte = body[at + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value & (1 << 64) - 1, at + index + 1
    raise Unreadable("a number is too long")
