"""What a Modbus unit of ours answers: register maps side by side, and who may write where."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Final, Protocol, TypeAlias

__all__ = ["ILLEGAL_ADDRESS", "ILLEGAL_FUNCTION", "ILLEGAL_VALUE", "Answer", "RegisterMap", "Unit"]

ILLEGAL_FUNCTION: Final = 1
ILLEGAL_ADDRESS: Final = 2
ILLEGAL_VALUE: Final = 3
"""Exception codes of the protocol."""

Answer: TypeAlias = list[int] | int
"""Registers, or an exception code."""


class RegisterMap(Protocol):
    """Some registers of a unit. Called on the loop's thread, must not wait."""

    @property
    def span(self) -> range:
        """The addresses that it answers for."""

    @property
    def owned(self) -> Container[int]:
        """The addresses that mean something; those between are there to be read along."""

    def read_registers(self) -> Sequence[int]:
        """The registers of the whole span, up to date."""

    def write_registers(self, address: int, registers: Sequence[int]) -> int | None:
        """Take registers that lie inside the span; an exception code where it will not."""


class Unit:
    """The maps of one unit, which may lie within each other's gaps."""

    def __init__(self, maps: Sequence[RegisterMap]) -> None:
        self.maps = maps

    def read(self, address: int, count: int) -> Answer:
        """Registers that may come from several maps, as of one moment."""
        wanted = range(address, address + count)
        found: dict[int, int] = {}
        for one in self.maps:
            shared = _shared(one.span, wanted)
            if shared:
                registers, first, owned = one.read_registers(), one.span.start, one.owned
                for at in shared:
                    if at in owned or at not in found:
                        found[at] = registers[at - first]
        return [found[at] for at in wanted] if len(found) == count else ILLEGAL_ADDRESS

    def write(self, address: int, registers: Sequence[int]) -> int | None:
        """Hand registers to a map that has all of them, best the one that owns the first."""
        last = address + len(registers) - 1
        fitting = [one for one in self.maps if address in one.span and last in one.span]
        fitting.sort(key=lambda one: address not in one.owned)
        return fitting[0].write_registers(address, registers) if fitting else ILLEGAL_ADDRESS


def _shared(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))
