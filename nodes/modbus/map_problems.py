"""What is wrong with the addresses of a register table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nodes.modbus.registers import Layout, words_of

__all__ = ["overlaps"]


def overlaps(rows: Sequence[Layout]) -> Iterator[tuple[str, str]]:
    """Rows that end beyond the last address, or share registers; each as place and sentence."""
    taken: dict[int, int] = {}
    for index, row in enumerate(rows):
        place = f"registers[{index}].address"
        for address in range(row.address, row.address + words_of(row.type)):
            if address > 0xFFFF:
                yield place, f"{row.type} at {row.address} ends beyond 65535."
                break
            if address in taken:
                yield place, f"register {address} is row {taken[address]}'s."
                break
            taken[address] = index
