"""What the codes of emergency messages mean: CiA 301, tables of error codes and error register."""

from __future__ import annotations

from typing import Final

__all__ = ["bit_of", "meaning_of", "register_words"]

_CODES: Final = {
    0x1000: "generic error",
    0x2000: "current",
    0x2100: "current on the input side",
    0x2200: "current inside the device",
    0x2300: "current on the output side",
    0x3000: "voltage",
    0x3100: "mains voltage",
    0x3200: "voltage inside the device",
    0x3300: "output voltage",
    0x4000: "temperature",
    0x4100: "ambient temperature",
    0x4200: "temperature of the device",
    0x5000: "hardware of the device",
    0x6000: "software of the device",
    0x6100: "internal software",
    0x6200: "user software",
    0x6300: "data set",
    0x7000: "additional modules",
    0x8000: "monitoring",
    0x8100: "communication",
    0x8110: "frames lost by CAN overrun",
    0x8120: "CAN in error passive mode",
    0x8130: "life guard or heartbeat error",
    0x8140: "recovered from bus off",
    0x8150: "collision of CAN ids",
    0x8200: "protocol",
    0x8210: "PDO too short, not processed",
    0x8220: "PDO longer than mapped",
    0x8230: "multiplexed PDO without its object",
    0x8240: "unexpected length of SYNC",
    0x8250: "timeout of a received PDO",
    0x9000: "external error",
    0xF000: "additional functions",
    0xFF00: "specific to the device",
}
_REGISTER: Final = (
    "generic",
    "current",
    "voltage",
    "temperature",
    "communication",
    "device profile",
    "reserved",
    "manufacturer",
)
_BITS: Final = {0x2: 1, 0x3: 2, 0x4: 3, 0x8: 4, 0xF: 7}
"""First digit of a code -> bit of the error register that its kind sets; others the generic one."""


def meaning_of(code: int) -> str:
    """What a code means, or the nearest group of codes."""
    for mask in (0xFFFF, 0xFFF0, 0xFF00, 0xF000):
        if told := _CODES.get(code & mask):
            return told
    return "unknown error"


def register_words(register: int) -> str:
    """The kinds of error that the register shows."""
    return ", ".join(word for bit, word in enumerate(_REGISTER) if register >> bit & 1) or "none"


def bit_of(code: int) -> int:
    """The register's bit for a code's kind."""
    return 1 << _BITS.get(code >> 12, 0)
