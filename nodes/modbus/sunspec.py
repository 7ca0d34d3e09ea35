"""A battery as SunSpec shows it to an EMS."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from flowrt.node import (
    Duration,
    Event,
    Example,
    Hex,
    NodeFault,
    Signals,
    Sink,
    Value,
    node,
    setting,
    split_signal,
)
from nodes.modbus.listener import Listener
from nodes.modbus.registers import counted
from nodes.modbus.sunspec_image import Image, Place, is_number
from nodes.modbus.sunspec_problems import row_problems
from nodes.modbus.unit import ILLEGAL_ADDRESS

_FIXED: Final = {
    "802.Typ": 4,
    "802.LocRemCtl": 1,
    "802.AlmRst": 0,
    **{f"802.{name}": 0 for name in ("Evt1", "Evt2", "EvtVnd1", "EvtVnd2")},
}
"""What a battery shows where no row says more: lithium ion, locally controlled, no event."""


@dataclass(frozen=True, kw_only=True)
class ShownPoint:
    """A row: a point, and the signal, alarm or value that it shows."""

    point: str = setting("Model and point, such as 802.SoC.", pattern=r"^\d+\.\w+$")
    string: int = setting("String of the bank, from 1, for points that each has.", default=0)
    signal: str = setting("Signal to show.", default="", signal=True)
    factor: float = setting("Point = signal x factor: 1000 for kW to W.", default=1.0)
    alarm: str = setting("Or the name of an alarm, which sets a bit of an event.", default="")
    bit: int = setting("The bit that the alarm sets.", default=0, minimum=0, maximum=31)
    value: float | None = setting("Or a value that never changes.", default=None)


@node("modbus/sunspec", icon="server")
class SunSpec(Sink):
    """Serve a battery by SunSpec's models: 701, 713, 802 and 803, behind the common model 1.

    Models follow each other as listed. A point without a row, without a value or with a stale one
    reads as not implemented; 802.Hb counts seconds by itself. What the standard lets clients write,
    a modbus/setpoints at the same listener and unit may take: put its rows at the same addresses.
    """

    overflow = "latest"

    listener: Listener = setting("Listener that the EMS reaches.")
    unit: int = setting("Unit that answers.", default=1, minimum=1, maximum=247)
    base: Hex = setting("Address of the map; clients look at 40000, 0 and 50000.", default=40000)
    models: list[Literal[701, 713, 802, 803]] = setting(
        "Models to serve, in this order.", default=lambda: [713, 802, 803]
    )
    strings: int = setting("Strings of the bank (803).", default=1, minimum=1, maximum=64)
    maker: str = setting("Maker (1.Mn).", default="flowrt", maxLength=32)
    product: str = setting("Product (1.Md).", default="gateway", maxLength=32)
    version: str = setting("Version (1.Vr).", default="", maxLength=16)
    serial: str = setting("Serial number (1.SN).", default="", maxLength=32)
    points: list[ShownPoint] = setting("What the points show.", minItems=1)
    scales: dict[str, int] = setting(
        "Powers of ten other than 0.1 %, 0.1 V, 1 mV of a cell, 0.1 A, 10 W, 100 Wh and 0.1 K, by "
        "scale factor: W_SF, or 802.W_SF where models differ.",
        default=dict,
    )
    stale_after: Duration | None = setting(
        "What has not come for so long reads as not implemented; never, if left out.", default=None
    )

    examples = (
        Example(
            "A rack",
            settings={
                "listener": "ems",
                "models": [713, 802],
                "serial": "RACK-0001",
                "points": [
                    {"point": "713.SoC", "signal": "SOC"},
                    {"point": "802.SoC", "signal": "SOC"},
                    {"point": "802.V", "signal": "PackVoltage"},
                    {"point": "802.WHRtg", "value": 76_800},
                    {"point": "802.Evt1", "alarm": "too_hot", "bit": 1},
                ],
            },
        ),
    )

    def __post_init__(self) -> None:
        self._raised: dict[tuple[int, int], set[str]] = {}
        """By address and bit, the sources of raised alarms."""
        self._came: dict[int, float] = {}
        self._rows: dict[str, list[tuple[str | None, ShownPoint, Place]]] = {}
        self._alarms: dict[str, list[tuple[ShownPoint, Place]]] = {}

    def problems(self) -> Iterator[tuple[str, str]]:
        """Rows that name no point, or say not clearly what it shows."""
        return row_problems(self)

    def summary(self) -> str:
        """Where, which models, how much."""
        models = ", ".join(map(str, self.models))
        return f"{self.listener.summary()}, {models}, {counted(self.points)}"

    # --- its life

    async def start(self) -> None:
        """Answer from now on."""
        self._image = Image(self.base, [1, *self.models], self.strings, self.scales)
        whole = range(self.base, self.base + len(self._image.registers))
        self._span = whole
        self._owned = frozenset(whole) - frozenset(self._image.writable(self.strings))
        self.__post_init__()
        self._show_fixed()
        for row in self.points:
            self._prepare(row)
        self._hb = self._image.find(802, "Hb") if 802 in self.models else None
        if any(place == self._hb for rows in self._rows.values() for _, _, place in rows):
            self._hb = None
        self.listener.attach(self.unit, self)

    async def stop(self) -> None:
        """Answer no more."""
        self.listener.detach(self.unit, self)

    def _show_fixed(self) -> None:
        for name, text in (
            *(("Mn", self.maker), ("Md", self.product)),
            *(("Vr", self.version), ("SN", self.serial)),
        ):
            self._image.put_text(self._image.find(1, name), text)
        self._image.put(self._image.find(1, "DA"), self.unit)
        for point, value in _FIXED.items():
            id, _, name = point.partition(".")
            if int(id) in self.models:
                self._image.put(self._image.find(int(id), name), value)
        if 803 in self.models:
            self._image.put(self._image.find(803, "NStr"), self.strings)

    def _prepare(self, row: ShownPoint) -> None:
        id, _, name = row.point.partition(".")
        place = self._image.find(int(id), name, row.string)
        if row.signal:
            source, signal = split_signal(row.signal)
            self._rows.setdefault(signal, []).append((source, row, place))
        elif row.alarm:
            self._alarms.setdefault(row.alarm, []).append((row, place))
            self._image.put(place, 0)
        elif row.value is not None:
            self._image.put(place, row.value)

    # --- what comes

    async def write(self, messages: Sequence[Signals | Event]) -> None:
        """Show the newest readings and alarms."""
        now = self.clock.steady()
        for message in messages:
            if isinstance(message, Event):
                self._show_alarm(message)
                continue
            for name, value in message.values.items():
                for source, row, place in self._rows.get(name, ()):
                    if source in (None, message.source):
                        self._show(row, place, value)
                        self._came[place.address] = now

    def _show(self, row: ShownPoint, place: Place, value: Value) -> None:
        if isinstance(value, int | float) and is_number(value):
            if self._image.put(place, value * row.factor):
                self.context.drop("clamped to the point's range", 1)
            return
        if isinstance(value, str):
            self.context.fault(NodeFault(f'{row.point}: {row.signal} is "{value}", a text'), None)
        self._image.forget(place)

    def _show_alarm(self, event: Event) -> None:
        """An alarm that several sources raise stands until all have cleared it."""
        for row, place in self._alarms.get(event.name, ()):
            sources = self._raised.setdefault((place.address, row.bit), set())
            if event.state == "raised":
                sources.add(f"{event.source}\n{event.name}")
            elif event.state == "cleared":
                sources.discard(f"{event.source}\n{event.name}")
            bits = (
                1 << bit
                for (address, bit), raised in self._raised.items()
                if address == place.address and raised
            )
            self._image.put(place, sum(bits))

    # --- what the EMS sees

    @property
    def span(self) -> range:
        """From the mark to the end model."""
        return self._span

    @property
    def owned(self) -> frozenset[int]:
        """All that clients may not write."""
        return self._owned

    def read_registers(self) -> Sequence[int]:
        """The registers, stale ones as not implemented; all in one step, so nothing is torn."""
        now = self.clock.steady()
        if self.stale_after is not None:
            self._forget_before(now - self.stale_after)
        if self._hb is not None:
            self._image.put(self._hb, int(now) % 0xFFFF)
        return self._image.registers

    def _forget_before(self, oldest: float) -> None:
        for rows in self._rows.values():
            for _, _, place in rows:
                if self._came.get(place.address, oldest) < oldest:
                    self._image.forget(place)
                    del self._came[place.address]

    def write_registers(self, address: int, registers: Sequence[int]) -> int | None:
        """Nobody may write them here."""
        return ILLEGAL_ADDRESS
