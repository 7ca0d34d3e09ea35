"""The inverter between racks and grid: ramp, losses, limits, keep-alive. Charging is positive."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

__all__ = ["CODES", "Inverter", "State"]

State: TypeAlias = Literal["off", "standby", "running", "fault"]
CODES: Final = {"off": 0, "standby": 1, "running": 2, "fault": 3}
_LOSSES: Final = (0.005, 0.008, 0.020)
"""Of the rated power: always, by load, and by its square: 97 % at half load, our choice."""
_NIGHT: Final = 0.001
"""Of the rated power, while it stands by."""
_WARM: Final = 35.0
"""K that it is warmer at full power than around it, after some five minutes."""
_SETTLES: Final = 300.0


@dataclass
class Inverter:
    """An inverter of `rated` kW that moves by `ramp` kW/s, and trips after `timeout` s of silence.

    `power` is its AC power in kW, `reactive` in kvar; both within the circle of `rated` kVA, with
    active power first. Silence is counted in seconds of those who command it.
    """

    rated: float = 50.0
    ramp: float = 10.0
    timeout: float = 5.0
    wanted: float = 0.0
    wanted_reactive: float = 0.0
    power: float = 0.0
    reactive: float = 0.0
    silence: float = 0.0
    tripped: bool = False
    warmth: float = 0.0

    def command(self, power: float, reactive: float = 0.0) -> None:
        """Take a set-point in kW and kvar, which is a sign of life too; a trip by silence ends."""
        self.wanted = min(max(power, -self.rated), self.rated)
        self.wanted_reactive = min(max(reactive, -self.rated), self.rated)
        self.silence = 0.0
        self.tripped = False

    def listen(self, seconds: float) -> None:
        """Hear nothing for a while."""
        self.silence += seconds
        if self.silence > self.timeout:
            self.tripped = True

    def step(self, seconds: float, lowest: float, highest: float, available: bool) -> float:
        """DC power in kW that flows now, within what the batteries allow in kW."""
        if self.tripped or not available:
            self.power = self.reactive = 0.0
        else:
            target = min(max(self.wanted, lowest), highest)
            change = self.ramp * seconds
            self.power += min(max(target - self.power, -change), change)
            # What the battery forbids is obeyed at once, whatever the ramp.
            self.power = min(max(self.power, min(lowest, 0.0)), max(highest, 0.0))
            room = math.sqrt(max(self.rated**2 - self.power**2, 0.0))
            self.reactive = min(max(self.wanted_reactive, -room), room)
        self._warm(seconds)
        return self.power - self.losses() if self.is_running() else 0.0

    def follow(self, dc: float) -> None:
        """Be told the DC power in kW instead, for batteries that are cycled by current."""
        self.power = dc
        self.power = dc + self.losses()

    def losses(self) -> float:
        """KW lost at this power."""
        if not self.is_running():
            return self.rated * _NIGHT
        load = math.hypot(self.power, self.reactive) / self.rated
        always, linear, square = _LOSSES
        return self.rated * (always + linear * load + square * load * load)

    def is_running(self) -> bool:
        """Whether power flows."""
        return not self.tripped and (self.power != 0 or self.reactive != 0)

    def state(self, connected: bool) -> State:
        """As it tells it."""
        if self.tripped:
            return "fault"
        if not connected:
            return "off"
        return "running" if self.is_running() else "standby"

    def _warm(self, seconds: float) -> None:
        load = math.hypot(self.power, self.reactive) / self.rated
        fade = math.exp(-seconds / _SETTLES)
        self.warmth = self.warmth * fade + _WARM * load * load * (1 - fade)
