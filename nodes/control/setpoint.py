"""A requested power or current, held within what the battery allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Input,
    Output,
    Sent,
    SignalInfo,
    Signals,
    Transform,
    node,
    setting,
    state,
)
from nodes.control.beat import Beat
from nodes.control.readings import Readings


@node("control/setpoint", icon="gauge")
class Setpoint(Transform):
    """Hold a set-point within the battery's limits; charging is positive.

    What leaves lies between zero and the request, never beyond and never on its other side, so
    that each node of a row can only narrow it. It falls at once and grows by `rise`. It is zero
    while a limit or the request is missing or stale, and while an alarm stands at `interlock`.
    """

    guards = True

    request: str = setting("Set-point that is asked for.", signal=True, minLength=1)
    charge: str = setting("Most that may be charged.", default="ChargeCurrentLimit", signal=True)
    discharge: str = setting(
        "Most that may be discharged, a positive number.",
        default="DischargeCurrentLimit",
        signal=True,
    )
    voltage: str | None = setting(
        "Voltage that makes kW of limits in A; left out, the request has the limits' unit.",
        default=None,
        signal=True,
    )
    rise: float | None = setting(
        "How fast the set-point may move away from zero, a second; at once where left out.",
        default=None,
        exclusiveMinimum=0,
        unit_of="request",
    )
    stale_after: Duration | None = setting(
        "Age at which a reading counts no more; three declared cycles where left out.",
        default=None,
    )
    lapse: Duration | None = setting(
        "Age at which the request counts no more; `stale_after` where left out.", default=None
    )
    every: Duration = setting(
        "The beat: it is told as often, and no more.", default=1.0, minimum=0.02
    )
    source: str = setting("Source of the set-point; the node's id where empty.", default="")

    out = Output("The set-point under the request's name.", carries="signals")
    alarm = Output(
        "Raised while it is zero for want of a reading, or by interlock.", carries="event"
    )
    audit = Output(
        "Each set-point that differs from the last: what was asked, and why less.", carries="event"
    )
    interlock = Input(
        "While an alarm that came here stands, the set-point is zero.", carries="event"
    )

    _given: float = state(0.0)
    _at: float | None = state(None)
    _why: str = state("")
    _held: str = state("")
    _since: float | None = state(None)
    _locks: dict[str, str] = state(factory=dict)

    examples = (
        Example(
            "40 A are asked for, 25 A allowed; a door is opened",
            settings={"request": "Current", "stale_after": "10 s", "source": "pcs"},
            given=[
                Signals(0.1, "rack", {"ChargeCurrentLimit": 25.0, "DischargeCurrentLimit": 50.0}),
                Signals(0.2, "ems", {"Current": 40.0}),
                interlock(Event(1.5, "door", "open", "raised", "alarm")),
            ],
            expect=[
                Signals(1.0, "pcs", {"Current": 25.0}),
                audit(
                    Event(
                        *(1.0, "pcs.Current", "", "happened", "info", 25.0),
                        text="Current 25, asked 40: ChargeCurrentLimit",
                    )
                ),
                Signals(1.5, "pcs", {"Current": 0.0}),
                alarm(
                    Event(
                        *(1.5, "pcs.Current", "", "raised", "alarm", 0.0),
                        text="Current is zero: interlock open of door",
                    )
                ),
                audit(
                    Event(
                        *(1.5, "pcs.Current", "", "happened", "info", 0.0),
                        text="Current 0, asked 40: interlock open of door",
                    )
                ),
            ],
        ),
    )

    def __post_init__(self) -> None:
        names = [self.charge, self.discharge, *([self.voltage] if self.voltage else [])]
        self._limits = Readings(names, self.stale_after)
        lapse = self.lapse if self.lapse is not None else self.stale_after
        self._request = Readings([self.request], lapse)
        self._beat = Beat(self, self.every, self._tell, self._next_end)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Readings without a time."""
        if timeless := self._limits.timeless():
            yield "stale_after", f"is needed, as no cycle is declared for {', '.join(timeless)}."
        if self._request.timeless():
            yield "lapse", f"is needed, as no cycle is declared for {self.request}."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """The set-point alone."""
        self._limits.declare(incoming)
        self._request.declare(incoming)
        unit = incoming.unit(self.request)
        return {"out": Catalogue([SignalInfo(self._name, self._source, unit, cycle=self.every)])}

    def reads(self) -> frozenset[str]:
        """The request and its limits."""
        return frozenset([self.request, *self._limits])

    def summary(self) -> str:
        """`Power within ChargeCurrentLimit, each 1 s`."""
        return f"{self.request} within {self.charge}, each {self.every:g} s"

    @property
    def _source(self) -> str:
        return self.source or self.id

    @property
    def _name(self) -> str:
        return self.request.rpartition(".")[2]

    # --- its life

    async def start(self) -> None:
        """Tell zero until everything has come."""
        self._since = self.clock.now()
        self._beat.begin()

    async def stop(self) -> None:
        """Fall still; what writes to the equipment leaves it in its fail-safe."""
        self._beat.cancel()

    def on_message(self, message: Signals) -> None:
        """Note readings; the beat tells."""
        self._begin()
        now = self.clock.now()
        self._limits.take(message, now)
        self._request.take(message, now)

    def on_interlock(self, event: Event) -> None:
        """Lock by an alarm, or let go of it; at once."""
        self._begin()
        key = f"{event.source}\n{event.name}"
        if event.state == "raised":
            if len(self._locks) < _MOST_LOCKS or key in self._locks:
                self._locks[key] = f"interlock {event.name} of {event.source}"
            self._tell(beat=False)
        elif event.state == "cleared":
            self._locks.pop(key, None)

    def _begin(self) -> None:
        if self._since is None:
            self._since = self.clock.now()
        self._beat.begin()

    def _next_end(self, now: float) -> float:
        return min(self._limits.next_end(now), self._request.next_end(now))

    # --- the beat

    def _tell(self, beat: bool) -> None:
        now = self.clock.now()
        given, asked, why = self._judge(now)
        out: list[Signals | Sent] = []
        if beat or (given == 0 and self._given != 0):
            out.append(Signals(now, self._source, {self._name: given}))
            if given != self._given or why != self._why:
                out.append(self._audited(given, asked, why, now))
            self._given, self._at, self._why = given, now, why
        out += self._alarms("" if given or not _is_fault(why) else why, now)
        if out:
            self.context.send(out)

    def _judge(self, now: float) -> tuple[float, float | None, str]:
        """Set-point, request, and why they differ."""
        asked = self._request.fresh(self.request, now)
        request = min(asked, key=abs) if asked else None
        if self._locks:
            return 0.0, request, next(iter(self._locks.values()))
        missing = [
            *self._limits.missing(self._limits, now),
            *self._request.missing(self._request, now),
        ]
        if missing or request is None:
            return 0.0, request, f"{', '.join(missing)} missing or stale"
        return self._narrowed(request, now)

    def _narrowed(self, request: float, now: float) -> tuple[float, float, str]:
        name = self.charge if request > 0 else self.discharge
        volts = self._limits.fresh(self.voltage, now) if self.voltage else None
        factor = min(volts) / 1000 if volts else 1.0
        limit = max(0.0, min(self._limits.fresh(name, now) or [0.0]) * factor)
        size, why = abs(request), ""
        if size > limit:
            size, why = limit, name
        risen = self._risen(request, now)
        if size > risen:
            size, why = risen, "rise"
        return (size if request > 0 else -size) or 0.0, request, why  # no -0.0

    def _risen(self, request: float, now: float) -> float:
        """How far from zero it may be by now, on the request's side."""
        if self.rise is None:
            return abs(request)
        since = self.every if self._at is None else min(max(now - self._at, 0.0), 2 * self.every)
        before = abs(self._given) if self._given * request > 0 else 0.0
        return before + self.rise * since

    # --- what it says

    def _audited(self, given: float, asked: float | None, why: str, now: float) -> Sent:
        text = f"{self._name} {given:.9g}, asked {'nothing' if asked is None else f'{asked:.9g}'}"
        text += f": {why}" if why else ""
        source = f"{self._source}.{self._name}"
        return self.audit(Event(now, source, self.id, "happened", "info", given, text))

    def _alarms(self, held: str, now: float) -> list[Sent]:
        """The alarm raised or cleared; nothing in the first moments, when nothing can be there."""
        assert self._since is not None
        if held and not self._locks and now - self._since < 3 * self.every:
            return []
        if bool(held) == bool(self._held):
            return []
        self._held = held
        state = "raised" if held else "cleared"
        text = f"{self._name} is zero: {held}" if held else f"{self._name} is let go"
        source = f"{self._source}.{self._name}"
        return [self.alarm(Event(now, source, self.id, state, "alarm", self._given, text))]

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """What was told, and what it goes by."""
        readings = {"limits": self._limits.saved(), "request": self._request.saved()}
        return {**super().snapshot(), **readings}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what was told last."""
        super().restore(saved)
        self._limits.take_up(saved.get("limits", {}))
        self._request.take_up(saved.get("request", {}))
        if self._since is not None:
            self._beat.begin()


_MOST_LOCKS = 1000
"""Alarms that are kept apart; any one of them locks."""


def _is_fault(why: str) -> bool:
    return why.startswith("interlock ") or why.endswith(" missing or stale")
