"""Readings of several sources side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    Signals,
    Transform,
    Value,
    node,
    setting,
    state,
)
from nodes.logic.deadline import Deadline
from nodes.logic.panes import boundary, pane_of
from nodes.logic.pick import MOST_SERIES, Pick, picked
from nodes.logic.quantity import duration


@node("logic/merge", icon="merge")
class Merge(Transform):
    """Keep the newest reading of each chosen signal, and give them all in one message.

    It comes with every arrival, or at whole multiples of `every` when something is new. A reading
    older than `max_age` becomes None, which the clock tells when nothing comes.
    """

    signals: list[str] = setting(
        "Signals to merge, with wildcards such as *.SOC; all where empty.",
        default=list,
        signal=True,
    )
    every: Duration | None = setting(
        "Give at most this often; with every arrival else.", default=None
    )
    max_age: Duration | None = setting("Age at which a reading becomes None.", default=None)
    names: Literal["plain", "qualified"] = setting(
        "Call a reading SOC, the newest of any source, or rack1/State.SOC.", default="plain"
    )
    source: str = setting("Source of the merged message; the node's id where empty.", default="")

    _newest: dict[str, list[Any]] = state(factory=dict)
    _news: float | None = state(None)

    examples = (
        Example(
            "Voltage and state of charge in one message",
            settings={"signals": ["PackVoltage", "SOC"], "max_age": "3 s", "source": "rack1"},
            given=[
                Signals(0.0, "Measure", {"PackVoltage": 52.1, "PackCurrent": -20.0}),
                Signals(0.5, "State", {"SOC": 55}),
            ],
            expect=[
                Signals(0.0, "rack1", {"PackVoltage": 52.1}),
                Signals(0.5, "rack1", {"PackVoltage": 52.1, "SOC": 55}),
                Signals(3.0, "rack1", {"PackVoltage": None, "SOC": 55}),
                Signals(3.5, "rack1", {"PackVoltage": None, "SOC": None}),
            ],
            until=10.0,
        ),
        Example(
            "Two racks side by side each second",
            settings={
                "signals": ["*.SOC"],
                "every": "1 s",
                "names": "qualified",
                "source": "plant",
            },
            given=[
                Signals(0.2, "rack1/State", {"SOC": 55}),
                Signals(0.4, "rack2/State", {"SOC": 60}),
                Signals(1.2, "rack1/State", {"SOC": 54}),
            ],
            expect=[
                Signals(1.0, "plant", {"rack1/State.SOC": 55, "rack2/State.SOC": 60}),
                Signals(2.0, "plant", {"rack1/State.SOC": 54, "rack2/State.SOC": 60}),
            ],
            until=5.0,
        ),
    )

    def __post_init__(self) -> None:
        self._pick = Pick(self.signals)
        self._deadline = Deadline(self, self._elapse)

    def problems(self) -> Iterator[tuple[str, str]]:
        """Times must be long enough to mean something."""
        for name in ("every", "max_age"):
            value = getattr(self, name)
            if value is not None and value < 0.001:
                yield name, f"must be 1 ms or more, not {duration(value)}."

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """The chosen signals, all of one source."""
        made = [
            replace(
                info,
                name=self._name(info.source, info.name),
                source=self._source,
                cycle=self.every or info.cycle,
            )
            for info in picked(incoming, self.signals)
        ]
        return Catalogue(made, open=incoming.open)

    def set_points(self, name: str) -> dict[str, bool]:
        """The newest is told at once unless it waits for `every`."""
        return {name: self.every is None}

    def summary(self) -> str:
        """`SOC, PackVoltage each 1 s, None after 3 s`."""
        each = f" each {duration(self.every)}" if self.every else ""
        aging = f", None after {duration(self.max_age)}" if self.max_age else ""
        return f"{', '.join(self.signals) or 'all signals'}{each}{aging}"

    @property
    def _source(self) -> str:
        return self.source or self.id

    def _name(self, source: str, name: str) -> str:
        return f"{source}.{name}" if self.names == "qualified" and source else name

    # --- messages

    def on_message(self, message: Signals) -> list[Signals]:
        """Take up what is new; what fell due before it comes first."""
        if not math.isfinite(message.time):
            self.context.drop("no time", 1)
            return []
        if self._deadline.set_back(message.time):
            self._count_anew(message.time)
        given = self._deadline.catch_up(message.time)
        if self._take(message):
            given += self._tell(message.time)
        return given

    def _tell(self, time: float) -> list[Signals]:
        """Give what is new now, or at the end of the slot.

        Readings only become newer, so what is due already is due before this one's age is.
        """
        if self.every is None:
            if self.max_age is not None and self._deadline.due is None:
                self._deadline.set(time + self.max_age, time)
            return [self._merged(time)]
        if self._news is None:
            self._news = time
            self._deadline.set(self._slot_end(time), time)
        return []

    def _take(self, message: Signals) -> bool:
        """Whether the message has a chosen signal."""
        taken = False
        for name, value in message.values.items():
            if not self._pick(message.source, name):
                continue
            key = self._name(message.source, name)
            if key not in self._newest and len(self._newest) >= MOST_SERIES:
                self.context.drop("too many signals", 1)
                continue
            self._newest[key] = [value, message.time]
            taken = True
        return taken

    def _merged(self, time: float) -> Signals:
        values: dict[str, Value] = {name: value for name, (value, _) in self._newest.items()}
        return Signals(time, self._source, values)

    # --- what falls due

    def _elapse(self, due: float) -> list[Signals]:
        """Let old readings go, and give what is new."""
        new = self._age(due)
        if self._news is not None and self._slot_end(self._news) <= due:
            self._news, new = None, True
        self._wait(due)
        return [self._merged(due)] if new else []

    def _age(self, now: float) -> bool:
        """Whether a reading has become too old."""
        aged = [kept for kept in self._newest.values() if self._end(kept) <= now]
        for kept in aged:
            kept[0] = None
        return bool(aged)

    def _end(self, kept: list[Any]) -> float:
        """When a reading is given up: at the end of its slot where there are slots."""
        value, time = kept
        if value is None or self.max_age is None:
            return math.inf
        end: float = time + self.max_age
        return end if self.every is None else self._slot_end(end)

    def _slot_end(self, time: float) -> float:
        assert self.every is not None
        return boundary(pane_of(time, self.every) + 1, self.every)

    def _wait(self, now: float) -> None:
        """Wait for what is next."""
        nearest = min(map(self._end, self._newest.values()), default=math.inf)
        if self._news is not None:
            nearest = min(nearest, self._slot_end(self._news))
        if nearest < math.inf:
            self._deadline.set(nearest, now)

    def _count_anew(self, now: float) -> None:
        """The clock was set back: nothing has come later than now."""
        for kept in self._newest.values():
            kept[1] = min(kept[1], now)
        self._news = now if self._news is not None else None
        self._wait(now)

    # --- state

    async def start(self) -> None:
        """Wait for what is next."""
        self._rewait()

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up the readings, and wait for what is next."""
        super().restore(saved)
        self._rewait()

    def _rewait(self) -> None:
        self._deadline.cancel()
        self._wait(self.clock.now())
