"""The same readings from every make of battery."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Frame,
    NodeFault,
    Output,
    Sent,
    Severity,
    SignalInfo,
    Signals,
    Timer,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.bess.profile import Profile, load_profile
from nodes.bess.quantities import ALARMS, LEVELS, QUANTITIES
from nodes.bess.silence import Silence
from nodes.bess.translation import Translation, levels_of

_TEXTS = frozenset({"Manufacturer", "CellOfVoltageMin", "CellOfVoltageMax"}) | {
    "CellOfTemperatureMin",
    "CellOfTemperatureMax",
}

_ANYTHING = "message"
"""What must come where a profile names no core messages, as for a poll."""


@node("bess/battery", icon="battery-charging")
class Battery(Transform):
    """Turn a make's readings into those that every battery tells, under the same names and signs.

    It comes behind can/decode with the profile's database, or behind modbus/poll. Current and
    power are positive while charging; an alarm is 0, 1 (warning) or 2 (protection); what the
    battery marks as not available is None. When one of its core messages stays out, an event says
    that the battery is lost, and all its readings become None; another that it is back.
    """

    profile: Path = setting(
        "Table of the make: profiles/pylontech-lv.json, or one of your own.", file=".json"
    )
    dialect: str = setting("Variant of the profile; none where empty.", default="")
    name: str = setting("Source of the readings; the node's id where empty.", default="")
    timeout: Duration | None = setting(
        "Silence after which it is lost; the profile's where left out.", default=None
    )
    keep_alive: bool = setting(
        "Send the frames that the battery wants to hear, by the output alive.", default=False
    )

    out = Output("The normalised readings of each message.", carries="signals")
    alarm = Output("Lost and back, and each alarm of the battery.", carries="event")
    alive = Output("Keep-alive frames for can/send.", carries="frame")

    _seen: dict[str, float] = state(factory=dict)
    _told: dict[str, None] = state(factory=dict)
    _levels: dict[str, int] = state(factory=dict)
    _lost: bool = state(False)

    examples = (
        Example(
            "A Pylontech stack that warns, falls silent and comes back",
            settings={"profile": "profiles/pylontech-lv.json", "name": "rack1", "timeout": "3 s"},
            given=[
                Signals(0.0, "Limits", {"ChargeCurrentLimit": 120.0}),
                Signals(0.0, "State", {"SOC": 90, "SOH": 100}),
                Signals(0.0, "Measure", {"PackVoltage": 50.0, "PackCurrent": -1.5}),
                Signals(1.0, "Alarms", {"P_OverTemperature": 0, "A_HighTemperature": 1}),
                Signals(5.0, "State", {"SOC": 89, "SOH": 100}),
                Signals(5.0, "Limits", {"ChargeCurrentLimit": 120.0}),
                Signals(5.0, "Measure", {"PackVoltage": 50.0, "PackCurrent": -2.0}),
            ],
            expect=[
                Signals(0.0, "rack1", {"ChargeCurrentLimit": 120.0, "Online": 1}),
                Signals(0.0, "rack1", {"SOC": 90, "SOH": 100, "Online": 1}),
                Signals(
                    0.0,
                    "rack1",
                    {"PackVoltage": 50.0, "PackCurrent": -1.5, "PackPower": -75.0, "Online": 1},
                ),
                Signals(1.0, "rack1", {"AlarmHighTemperature": 1, "Online": 1}),
                alarm(
                    Event(
                        1.0,
                        "rack1.AlarmHighTemperature",
                        "",
                        "raised",
                        "warning",
                        1,
                        "rack1: high temperature (warning)",
                    )
                ),
                Signals(
                    3.0,
                    "rack1",
                    {
                        "ChargeCurrentLimit": None,
                        "SOC": None,
                        "SOH": None,
                        "PackVoltage": None,
                        "PackCurrent": None,
                        "PackPower": None,
                        "AlarmHighTemperature": None,
                        "Online": 0,
                    },
                ),
                alarm(
                    Event(
                        3.0,
                        "rack1",
                        "",
                        "raised",
                        "alarm",
                        3.0,
                        "rack1 is lost: no Limits, State, Measure for 3 s",
                    )
                ),
                Signals(
                    5.0,
                    "rack1",
                    {"PackVoltage": 50.0, "PackCurrent": -2.0, "PackPower": -100.0, "Online": 1},
                ),
                alarm(Event(5.0, "rack1", "", "cleared", "alarm", None, "rack1 is back")),
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._incoming = Catalogue(open=True)
        self._loaded: tuple[Profile, Translation] | None = None
        self._silence: Silence | None = None
        self._beat: Timer | None = None

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """A profile that is missing or wrong, a dialect it does not have, another database."""
        try:
            profile = load_profile(self.profile)
        except NodeFault as error:
            yield "profile", str(error)
            return
        if self.dialect and self.dialect not in profile.dialects:
            near = difflib.get_close_matches(self.dialect, profile.dialects, n=1)
            known = f' Did you mean "{near[0]}"?' if near else f" It has {_listed(profile)}."
            yield "dialect", f'"{self.dialect}" is none of {self.profile.name}.{known}'
            return
        if self.keep_alive and profile.keep_alive is None:
            yield "keep_alive", f"{self.profile.name} knows no frames that the battery awaits."
        if not self._incoming.open and not any(map(self._incoming.find, self._wanted().signals())):
            before = profile.spoken(self.dialect).database or profile.registers or "its registers"
            yield "profile", f"none of its signals comes in. Put {before} before this node."

    def catalogue(self, incoming: Catalogue) -> Mapping[str, Catalogue]:
        """What the profile knows how to tell."""
        self._incoming = incoming
        profile = self._spoken()
        names = [*dict.fromkeys([*profile.signals, *self._derived(profile)]), "Online"]
        readings = [
            SignalInfo(
                name,
                self._source,
                QUANTITIES[name],
                type="string" if name in _TEXTS else "number",
                choices={0: "lost", 1: "online"} if name == "Online" else {},
            )
            for name in names
        ]
        alarms = [
            SignalInfo(name, self._source, "", 0, 2, LEVELS, comment=ALARMS[name])
            for name in profile.alarms
        ]
        return {"out": Catalogue([*readings, *alarms])}

    @staticmethod
    def _derived(profile: Profile) -> list[str]:
        both = {"PackVoltage", "PackCurrent"} <= profile.signals.keys()
        return ["PackPower"] if both else []

    def reads(self) -> frozenset[str]:
        """The profile's signals."""
        return frozenset(self._wanted().signals())

    def summary(self) -> str:
        """`pylontech-lv, lost after 5 s`."""
        profile = load_profile(self.profile)
        dialect = f" ({self.dialect})" if self.dialect else ""
        return f"{self.profile.stem}{dialect}, lost after {self.timeout or profile.timeout:g} s"

    @property
    def _source(self) -> str:
        return self.name or self.id

    def _both(self) -> tuple[Profile, Translation]:
        if self._loaded is None:
            profile = load_profile(self.profile).spoken(self.dialect)
            self._loaded = profile, Translation(profile)
        return self._loaded

    def _spoken(self) -> Profile:
        return self._both()[0]

    def _wanted(self) -> Translation:
        return self._both()[1]

    # --- messages

    def on_message(self, message: Signals) -> list[Signals | Sent]:
        """Translate what a message has; tell of alarms that came or went."""
        if not math.isfinite(message.time):
            self.context.drop("no time", 1)
            return []
        given = self._note(message)
        values = self._wanted()(message)
        if not values or self._lost:
            return given
        self._told.update(dict.fromkeys(values))
        values["Online"] = 1
        return [*given, Signals(message.time, self._source, values), *self._alarms(message, values)]

    def _note(self, message: Signals) -> list[Signals | Sent]:
        """Lose the battery where this message comes too late, find it where it is whole again."""
        silence, time = self._watch(), message.time
        silence.follow_clock(time)
        given: list[Signals | Sent] = []
        if not self._lost and silence.due() <= time:
            given += self._lose(silence.due())
        tail = message.source.rpartition("/")[2]
        silence.note(tail if self._spoken().core else _ANYTHING, time)
        if self._lost and not silence.missing(time):
            self._lost = False
            text = f"{self._source} is back"
            given.append(self.alarm(Event(time, self._source, "", "cleared", "alarm", None, text)))
        if not self._lost:
            silence.wait()
        return given

    def _alarms(self, message: Signals, values: Mapping[str, Value]) -> list[Sent]:
        events = []
        for name, level in levels_of(values).items():
            if level != self._levels.get(name, 0):
                self._levels[name] = level
                events.append(self.alarm(self._alarm_event(message.time, name, level)))
        return events

    def _alarm_event(self, time: float, name: str, level: int) -> Event:
        text = f"{self._source}: {ALARMS[name]} ({LEVELS[level]})"
        severity: Severity = "trip" if level == 2 else "warning"
        state = "raised" if level else "cleared"
        return Event(time, f"{self._source}.{name}", "", state, severity, level, text)

    # --- silence

    def _watch(self) -> Silence:
        if self._silence is None:
            profile = self._spoken()
            timeout = self.timeout or profile.timeout
            self._silence = Silence(
                self,
                profile.core or (_ANYTHING,),
                timeout,
                self._seen,
                lambda due: self.context.send(self._lose(due)),
            )
            if not self._lost:
                self._silence.begin()
        return self._silence

    def _lose(self, due: float) -> list[Signals | Sent]:
        silence = self._watch()
        silence.cancel()
        self._lost = True
        timeout = self.timeout or self._spoken().timeout
        missing = ", ".join(silence.missing(due))
        text = f"{self._source} is lost: no {missing} for {timeout:g} s"
        values: dict[str, Value] = {**dict.fromkeys(self._told), "Online": 0}
        return [
            Signals(due, self._source, values),
            self.alarm(Event(due, self._source, "", "raised", "alarm", timeout, text)),
        ]

    async def start(self) -> None:
        """Await the battery, and begin to send what it awaits."""
        if not self._lost:
            self._watch().begin()
        if self.keep_alive and self._beat is None:
            self._send_alive()

    async def stop(self) -> None:
        """Await and send nothing more."""
        if self._silence is not None:
            self._silence.cancel()
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on; silence while it was stopped does not count."""
        super().restore(saved)
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None
        if not self._lost:
            self._watch()

    # --- what the battery awaits

    def _send_alive(self) -> None:
        wanted = self._spoken().keep_alive
        if wanted is None:
            return
        now = self.clock.now()
        self._beat = self.clock.after(wanted.every, self._send_alive)
        self.context.send(
            [
                self.alive(Frame(now, "", id, data, extended=extended))
                for id, extended, data in wanted.parts()
            ]
        )


def _listed(profile: Profile) -> str:
    return ", ".join(profile.dialects) or "none"
