"""What the process data objects of a node carry, arranged so that a frame is read at once."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import NodeFault, Value
from nodes.canopen.dictionary import name_of

if TYPE_CHECKING:
    from canopen import ObjectDictionary
    from canopen.objectdictionary import ODVariable

__all__ = ["Field", "Pdo", "mapped"]

_KINDS: Final = (("TPDO", 0x1800, 0x1A00), ("RPDO", 0x1400, 0x1600))
"""What the node sends and what it is sent: where parameters and mapping begin (CiA 301)."""
_MOST: Final = 512
_NOT_VALID: Final = 1 << 31
_EXTENDED: Final = 1 << 29
_WHOLE: Final = {8: "b", 16: "h", 32: "i", 64: "q"}
_FLOATS: Final = {0x08: ("f", 32), 0x11: ("d", 64)}
_SIGNED: Final = frozenset({0x02, 0x03, 0x04, 0x10, 0x12, 0x13, 0x14, 0x15})
_TEXT: Final = 0x09
_DUMMIES: Final = 8
"""Indices below are data types: a mapped one is a gap."""


@dataclass(frozen=True, slots=True)
class Field:
    """A variable in a frame: `first` and `bits` say where, `type` is its data type of CiA 301."""

    name: str
    first: int
    bits: int
    type: int
    unit: str = ""
    factor: float = 1.0
    minimum: float | None = None
    maximum: float | None = None

    @property
    def code(self) -> str:
        """How struct reads it; empty where it does not."""
        if self.first % 8:
            return ""
        if self.type in _FLOATS:
            code, bits = _FLOATS[self.type]
            return code if bits == self.bits else ""
        if self.type == _TEXT:
            return f"{self.bits // 8}s"
        code = _WHOLE.get(self.bits, "")
        return code if self.type in _SIGNED else code.upper()


class Pdo:
    """One process data object: `decode` reads a frame of at least `length` bytes."""

    def __init__(self, name: str, id: int, extended: bool, fields: Sequence[Field]) -> None:
        self.name = name
        self.id = id
        self.extended = extended
        self.fields = tuple(fields)
        self.length = max((-(-(f.first + f.bits) // 8) for f in fields), default=0)
        self.decode = _compiled(self.fields)


# --- the function that reads a frame, written out once


def _compiled(fields: Sequence[Field]) -> Callable[[bytes], dict[str, Value]]:
    """One struct reads the fields of whole bytes; the others are cut out of one long number."""
    whole = [field for field in fields if field.code]
    lines = ["def decode(data):"]
    if len(whole) < len(fields):
        lines.append("    number = from_bytes(data, 'little')")
    if whole:
        lines.append(f"    {''.join(f'w{field.first}, ' for field in whole)}= unpack(data)")
    readings = (f"{field.name!r}: {_reading(field)}" for field in fields)
    lines.append(f"    return {{{', '.join(readings)}}}")
    scope: dict[str, Any] = {
        "from_bytes": int.from_bytes,
        "unpack": struct.Struct(_pattern(whole)).unpack_from,
        "text": _text,
        "floating": _floating,
    }
    exec("\n".join(lines), scope)  # noqa: S102  made of numbers and names that are quoted
    decode: Callable[[bytes], dict[str, Value]] = scope["decode"]
    return decode


def _pattern(fields: Sequence[Field]) -> str:
    pattern, at = "<", 0
    for field in fields:
        pattern += "x" * (field.first // 8 - at) + field.code
        at = (field.first + field.bits) // 8
    return pattern


def _reading(field: Field) -> str:
    raw = f"w{field.first}" if field.code else _cut(field)
    if field.type == _TEXT:
        return f"text({raw})"
    return raw if field.factor == 1 else f"({raw}) * {field.factor!r}"


def _cut(field: Field) -> str:
    bits, sign = field.bits, 1 << field.bits - 1
    raw = f"number >> {field.first} & {(1 << bits) - 1}"
    if field.type == _TEXT:
        return f"({raw}).to_bytes({-(-bits // 8)}, 'little')"
    if field.type in _FLOATS:
        return f"floating({_FLOATS[field.type][0]!r}, {raw})"
    return f"(({raw}) ^ {sign}) - {sign}" if field.type in _SIGNED else raw


def _text(data: bytes) -> str:
    return data.rstrip(b"\0 ").decode("ascii", "replace")


def _floating(code: str, raw: int) -> float:
    value: float = struct.unpack(f"<{code}", raw.to_bytes(struct.calcsize(code), "little"))[0]
    return value


# --- out of the dictionary


def mapped(dictionary: ObjectDictionary) -> list[Pdo]:
    """Every process data object that is valid and carries something; raises NodeFault."""
    return [
        pdo
        for kind, parameters, mapping in _KINDS
        for number in range(_MOST)
        if parameters + number in dictionary and mapping + number in dictionary
        if (pdo := _pdo(dictionary, f"{kind}{number + 1}", parameters + number, mapping + number))
    ]


def _pdo(dictionary: ObjectDictionary, name: str, parameters: int, mapping: int) -> Pdo | None:
    id = _number(dictionary, parameters, 1)
    if id is None or id & _NOT_VALID or not id & 0x1FFF_FFFF:
        return None
    fields = list(_fields(dictionary, name, mapping))
    extended = bool(id & _EXTENDED)
    return (
        Pdo(name, id & (0x1FFF_FFFF if extended else 0x7FF), extended, fields) if fields else None
    )


def _fields(dictionary: ObjectDictionary, name: str, mapping: int) -> Iterator[Field]:
    first = 0
    for entry in range(1, (_number(dictionary, mapping, 0) or 0) + 1):
        told = _number(dictionary, mapping, entry)
        if not told:
            continue
        index, subindex, bits = told >> 16, told >> 8 & 0xFF, told & 0xFF
        if index >= _DUMMIES:
            yield _field(dictionary, name, index, subindex, first, bits)
        first += bits
    if first > 512:
        raise NodeFault(f"{name} maps {first} bits, but a frame has 64, of CAN FD 512, at most")


def _field(
    dictionary: ObjectDictionary, name: str, index: int, subindex: int, first: int, bits: int
) -> Field:
    variable = _variable(dictionary, index, subindex)
    if variable is None:
        raise NodeFault(
            f"{name} maps 0x{index:04X} sub {subindex}, which the dictionary does not have. "
            "Take the EDS that belongs to the device's firmware"
        )
    type = variable.data_type or 0
    if type in _FLOATS and _FLOATS[type][1] != bits:
        raise NodeFault(f"{name} maps {bits} bits of {variable.qualname}, a float of other size")
    factor = variable.factor
    low, high = (None if end is None else end * factor for end in (variable.min, variable.max))
    return Field(name_of(variable), first, bits, type, variable.unit or "", factor, low, high)


def _variable(dictionary: ObjectDictionary, index: int, subindex: int) -> ODVariable | None:
    try:
        return dictionary.get_variable(index, subindex)
    except KeyError:
        return None


def _number(dictionary: ObjectDictionary, index: int, subindex: int) -> int | None:
    """What the DCF sets an object to, else its default."""
    variable = _variable(dictionary, index, subindex)
    if variable is None:
        return None
    told = variable.default if variable.value is None else variable.value
    return told if isinstance(told, int) else None
