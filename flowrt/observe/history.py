"""The last hour of every numeric signal, one value a second, for charts.

A tick each second takes the newest reading of each source at each output that carries signals.
An output's last message alone would not do: of a decoder's ten messages it is nearly always the
same one. So samplers hang there, whose budget bounds what they cost.
"""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from flowrt.errors import RequestRefused
from flowrt.files.store import NotFound
from flowrt.message import Signals, Value
from flowrt.running.sampler import Sampler

if TYPE_CHECKING:
    from flowrt.running.engine import Engine
    from flowrt.running.live import RunningFlow
    from flowrt.running.step import Outlet

__all__ = ["SECONDS", "History", "Key"]

SECONDS: Final = 3600
"""How far back it goes, and how many values a series holds."""
_MOST_SERIES: Final = 600
"""Series of the whole gateway: 14 kB each, 9 MB in all."""
_MOST_REFUSED: Final = 10_000
_STEP: Final = 1.0
_GAP: Final = math.nan


class _Place(NamedTuple):
    flow: str
    node: str
    port: str


class Key(NamedTuple):
    """What a series shows: a signal of a source at an output."""

    place: _Place
    source: str
    name: str

    @property
    def signal(self) -> str:
        """`State.SOC`: the name that is never ambiguous."""
        return f"{self.source}.{self.name}" if self.source else self.name


@dataclass(slots=True)
class _Series:
    """A ring of float32, NaN where nothing new came; `fed` is the tick of its newest value."""

    values: array[float]
    fed: int


class History:
    """The series of a gateway; they outlive a redeploy, and go an hour after their signal."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now
        self._series: dict[Key, _Series] = {}
        self._refused: set[Key] = set()
        self._samplers: dict[_Place, Sampler] = {}
        self._ticks = 0
        self._time = 0.0
        """When the newest tick was, POSIX seconds."""

    # --- what it answers

    def keys(self, flow: str) -> list[Key]:
        """The series of a flow."""
        return [key for key in self._series if key.place.flow == flow]

    def refused(self, flow: str) -> int:
        """How many of a flow's signals found no room, as far as they are counted."""
        return sum(key.place.flow == flow for key in self._refused)

    def find(self, flow: str, node: str, port: str, signal: str) -> Key:
        """The series of `State.SOC`, or of `SOC` where one source alone has it.

        An output of a subflow's node is the node inside. Raises NotFound and RequestRefused.
        """
        places = (_Place(flow, node, port), _Place(flow, f"{node}/{port}", "out"))
        at = [key for key in self._series if key.place in places]
        exact = [key for key in at if key.signal == signal]
        found = exact or [key for key in at if key.name == signal]
        if not found:
            raise NotFound(
                f'there is no history of "{signal}" at {node}.{port} in the flow "{flow}". '
                "Has it ever come, and is it a number?"
            )
        if len(found) > 1:
            choices = " or ".join(f'"{key.signal}"' for key in found)
            raise RequestRefused(f'signal "{signal}" comes from several sources. Say {choices}.')
        return found[0]

    def read(self, key: Key, seconds: int) -> dict[str, Any]:
        """The newest values, oldest first; null where nothing new came. JSON-able."""
        count = min(seconds, SECONDS, self._ticks)
        ring = self._series[key].values
        first = self._ticks - count + 1
        values = [_shown(ring[tick % SECONDS]) for tick in range(first, self._ticks + 1)]
        return {"start": self._time - (count - 1) * _STEP, "step": _STEP, "values": values}

    # --- the tick

    async def run(self) -> None:
        """Tick each second until cancelled; a second that was missed is a gap."""
        self._engine.built.append(self._flow_built)
        self._attach()
        loop = asyncio.get_running_loop()
        last = loop.time()
        try:
            while True:
                await asyncio.sleep(last + _STEP - loop.time())
                passed = max(1, int((loop.time() - last) / _STEP))
                last += passed * _STEP
                self.tick(passed)
        finally:
            self._engine.built.remove(self._flow_built)
            for sampler in self._samplers.values():
                sampler.hang(None)
            self._samplers.clear()

    def _flow_built(self, _flow: RunningFlow) -> None:
        self._attach()

    def tick(self, passed: int = 1) -> None:
        """Take the newest values, `passed` seconds after the last time."""
        for _ in range(min(passed, SECONDS)):
            self._ticks += 1
            for series in self._series.values():
                series.values[self._ticks % SECONDS] = _GAP
        self._time = self._now()
        for place, sampler in self._samplers.items():
            for message in sampler.newest.values():
                if isinstance(message, Signals):
                    self._take(place, message)
            sampler.clear()
        self._forget_old()
        self._attach()

    def _take(self, place: _Place, message: Signals) -> None:
        for name, value in message.values.items():
            number = _number(value)
            if number is not None:
                self._put(Key(place, message.source, name), number)

    def _put(self, key: Key, number: float) -> None:
        series = self._series.get(key)
        if series is None:
            if len(self._series) >= _MOST_SERIES:
                self._refuse(key)
                return
            series = self._series[key] = _Series(array("f", [_GAP]) * SECONDS, self._ticks)
            self._refused.discard(key)
        series.values[self._ticks % SECONDS] = number
        series.fed = self._ticks

    def _refuse(self, key: Key) -> None:
        if len(self._refused) < _MOST_REFUSED:
            self._refused.add(key)

    def _forget_old(self) -> None:
        """A series without a value left makes room for another."""
        oldest = self._ticks - SECONDS
        for key in [key for key, series in self._series.items() if series.fed <= oldest]:
            del self._series[key]
            self._refused.clear()

    # --- where the samplers hang

    def _attach(self) -> None:
        """Hang a sampler into each output that carries signals, and into no other."""
        outlets = dict(_signal_outlets(self._engine.flows))
        for place in [place for place in self._samplers if place not in outlets]:
            self._samplers.pop(place).hang(None)
        for place, outlet in outlets.items():
            if place not in self._samplers:
                self._samplers[place] = Sampler()
            self._samplers[place].hang(outlet)


def _signal_outlets(flows: Mapping[str, RunningFlow]) -> Iterator[tuple[_Place, Outlet]]:
    for flow in flows.values():
        for id, step in flow.circuit.steps.items():
            leaving = flow.circuit.graph.leaving(id)
            for outlet, kinds in zip(step.outlets, leaving, strict=True):
                if "signals" in kinds:
                    yield _Place(flow.name, id, outlet.name), outlet


def _number(value: Value) -> float | None:
    """A reading as a number, true as 1; None for a text, and for what is not available."""
    if value is None or isinstance(value, str) or value != value:  # NaN
        return None
    try:
        return float(value)
    except OverflowError:  # an integer beyond every float
        return math.inf


def _shown(value: float) -> float | None:
    """A value with the seven digits that float32 has; None for a gap, and for infinity."""
    return float(f"{value:.7g}") if math.isfinite(value) else None
