"""Readings written into registers of a device."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from flowrt.node import (
    Duration,
    Example,
    NodeFault,
    Signals,
    Sink,
    Timer,
    Unavailable,
    node,
    setting,
    split_signal,
)
from nodes.modbus.link import Link
from nodes.modbus.registers import Layout, Number, counted, encode


@dataclass(frozen=True, kw_only=True)
class WrittenRegister(Layout):
    """A row: a signal, where it goes, and its limits."""

    signal: str = setting("Signal to write.", signal=True, minLength=1)
    minimum: float | None = setting("Never write less.", default=None)
    maximum: float | None = setting("Never write more.", default=None)
    fail_safe: float | None = setting(
        "Written when the signal has not come for `stale_after`, and at stop.", default=None
    )


@node("modbus/write", icon="pencil")
class Write(Sink):
    """Write signals into holding registers, within limits, and a fail-safe when they stop coming.

    A value is written when it changes, and again every `refresh_every`.
    """

    control = True
    overflow = "latest"

    link: Link = setting("Line to the device.")
    unit: int = setting("Unit of the device.", default=1, minimum=0, maximum=247)
    registers: list[WrittenRegister] = setting("What to write.", minItems=1)
    at_most_every: Duration = setting(
        "Least time between two writes of a register; what comes sooner is counted and dropped.",
        default=0.0,
    )
    refresh_every: Duration | None = setting(
        "Write again what has not changed, for devices with a watchdog.", default=None
    )
    stale_after: Duration | None = setting(
        "A signal that has not come for so long is replaced by its fail-safe.", default=None
    )

    examples = (
        Example(
            "Limits to an inverter, 0 W when the battery falls silent",
            settings={
                "link": "inverter",
                "stale_after": "3 s",
                "registers": [
                    {
                        "signal": "ChargePower",
                        "address": 47075,
                        "type": "u32",
                        "maximum": 5000,
                        "fail_safe": 0,
                    }
                ],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._rows = [(*split_signal(row.signal), row) for row in self.registers]
        self._written: dict[int, tuple[float, Number]] = {}
        self._stale: dict[int, Timer] = {}
        self._falling_back: set[asyncio.Task[None]] = set()

    def problems(self) -> Iterator[tuple[str, str]]:
        """A fail-safe needs a time, and must keep its own limits."""
        for index, row in enumerate(self.registers):
            place = f"registers[{index}]"
            if row.fail_safe is not None and self.stale_after is None:
                yield f"{place}.fail_safe", 'has no meaning without "stale_after". Set it.'
            if row.fail_safe is not None and row.fail_safe != _limited(row, row.fail_safe):
                yield f"{place}.fail_safe", f"{row.fail_safe:g} is outside the row's own limits."

    def reads(self) -> frozenset[str]:
        """What is written."""
        return frozenset(row.signal for row in self.registers)

    def summary(self) -> str:
        """Where to and how much."""
        return f"unit {self.unit}, {counted(self.registers)}"

    def acknowledged_by(self) -> str:
        """The device answers every write."""
        return "the device"

    async def stop(self) -> None:
        """Leave the device in its fail-safe."""
        for timer in self._stale.values():
            timer.cancel()
        self._stale.clear()
        for row in self.registers:
            if row.fail_safe is not None and row.address in self._written:
                await self._make_safe(row, row.fail_safe)
        self._written.clear()

    async def write(self, messages: Sequence[Signals]) -> None:
        """Write what changed; raises Unavailable where nobody answers."""
        wanted = [pair for message in messages for pair in self._wanted(message)]
        for row, _ in wanted:  # all have come, also those that an absent device keeps from going
            self._watch(row)
        for row, value in wanted:
            await self._offer(row, value)

    def _wanted(self, message: Signals) -> Iterator[tuple[WrittenRegister, Number]]:
        for source, name, row in self._rows:
            value = message.values.get(name)
            if value is None or source not in (None, message.source):
                continue
            if isinstance(value, str) or value != value:  # NaN
                self.context.drop("no number", 1)
            else:
                yield row, value

    async def _offer(self, row: WrittenRegister, value: Number) -> None:
        """Write a value if it is new, or due again."""
        wanted = _limited(row, value)
        if wanted != value:
            self.context.drop("clamped to the limits", 1)
        now = self.clock.steady()
        when, last = self._written.get(row.address, (float("-inf"), None))
        refresh = self.refresh_every is not None and now - when >= self.refresh_every
        if wanted == last and not refresh:
            return
        if 0 <= now - when < self.at_most_every:
            self.context.drop("sooner than at_most_every", 1)
            return
        await self._send(row, wanted)

    async def _send(self, row: WrittenRegister, value: Number) -> None:
        registers, _ = encode(row, value)
        try:
            await self.link.request(
                self.unit,
                lambda client: (
                    client.write_register(row.address, registers[0], device_id=self.unit)
                    if len(registers) == 1
                    else client.write_registers(row.address, registers, device_id=self.unit)
                ),
            )
        except Unavailable as error:
            raise Unavailable(f"{row.signal} = {value:g}: {error}") from error
        except NodeFault as error:
            self.context.drop("not written", 1)
            self.context.fault(NodeFault(f"{row.signal} = {value:g}: {error}"), None)
        else:
            self._written[row.address] = (self.clock.steady(), value)
            self.context.written(row.signal, float(value))

    # --- fail-safe

    def _watch(self, row: WrittenRegister) -> None:
        """The signal has come: count its silence anew."""
        if self.stale_after is None or row.fail_safe is None:
            return
        if timer := self._stale.pop(row.address, None):
            timer.cancel()
        self._stale[row.address] = self.clock.after(
            self.stale_after, partial(self._fall_back, row, row.fail_safe)
        )

    def _fall_back(self, row: WrittenRegister, fail_safe: float) -> None:
        self.log.warning("%s is stale, writing its fail-safe %g", row.signal, fail_safe)
        task = asyncio.get_running_loop().create_task(self._make_safe(row, fail_safe))
        self._falling_back.add(task)
        task.add_done_callback(self._falling_back.discard)

    async def _make_safe(self, row: WrittenRegister, fail_safe: float) -> None:
        try:
            await self._send(row, fail_safe)
        except Unavailable as error:
            self.context.drop("not written", 1)
            self.context.fault(error, None)


def _limited(row: WrittenRegister, value: Number) -> Number:
    low = value if row.minimum is None else max(value, row.minimum)
    return low if row.maximum is None else min(low, row.maximum)
