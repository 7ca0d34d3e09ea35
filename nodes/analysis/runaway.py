"""Thermal runaway, as early as it shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowrt.node import (
    Catalogue,
    Duration,
    Event,
    Example,
    Output,
    Severity,
    Signals,
    Transform,
    node,
    setting,
    split_signal,
)
from nodes.analysis.readings import has_room, meant, number
from nodes.analysis.siblings import Siblings

_KEPT = 64
"""Temperatures kept of a module for its rate; more often than that a window thins itself."""


@dataclass(slots=True)
class _Module:
    """A module: its temperatures of late, its signs, and since when it shows none."""

    heat: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    signs: list[str] = field(default_factory=list)
    severity: str = ""
    calm_since: float | None = None


@node("analysis/runaway", icon="alert-triangle")
class Runaway(Transform):
    """Warn when a module heats too fast, leaves its siblings, or loses voltage.

    One sign is a warning, two are a trip; each change of severity is told. The rate is that over
    `window`; siblings are the other sources with the signal, three at least. The alarm clears when
    no sign has shown for `calm`. GB 38031-2025 calls it a runaway at 1 K/s for 3 s together with a
    voltage down by a quarter; this warns of each by itself.
    """

    temperature: str = setting(
        "Highest temperature of a module.", default="*.CellTemperatureMax", signal=True
    )
    voltage: str = setting(
        "Lowest cell voltage of a module.", default="*.CellVoltageMin", signal=True
    )
    rate: float = setting("Fastest sound warming.", default=1.0, exclusiveMinimum=0, unit="K/s")
    window: Duration = setting("Time over which it is measured.", default=3.0, exclusiveMinimum=0)
    deviation: float = setting(
        "Warmest above the median of its siblings.", default=8.0, exclusiveMinimum=0, unit="K"
    )
    drop: float = setting(
        "Part of the siblings' median voltage that a cell may lack.",
        default=0.25,
        exclusiveMinimum=0,
        maximum=1,
    )
    calm: Duration = setting("How long no sign must show to clear.", default=60.0)

    alarm = Output("Raised as a warning or a trip, cleared; by module.", carries="event")

    examples = (
        Example(
            "A module warms by 2 K a second",
            given=[
                Signals(0.0, "Module1", {"CellTemperatureMax": 30.0}),
                Signals(2.0, "Module1", {"CellTemperatureMax": 34.0}),
                Signals(4.0, "Module1", {"CellTemperatureMax": 38.0}),
            ],
            expect=[
                Event(
                    *(4.0, "Module1", "", "raised", "warning", 38.0),
                    text="Module1 at 38 degC: warms by 2 K/s",
                )
            ],
        ),
    )

    def __post_init__(self) -> None:
        self._modules: dict[str, _Module] = {}
        self._warmth = Siblings(60.0)
        self._volts = Siblings(60.0)
        self._heat_of, self._heat = split_signal(self.temperature)
        self._volts_of, self._volt = split_signal(self.voltage)

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """No signal leaves."""
        return Catalogue()

    def reads(self) -> frozenset[str]:
        """Temperature and voltage."""
        return frozenset((self.temperature, self.voltage))

    def summary(self) -> str:
        """`1 K/s, 8 K above siblings, 25 % less V`."""
        return f"{self.rate:g} K/s, {self.deviation:g} K above siblings"

    # --- messages

    def on_message(self, message: Signals) -> Iterator[Event]:
        """Judge a module by its newest reading."""
        time, source = message.time, message.source
        heat = volts = None
        if meant(self._heat_of, source):
            heat = number(message.values.get(self._heat))
        if meant(self._volts_of, source):
            volts = number(message.values.get(self._volt))
        if time != time or (heat is None and volts is None):
            return
        if not has_room(self._modules, source, self.context, "modules"):
            return
        module = self._modules.setdefault(source, _Module())
        if heat is not None:
            self._warmth.note(source, time, heat)
        if volts is not None:
            self._volts.note(source, time, volts)
        signs = list(self._signs(module, time, heat, volts))
        yield from self._told(source, module, signs, time, heat)

    def _signs(
        self, module: _Module, time: float, heat: float | None, volts: float | None
    ) -> Iterator[str]:
        if heat is not None:
            rate = self._rate(module.heat, time, heat)
            if rate is not None and rate >= self.rate:
                yield f"warms by {rate:.3g} K/s"
            usual = self._warmth.median()
            if usual is not None and heat - usual > self.deviation:
                yield f"{heat - usual:.3g} K above its siblings"
        usual = self._volts.median()
        if volts is not None and usual is not None and volts < usual * (1 - self.drop):
            yield f"a cell at {volts:.3g} V, its siblings at {usual:.3g} V"

    def _rate(self, kept: deque[tuple[float, float]], time: float, heat: float) -> float | None:
        """Kelvin a second since the newest reading that is a window old, if there is one."""
        if kept and time < kept[-1][0]:
            kept.clear()
        while len(kept) > 1 and kept[1][0] <= time - self.window:
            kept.popleft()
        first = kept[0] if kept else None
        if not kept or time - kept[-1][0] >= self.window / (_KEPT / 2):
            kept.append((time, heat))
        if first is None or not self.window <= time - first[0] <= 10 * self.window:
            return None
        return (heat - first[1]) / (time - first[0])

    # --- what it says

    def _told(
        self, source: str, module: _Module, signs: list[str], time: float, heat: float | None
    ) -> Iterator[Event]:
        if not signs:
            yield from self._calmed(source, module, time, heat)
            return
        module.calm_since = None
        severity: Severity = "trip" if len(signs) > 1 else "warning"
        worse = not module.severity or (severity == "trip" and module.severity == "warning")
        if worse:
            module.severity = severity
            at = "" if heat is None else f" at {heat:.4g} degC"
            text = f"{source}{at}: {', '.join(signs)}"
            yield Event(time, source, self.id, "raised", severity, heat, text)

    def _calmed(
        self, source: str, module: _Module, time: float, heat: float | None
    ) -> Iterator[Event]:
        if not module.severity:
            return
        if module.calm_since is None or time < module.calm_since:
            module.calm_since = time
        if time - module.calm_since >= self.calm:
            severity: Severity = "trip" if module.severity == "trip" else "warning"
            module.severity, module.calm_since = "", None
            text = f"{source} is calm again"
            yield Event(time, source, self.id, "cleared", severity, heat, text)

    # --- state

    def snapshot(self) -> dict[str, Any]:
        """Each module's temperatures and alarm, and the siblings."""
        modules = {
            source: [list(module.heat), module.severity, module.calm_since]
            for source, module in self._modules.items()
        }
        return {"modules": modules, "warmth": self._warmth.saved(), "volts": self._volts.saved()}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Go on with it."""
        for source, (heat, severity, calm_since) in saved.get("modules", {}).items():
            kept = deque(((at, value) for at, value in heat), maxlen=_KEPT)
            self._modules[source] = _Module(kept, [], severity, calm_since)
        if "warmth" in saved:
            self._warmth.take_up(saved["warmth"])
            self._volts.take_up(saved["volts"])
