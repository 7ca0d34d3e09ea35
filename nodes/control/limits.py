"""What the battery allows, made smaller where it must, told to the inverter."""

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
    node,
    setting,
    state,
)
from nodes.control.beat import Beat
from nodes.control.curve import Derating
from nodes.control.readings import Readings


@node("control/limits", icon="filter")
class Limits(Transform):
    """Relay charge and discharge limits, derated by curves; never more than what came in.

    A limit falls at the next beat and grows by `rise` at most. While a reading it goes by is
    missing or stale, both are zero at once, and an alarm says which one it is. They are told at
    each beat, changed or not, so that an inverter that waits for them hears them.
    """

    guards = True

    charge: str = setting(
        "Charge current limit of the battery.", default="ChargeCurrentLimit", signal=True
    )
    discharge: str = setting(
        "Discharge current limit of the battery.", default="DischargeCurrentLimit", signal=True
    )
    derate: list[Derating] = setting(
        "Curves; where several hold, the factors multiply.", default=list
    )
    rise: float | None = setting(
        "How fast a limit may grow, in A/s; at once where left out.",
        default=None,
        exclusiveMinimum=0,
        unit="A/s",
    )
    stale_after: Duration | None = setting(
        "Age at which a reading counts no more; three declared cycles where left out.",
        default=None,
    )
    every: Duration = setting("The beat.", default=1.0, minimum=0.02)
    source: str = setting("Source of the limits; the node's id where empty.", default="")

    out = Output(
        "ChargeCurrentLimit and DischargeCurrentLimit in A, both positive.", carries="signals"
    )
    alarm = Output("Raised while the limits are zero for want of a reading.", carries="event")

    _given: dict[str, float] = state(factory=lambda: {"charge": 0.0, "discharge": 0.0})
    _at: float | None = state(None)
    _missing: list[str] = state(factory=list)
    _since: float | None = state(None)

    examples = (
        Example(
            "A nearly full battery, its limit at 98 % cut to 0.4; then it falls silent",
            settings={
                "stale_after": "1.2 s",
                "source": "pcs",
                "derate": [
                    {
                        "signal": "SOC",
                        "limits": "charge",
                        "points": [[96, 1], [97, 0.625], [98, 0.4], [100, 0.05]],
                    }
                ],
            },
            given=[
                Signals(
                    0.5, "Limits", {"ChargeCurrentLimit": 100.0, "DischargeCurrentLimit": 120.0}
                ),
                Signals(0.6, "State", {"SOC": 98}),
            ],
            expect=[
                Signals(1.0, "pcs", {"ChargeCurrentLimit": 40.0, "DischargeCurrentLimit": 120.0}),
                Signals(1.7, "pcs", {"ChargeCurrentLimit": 0.0, "DischargeCurrentLimit": 0.0}),
                alarm(
                    Event(
                        *(1.7, "pcs.ChargeCurrentLimit", "", "raised", "alarm", None),
                        text="ChargeCurrentLimit is missing or stale: limits are zero",
                    )
                ),
                alarm(
                    Event(
                        *(1.7, "pcs.DischargeCurrentLimit", "", "raised", "alarm", None),
                        text="DischargeCurrentLimit is missing or stale: limits are zero",
                    )
                ),
            ],
            until=1.75,
        ),
    )

    def __post_init__(self) -> None:
        names = [self.charge, self.discharge, *(curve.signal for curve in self.derate)]
        self._readings = Readings(names, self.stale_after)
        self._beat = Beat(self, self.every, self._tell, self._readings.next_end)

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Curves that are none, and readings without a time."""
        for index, curve in enumerate(self.derate):
            for sentence in curve.problems():
                yield f"derate[{index}].points", sentence
        if timeless := self._readings.timeless():
            yield "stale_after", f"is needed, as no cycle is declared for {', '.join(timeless)}."

    def catalogue(self, incoming: Catalogue) -> dict[str, Catalogue]:
        """Two limits, each beat."""
        self._readings.declare(incoming)
        return {
            "out": Catalogue(
                SignalInfo(name, self._source, "A", 0.0, cycle=self.every)
                for name in ("ChargeCurrentLimit", "DischargeCurrentLimit")
            )
        }

    def reads(self) -> frozenset[str]:
        """The limits and what the curves go by."""
        return frozenset(self._readings)

    def summary(self) -> str:
        """`by SOC, CellVoltageMax, each 1 s`."""
        curves = ", ".join(dict.fromkeys(curve.signal for curve in self.derate))
        return f"by {curves}, each {self.every:g} s" if curves else f"each {self.every:g} s"

    @property
    def _source(self) -> str:
        return self.source or self.id

    # --- its life

    async def start(self) -> None:
        """Tell zero until the battery has spoken."""
        self._since = self.clock.now()
        self._beat.begin()

    async def stop(self) -> None:
        """Fall still; what writes to the equipment leaves it in its fail-safe."""
        self._beat.cancel()

    def on_message(self, message: Signals) -> None:
        """Note readings; the beat tells."""
        self._begin()
        self._readings.take(message, self.clock.now())

    def _begin(self) -> None:
        if self._since is None:
            self._since = self.clock.now()
        self._beat.begin()

    # --- the beat

    def _tell(self, beat: bool) -> None:
        now = self.clock.now()
        missing = self._readings.missing(self._readings, now)
        allowed = self._allowed(now) if not missing else {"charge": 0.0, "discharge": 0.0}
        given = {name: self._risen(name, limit, now) for name, limit in allowed.items()}
        cut = any(not given[name] and self._given[name] for name in given)
        out: list[Signals | Sent] = self._alarms(missing, now)
        if beat or cut:
            self._given, self._at = given, now
            values = {
                "ChargeCurrentLimit": given["charge"],
                "DischargeCurrentLimit": given["discharge"],
            }
            out.append(Signals(now, self._source, dict(values)))
        if out:
            self.context.send(out)

    def _allowed(self, now: float) -> dict[str, float]:
        """The battery's own limits, times each curve's factor; needs every reading."""
        allowed = {}
        for kind, name in (("charge", self.charge), ("discharge", self.discharge)):
            limit = max(0.0, min(self._readings.fresh(name, now) or [0.0]))
            for curve in self.derate:
                if curve.limits in (kind, "both"):
                    limit *= curve.factor(self._readings.fresh(curve.signal, now))
            allowed[kind] = limit
        return allowed

    def _risen(self, name: str, limit: float, now: float) -> float:
        """A limit that has grown no faster than allowed since it was last told."""
        if self.rise is None or limit <= self._given[name]:
            return limit
        since = self.every if self._at is None else min(max(now - self._at, 0.0), 2 * self.every)
        return min(limit, self._given[name] + self.rise * since)

    def _alarms(self, missing: list[str], now: float) -> list[Signals | Sent]:
        """What has fallen silent, and what is back; nothing in the first moments."""
        assert self._since is not None
        grace = self.stale_after if self.stale_after is not None else 3 * self.every
        if missing and not self._missing and now - self._since < grace - 1e-6:
            return []
        gone = [name for name in missing if name not in self._missing]
        back = [name for name in self._missing if name not in missing]
        self._missing = missing
        return [
            *(
                self._event("raised", name, f"{name} is missing or stale: limits are zero", now)
                for name in gone
            ),
            *(self._event("cleared", name, f"{name} is back", now) for name in back),
        ]

    def _event(self, state: str, name: str, text: str, now: float) -> Sent:
        return self.alarm(Event(now, f"{self._source}.{name}", self.id, state, "alarm", None, text))

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """What was told, and the readings."""
        return {**super().snapshot(), "readings": self._readings.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on from what was told last, so that the limit grows no faster for a restart."""
        super().restore(saved)
        self._readings.take_up(saved.get("readings", {}))
        if self._since is not None:
            self._beat.begin()
