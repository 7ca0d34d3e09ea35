"""What cantools says of a frame, and random frames that it can decode."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from cantools.database.can import Message, Signal

from nodes.can.plan import absent_codes, text_signal

__all__ = ["expected", "payloads", "same"]


def payloads(message: Message, numbers: random.Random, count: int) -> Iterator[bytes]:
    """Random data that is valid for a message: each with multiplexers that the database knows."""
    for _ in range(count):
        data = bytearray(numbers.randbytes(message.length))
        _set_multiplexers(message, message.signal_tree, data, numbers)
        yield bytes(data)


def _set_multiplexers(message: Message, tree: Any, data: bytearray, numbers: random.Random) -> None:
    for item in tree:
        if not isinstance(item, str):
            for name, branches in item.items():
                chosen = numbers.choice(list(branches))
                _put(message.get_signal_by_name(name), data, chosen)
                _set_multiplexers(message, branches[chosen], data, numbers)


def _put(signal: Signal, data: bytearray, raw: int) -> None:
    """Write a raw value bit by bit, the way a DBC counts bits."""
    bit = signal.start
    for index in range(signal.length):
        if signal.byte_order == "little_endian":
            place, value = signal.start + index, raw >> index & 1
        else:
            place, value = bit, raw >> (signal.length - 1 - index) & 1
            bit = bit - 1 if bit % 8 else bit + 15
        data[place // 8] = data[place // 8] & ~(1 << place % 8) | value << place % 8


def expected(message: Message, data: bytes) -> dict[str, Any]:
    """What cantools says, with the database's codes for "not available" as None."""
    options = {"decode_choices": False, "allow_truncated": True}
    decoded = message.decode(data, **options)
    raw = message.decode(data, scaling=False, **options)
    assert isinstance(decoded, dict)
    assert isinstance(raw, dict)
    absent = {signal.name: absent_codes(signal) for signal in message.signals}
    return {
        name: None if raw[name] in absent[name] else value
        for name, value in decoded.items()
        if not text_signal(message.get_signal_by_name(name))
    }


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Value for value and type for type; NaN is NaN."""
    return ours.keys() == theirs.keys() and all(
        type(ours[name]) is type(theirs[name]) and repr(ours[name]) == repr(theirs[name])
        for name in theirs
    )
