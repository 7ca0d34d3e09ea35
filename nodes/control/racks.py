"""Several racks as one battery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.control.beat import Beat
from nodes.control.readings import Readings

_MOST = 1000
"""Racks that are kept apart."""


@node("control/racks", icon="sigma")
class Racks(Transform):
    """Sum up racks as one battery: a rack is what stands before the slash of a source, rack1/State.

    Current, power and limits are those of the racks that are online; a limit is the least of them
    times their number, as parallel racks share the current. SOC is weighted by capacity. A rack
    of which a limit, SOC, voltage or current is missing for `offline_after` is offline.
    """

    racks: list[str] = setting(
        "Racks that belong to it; those that the signals name where empty.", default=list
    )
    capacities: dict[str, float] = setting(
        "Capacity by rack, in Ah; all alike where empty.", default=dict
    )
    offline_after: Duration = setting("Silence after which a rack is offline.", default=3.0)
    every: Duration = setting("How often it sums up.", default=1.0, minimum=0.02)
    soc: str = setting("State of charge.", default="SOC", signal=True)
    soh: str = setting("State of health.", default="SOH", signal=True)
    voltage: str = setting("Voltage of a rack.", default="PackVoltage", signal=True)
    current: str = setting("Current, charging positive.", default="PackCurrent", signal=True)
    charge: str = setting("Charge limit.", default="ChargeCurrentLimit", signal=True)
    discharge: str = setting("Discharge limit.", default="DischargeCurrentLimit", signal=True)
    source: str = setting("Source of the sum; the node's id where empty.", default="")

    out = Output("The battery as a whole, each `every`.", carries="signals")
    alarm = Output("A rack is offline, or back.", carries="event")

    _begun: float | None = state(None)
    _offline: list[str] = state(factory=list)

    examples = (
        Example(
            "Two racks, the smaller one nearly empty",
            settings={"capacities": {"rack1": 300, "rack2": 100}, "source": "plant"},
            given=[
                Signals(
                    *(0.1, "rack1/All"),
                    values={
                        "SOC": 60,
                        "SOH": 99,
                        "PackVoltage": 50.0,
                        "PackCurrent": -60.0,
                        "ChargeCurrentLimit": 100.0,
                        "DischargeCurrentLimit": 100.0,
                    },
                ),
                Signals(
                    *(0.2, "rack2/All"),
                    values={
                        "SOC": 20,
                        "SOH": 97,
                        "PackVoltage": 50.0,
                        "PackCurrent": -20.0,
                        "ChargeCurrentLimit": 100.0,
                        "DischargeCurrentLimit": 30.0,
                    },
                ),
            ],
            expect=[
                Signals(
                    *(1.0, "plant"),
                    values={
                        "RacksOnline": 2,
                        "SOC": 50.0,
                        "SOH": 97.0,
                        "PackVoltage": 50.0,
                        "PackCurrent": -80.0,
                        "Power": -4.0,
                        "ChargeCurrentLimit": 200.0,
                        "DischargeCurrentLimit": 60.0,
                    },
                )
            ],
            until=1.5,
        ),
    )

    def __post_init__(self) -> None:
        self._needed = (self.soc, self.voltage, self.current, self.charge, self.discharge)
        self._known: dict[str, Readings] = {}
        for rack in self.racks:
            self._readings(rack)
        self._beat = Beat(self, self.every, self._tell)

    def problems(self) -> Iterator[tuple[str, str]]:
        """A capacity of none."""
        for rack, capacity in self.capacities.items():
            if capacity <= 0:
                yield f"capacities.{rack}", f"must be more than 0 Ah, not {capacity:g} Ah."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """The sums; the racks that are known to come are awaited."""
        if not self.racks:
            for info in incoming.find(f"*.{self.charge}"):
                self._readings(_rack_of(info.source))
        units = {"SOC": "%", "SOH": "%", "PackVoltage": "V", "PackCurrent": "A", "Power": "kW"}
        units |= {"ChargeCurrentLimit": "A", "DischargeCurrentLimit": "A", "RacksOnline": ""}
        source = self.source or self.id
        made = (SignalInfo(name, source, unit, cycle=self.every) for name, unit in units.items())
        return {"out": Catalogue(made)}

    def reads(self) -> frozenset[str]:
        """What is summed up, of any source."""
        return frozenset((*self._needed, self.soh))

    def summary(self) -> str:
        """`3 racks, each 1 s`."""
        return f"{len(self._known) or 'all'} racks, each {self.every:g} s"

    def _readings(self, rack: str) -> Readings | None:
        found = self._known.get(rack)
        if found is None and len(self._known) < _MOST:
            found = Readings((*self._needed, self.soh), self.offline_after)
            self._known[rack] = found
        return found

    # --- its life

    async def start(self) -> None:
        """Sum up at each beat."""
        self._begun = self.clock.now()
        self._beat.begin()

    async def stop(self) -> None:
        """Fall still."""
        self._beat.cancel()

    def on_message(self, message: Signals) -> None:
        """Note readings; the beat tells."""
        if self._begun is None:
            self._begun = self.clock.now()
        self._beat.begin()
        rack = _rack_of(message.source)
        if self.racks and rack not in self._known:
            return
        readings = self._readings(rack)
        if readings is None:
            self.context.drop("too many racks", 1)
            return
        readings.take(message, self.clock.now())

    # --- the beat

    def _tell(self, beat: bool) -> None:
        if not beat:
            return
        now = self.clock.now()
        online = {
            rack: readings
            for rack, readings in self._known.items()
            if not readings.missing(self._needed, now)
        }
        out: list[Signals | Sent] = self._changes([r for r in self._known if r not in online], now)
        self.context.send([Signals(now, self.source or self.id, self._summed(online, now)), *out])

    def _summed(self, online: Mapping[str, Readings], now: float) -> dict[str, Value]:
        """Without any rack online nothing is known, and nothing allowed."""
        if not online:
            names = ("SOC", "SOH", "PackVoltage", "PackCurrent", "Power")
            limits = {"ChargeCurrentLimit": 0.0, "DischargeCurrentLimit": 0.0}
            return {"RacksOnline": 0, **dict.fromkeys(names), **limits}

        def of(name: str) -> dict[str, float]:
            found = ((rack, readings.fresh(name, now)) for rack, readings in online.items())
            return {rack: values[-1] for rack, values in found if values}

        volts, amperes, health = of(self.voltage), of(self.current), of(self.soh)
        weights = {rack: self.capacities.get(rack, 1.0) for rack in online}
        charged = sum(soc * weights[rack] for rack, soc in of(self.soc).items())
        return {
            "RacksOnline": len(online),
            "SOC": charged / sum(weights.values()),
            "SOH": min(health.values(), default=None),
            "PackVoltage": sum(volts.values()) / len(volts),
            "PackCurrent": sum(amperes.values()),
            "Power": sum(volts[rack] * amperes[rack] for rack in online) / 1000,
            "ChargeCurrentLimit": max(0.0, min(of(self.charge).values())) * len(online),
            "DischargeCurrentLimit": max(0.0, min(of(self.discharge).values())) * len(online),
        }

    def _changes(self, offline: list[str], now: float) -> list[Signals | Sent]:
        """Racks that have gone or are back; nobody is gone before there was time to come."""
        assert self._begun is not None
        if now - self._begun < self.offline_after:
            offline = [rack for rack in offline if rack in self._offline]
        gone = [rack for rack in offline if rack not in self._offline]
        back = [rack for rack in self._offline if rack not in offline]
        self._offline = offline
        return [
            *(self._event("raised", rack, f"{rack} is offline", now) for rack in gone),
            *(self._event("cleared", rack, f"{rack} is back", now) for rack in back),
        ]

    def _event(self, state: str, rack: str, text: str, now: float) -> Sent:
        return self.alarm(Event(now, rack, self.id, state, "alarm", None, text))

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """Who is offline, and the readings."""
        known = {rack: readings.saved() for rack, readings in self._known.items()}
        return {**super().snapshot(), "racks": known}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; how old the readings are decides who is online."""
        super().restore(saved)
        for rack, readings in saved.get("racks", {}).items():
            if (not self.racks or rack in self.racks) and (kept := self._readings(rack)):
                kept.take_up(readings)
        if self._begun is not None:
            self._beat.begin()


def _rack_of(source: str) -> str:
    return source.partition("/")[0]
