"""Messages as payloads: MessagePack, and zlib around what is long, as many readings at once are.

The first byte tells: a map (0x80 and up) is a message, an array (0x90 and up) a mark, 0x78 begins
what zlib packed.
"""

from __future__ import annotations

import zlib
from typing import Final

import msgspec

from flowrt.message import Message

__all__ = ["pack", "unpack"]

_LONG: Final = 512
_ZLIB: Final = 0x78
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message).decode


def pack(message: Message) -> bytes:
    """A message as a payload."""
    payload = _encode(message)
    return zlib.compress(payload, 1) if len(payload) > _LONG else payload


def unpack(payload: bytes) -> Message | None:
    """The message of a payload; None where it is of a kind that this version does not know."""
    try:
        message: Message = _decode(zlib.decompress(payload) if payload[0] == _ZLIB else payload)
    except (msgspec.DecodeError, zlib.error):
        return None
    return message
