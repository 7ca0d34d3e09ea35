"""A CAN database as plain data: messages, signals, and the bits of each in its frame."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nodes.can.database import load_database

if TYPE_CHECKING:
    from cantools.database.can import Message, Signal

__all__ = ["bits_of", "describe"]

_EXACT: Final = 2**53
"""Whole numbers from here on are floats in JavaScript, and most JSON readers have a limit."""


def describe(path: Path) -> dict[str, Any]:
    """Every message of a database, JSON-able, as the API gives it; raises NodeFault."""
    return {"messages": [_message(message) for message in load_database(path).messages]}


def _message(message: Message) -> dict[str, Any]:
    """A message; `length` in bytes, `cycle` in seconds."""
    return {
        "name": message.name,
        "id": message.frame_id,
        "extended": message.is_extended_frame,
        "length": message.length,
        "cycle": message.cycle_time / 1000 if message.cycle_time else None,
        "comment": message.comment or "",
        "senders": list(message.senders),
        "signals": [_signal(signal) for signal in message.signals],
    }


def _signal(signal: Signal) -> dict[str, Any]:
    return {
        "name": signal.name,
        "start": signal.start,
        "length": signal.length,
        "byte_order": "big" if signal.byte_order == "big_endian" else "little",
        "signed": signal.is_signed,
        "float": signal.is_float,
        "scale": _number(signal.scale),
        "offset": _number(signal.offset),
        "minimum": _number(signal.minimum),
        "maximum": _number(signal.maximum),
        "unit": signal.unit or "",
        "choices": {str(raw): str(label) for raw, label in (signal.choices or {}).items()},
        "comment": signal.comment or "",
        "multiplexer": _multiplexer(signal),
        "bits": bits_of(signal),
    }


def _multiplexer(signal: Signal) -> dict[str, Any] | None:
    """The signal that says when this one is in the frame, and the values for which it is."""
    if signal.multiplexer_signal is None:
        return None
    values = [_number(value) for value in signal.multiplexer_ids or ()]
    return {"signal": signal.multiplexer_signal, "values": values}


def _number(value: int | float | None) -> int | float | None:
    """A number that JSON holds."""
    return float(value) if isinstance(value, int) and abs(value) >= _EXACT else value


def bits_of(signal: Signal) -> list[int]:
    """The bits of a signal from its least to its most significant one.

    A bit is byte * 8 + bit, with bit 0 the least significant of its byte. A DBC gives the least
    significant bit of a little-endian signal, the most significant one of a big-endian signal.
    """
    if signal.byte_order == "little_endian":
        return list(range(signal.start, signal.start + signal.length))
    bits = [signal.start]
    while len(bits) < signal.length:
        last = bits[-1]
        bits.append(last - 1 if last % 8 else last + 15)
    return bits[::-1]
