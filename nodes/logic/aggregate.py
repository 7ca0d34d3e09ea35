"""Windows over readings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from flowrt.node import (
    Catalogue,
    Duration,
    Example,
    SignalInfo,
    Signals,
    Transform,
    Value,
    node,
    setting,
    split_signal,
    state,
)
from nodes.logic.deadline import Deadline
from nodes.logic.panes import FULL, Panes, Tallies, boundary, pane_of
from nodes.logic.pick import MOST_SERIES, Pick, is_pattern, picked
from nodes.logic.quantity import duration
from nodes.logic.tally import FUNCTIONS, Function

if TYPE_CHECKING:
    from nodes.logic.columns.aggregate import AggregateColumns

_UNSEEN: Final[Any] = object()
_EVER: Final = 1e18
"""Seconds: a pane that closes by count has no end in time."""
_MOST_PANES: Final = 3600
"""An hour that slides by the second; a snapshot holds every pane."""
_RANGED: Final = frozenset({"min", "max", "mean", "first", "last"})
_FEW: Final = 2
"""Signals whose names fit a card."""
_UNITS: Final = {"count": "", "rate": "{}/s"}


@node("logic/aggregate", icon="sigma")
class Aggregate(Transform):
    """Give min, max, mean and so on of each signal, one message for each window and source.

    Windows run on the messages' own time and begin at whole multiples of `every` (UTC). One closes
    with the first message of its source at or after its end, or by the clock when nothing comes;
    the time of what it gives is its end. A reading for a closed window is counted as late, one
    that is not available or no number is counted and left out. Memory does not grow with the
    number of readings.
    """

    signals: list[str] = setting(
        "Signals to aggregate, with wildcards such as Cell*; all where empty.",
        default=list,
        signal=True,
    )
    every: Duration | None = setting("A window closes this often.", default=None)
    window: Duration | None = setting(
        "Length of a sliding window, a whole multiple of `every`; as long as `every` without it.",
        default=None,
    )
    count: int | None = setting(
        "Close a window after so many messages of a source, in place of `every`.",
        default=None,
        minimum=1,
    )
    hop: int | None = setting(
        "Close a window of `count` messages, which it must divide, each so many.",
        default=None,
        minimum=1,
    )
    functions: list[Function] = setting(
        "What to give; std is the population's, rate the change per second from first to last.",
        default=lambda: ["min", "max", "mean"],
        minItems=1,
        uniqueItems=True,
    )
    grace: Duration = setting(
        "How long after its end a window waits for its source while others go on; more where "
        "sources' clocks differ.",
        default=0.5,
        advanced=True,
    )

    _open: dict[str, Panes] = state(factory=dict)

    examples = (
        Example(
            "Rack voltage each minute",
            settings={"signals": ["PackVoltage"], "every": "60 s"},
            given=[
                Signals(0.0, "Measure", {"PackVoltage": 51.0, "PackCurrent": -20.0}),
                Signals(30.0, "Measure", {"PackVoltage": 53.0, "PackCurrent": -22.0}),
                Signals(60.0, "Measure", {"PackVoltage": 52.0, "PackCurrent": -21.0}),
            ],
            expect=[
                Signals(
                    *(60.0, "Measure"),
                    values={
                        "PackVoltage_min": 51.0,
                        "PackVoltage_max": 53.0,
                        "PackVoltage_mean": 52.0,
                    },
                )
            ],
        ),
        Example(
            "Temperature rise over 30 s, looked at each 10 s; the clock closes what is open",
            settings={
                "signals": ["Tmax"],
                "every": "10 s",
                "window": "30 s",
                "functions": ["rate", "count"],
            },
            given=[
                Signals(second, "Cells", {"Tmax": 25.0 + second}) for second in (0.0, 5.0, 10.0)
            ],
            expect=[
                Signals(10.0, "Cells", {"Tmax_rate": 1.0, "Tmax_count": 2}),
                Signals(20.0, "Cells", {"Tmax_rate": 1.0, "Tmax_count": 3}),
                Signals(30.0, "Cells", {"Tmax_rate": 1.0, "Tmax_count": 3}),
                Signals(40.0, "Cells", {"Tmax_count": 1}),
            ],
            until=60.0,
        ),
        Example(
            "Every two readings",
            settings={"signals": ["Cell*"], "count": 2, "functions": ["max"]},
            given=[
                Signals(0.0, "Cells", {"Cell1": 3.31, "Cell2": 3.32}),
                Signals(1.0, "Cells", {"Cell1": 3.33, "Cell2": None}),
            ],
            expect=[Signals(1.0, "Cells", {"Cell1_max": 3.33, "Cell2_max": 3.32})],
        ),
    )

    def __post_init__(self) -> None:
        self._pick = Pick(self.signals)
        plain = not any(is_pattern(name) or split_signal(name)[0] for name in self.signals)
        self._names = frozenset(self.signals if plain else ())
        self._timed = "rate" in self.functions
        self.spread = "std" in self.functions
        self._pane_count = self._panes_in_window()
        self._pane_messages = self.hop or self.count or 0
        self.deadline = Deadline(self, self._elapse)

    def _panes_in_window(self) -> int:
        if self.count is not None:
            return max(1, self.count // (self.hop or self.count))
        return max(1, round(self.window / self.every)) if self.window and self.every else 1

    # --- what is known before it runs

    def problems(self) -> Iterator[tuple[str, str]]:
        """Windows that contradict one another."""
        if (self.every is None) == (self.count is None):
            both = "both" if self.every is not None else "neither"
            yield "", f'needs either "every" or "count", not {both}.'
        if self.every is not None and self.every < 0.001:
            yield "every", f"must be 1 ms or more, not {duration(self.every)}."
        elif self.every is None and self.window is not None:
            yield "window", 'needs "every": how often it slides.'
        elif self.every is not None and self.window is not None:
            yield from self._slide_problems("window", self.window / self.every)
        if self.hop is not None and self.count is None:
            yield "hop", 'needs "count": how many messages are in a window.'
        elif self.hop is not None and self.count is not None:
            yield from self._slide_problems("hop", self.count / self.hop)

    def _slide_problems(self, place: str, panes: float) -> Iterator[tuple[str, str]]:
        whole, part = ("window", "every") if place == "window" else ("count", "hop")
        if panes < 1 or not math.isclose(panes, round(panes), rel_tol=1e-9):
            yield place, f'"{whole}" must be a whole multiple of "{part}", not {panes:g} times it.'
        elif panes > _MOST_PANES:
            yield (
                place,
                f'"{whole}" may be {_MOST_PANES} times "{part}" at most, not {panes:g} times. '
                f'Use a longer "{part}".',
            )

    def catalogue(self, incoming: Catalogue) -> Catalogue:
        """Each signal once for each function: mean keeps the unit, rate is per second."""
        wanted = [info for info in picked(incoming, self.signals) if info.type != "text"]
        made = [self._info(info, function) for info in wanted for function in self.functions]
        return Catalogue(made, open=incoming.open)

    def _info(self, info: SignalInfo, function: str) -> SignalInfo:
        per = info.unit or "1"
        unit = _UNITS[function].format(per) if function in _UNITS else info.unit
        ranged = function in _RANGED
        return replace(
            info,
            name=f"{info.name}_{function}",
            unit=unit,
            minimum=info.minimum if ranged else None,
            maximum=info.maximum if ranged else None,
            choices={},
            cycle=self.every,
            type="number",
        )

    def reads(self) -> frozenset[str] | None:
        """The signals that are aggregated."""
        return frozenset(self.signals) or None

    def summary(self) -> str:
        """`min, max, mean of PackVoltage each 60 s`."""
        what = ", ".join(self.signals) or "every signal"
        if len(self.signals) > _FEW:
            what = f"{len(self.signals)} signals"
        if self.count is not None:
            each, over = f"{self._pane_messages} messages", f"{self.count} messages"
        else:
            each, over = duration(self.every or 0.0), duration(self.window or 0.0)
        sliding = f" over {over}" if self._pane_count > 1 else ""
        return f"{', '.join(self.functions)} of {what}{sliding} each {each}"

    # --- messages

    def on_message(self, message: Signals) -> list[Signals]:
        """Take in one message."""
        return self.on_batch((message,))

    def on_batch(self, batch: Sequence[Signals]) -> list[Signals]:  # noqa: C901  calls cost
        """Take in many; a reading costs an append, arithmetic is done a few hundred at a time."""
        out: list[Signals] = []
        opened, timed, counting = self._open, self._timed, self._pane_messages
        deadline = self.deadline
        names = self._names
        only = next(iter(names)) if len(names) == 1 else ""
        for message in batch:
            try:
                values = message.values
                if deadline.due is not None and message.time >= deadline.due:
                    out += deadline.catch_up(message.time)
                if names and (only not in values if only else names.isdisjoint(values)):
                    continue
                panes = opened.get(message.source)
                if panes is None or not panes.start <= message.time < panes.end:
                    panes = self._move(message, out)
                    if panes is None:
                        continue
                buffers, last = panes.buffers, None
                for name in values:
                    buffer = buffers.get(name, _UNSEEN)
                    if buffer is _UNSEEN:
                        buffer = self._admit(panes, message, name)
                    if buffer is not None:
                        buffer.append(values[name])
                        last = buffer
                        if timed:
                            panes.times[name].append(message.time)
                if last is not None and (counting or len(last) >= FULL):
                    self._fill(panes, message, out)
            except Exception as error:  # noqa: BLE001  one bad message must not take others with it
                self.context.fault(error, message)
        return out

    def _admit(self, panes: Panes, message: Signals, name: str) -> list[Any] | None:
        """The buffer of a signal that is new in the pane; None where it is not wanted."""
        if len(panes.buffers) >= MOST_SERIES:
            self.context.drop("too many signals", 1)
            return None
        if not self._pick(message.source, name):
            panes.buffers[name] = None
            return None
        if not panes.times and not self._pane_messages:
            self.deadline.set(panes.end + self.grace, message.time)
        panes.times[name] = []
        buffer = panes.buffers[name] = list[Any]()
        return buffer

    def fold(self, panes: Panes) -> None:
        """Tally the raw readings of a pane; count those that are no numbers."""
        if bad := panes.fold(spread=self.spread):
            self.context.drop("no value", bad)

    def _fill(self, panes: Panes, message: Signals, out: list[Signals]) -> None:
        """What is due after a message: tallies of full buffers, the end of a counted pane."""
        if not self._pane_messages:
            self.fold(panes)
            return
        panes.left -= 1
        panes.last_time = message.time
        if panes.left <= 0:
            out += self._close(message.source, panes, message.time)
            panes.open(panes.index + 1, -_EVER, _EVER)
            panes.left = self._pane_messages
        elif not panes.left % FULL:
            self.fold(panes)

    def columns(self) -> AggregateColumns:
        """Many readings at once."""
        from nodes.logic.columns.aggregate import AggregateColumns

        return AggregateColumns(self, self._open, self._names)

    # --- windows by time

    def _move(self, message: Signals, out: list[Signals]) -> Panes | None:
        """The panes of a source, moved on to a message's time; None where it comes too late."""
        time, panes = message.time, self._open.get(message.source)
        if not math.isfinite(time):
            self.context.drop("no time", 1)
            return None
        if panes is None:
            return self._begin(message)
        assert self.every is not None  # a pane that closes by count holds all times
        if time < panes.start:
            if panes.start - time <= max(self.window or self.every, 1.0):
                self.context.drop("late", 1)
                return None
            out += self._give_out(message.source, panes)  # the clock has been set back
            panes.closed = []
        index = pane_of(time, self.every)
        self._pass_over(message.source, panes, index, out)
        self._open_pane(panes, index)
        return panes

    def _begin(self, message: Signals) -> Panes | None:
        if len(self._open) >= MOST_SERIES:
            self.context.drop("too many sources", 1)
            return None
        panes = Panes(0, -_EVER, _EVER, left=self._pane_messages)
        if not self._pane_messages:
            assert self.every is not None
            self._open_pane(panes, pane_of(message.time, self.every))
        self._open[message.source] = panes
        return panes

    def _open_pane(self, panes: Panes, index: int) -> None:
        assert self.every is not None
        panes.open(index, boundary(index, self.every), boundary(index + 1, self.every))

    def _pass_over(self, source: str, panes: Panes, index: int, out: list[Signals]) -> None:
        """Close the panes before `index` as long as a window still holds readings."""
        while panes.index < index and (panes.pending or panes.closed):
            out += self._close(source, panes, panes.end)
            self._open_pane(panes, panes.index + 1)

    def _elapse(self, now: float) -> list[Signals]:
        """Close the panes that no message has closed, as long as their windows hold readings."""
        assert self.every is not None
        out: list[Signals] = []
        for source, panes in self._open.items():
            if panes.end + self.grace <= now and (panes.pending or panes.closed):
                out += self._close(source, panes, panes.end)
                self._open_pane(panes, panes.index + 1)
        self._wait(now)
        return out

    def _wait(self, now: float) -> None:
        """Wait for the window that ends next."""
        if self._pane_messages:
            return
        ends = [panes.end for panes in self._open.values() if panes.pending or panes.closed]
        if ends:
            self.deadline.set(min(ends) + self.grace, now)

    # --- what leaves

    def _close(self, source: str, panes: Panes, time: float) -> list[Signals]:
        """The window that ends with the open pane; nothing where it holds no reading."""
        self.fold(panes)
        values = self._values(panes.close(self._pane_count))
        return [Signals(time, source, values)] if values else []

    def _values(self, tallies: Tallies) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for name, tally in tallies.items():
            for function in self.functions:
                value = FUNCTIONS[function](tally)
                if value is not None and math.isfinite(value):
                    values[f"{name}_{function}"] = value
        return values

    def _give_out(self, source: str, panes: Panes) -> list[Signals]:
        """The open window before its end, dated at its end; by count, at its last message."""
        if not panes.pending:
            return []
        return self._close(source, panes, panes.last_time if self._pane_messages else panes.end)

    def finish(self) -> list[Signals]:
        """Give out what is open."""
        out = [given for item in self._open.items() for given in self._give_out(*item)]
        self._open = {}
        return out

    # --- state

    async def start(self) -> None:
        """Let the clock close what is open."""
        self._rewait()

    def snapshot(self) -> dict[str, Any]:
        """The open windows by source."""
        return {"_open": {source: asdict(panes) for source, panes in self._open.items()}}

    def restore(self, saved: Mapping[str, Any]) -> None:
        """Take up the open windows."""
        self._open = {source: Panes.of(kept) for source, kept in saved.get("_open", {}).items()}
        self._rewait()

    def _rewait(self) -> None:
        self.deadline.cancel()
        self._wait(self.clock.now())
