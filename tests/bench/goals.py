"""What was to be reached, and what a run of the benchmark says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

__all__ = ["GOALS", "Goal", "Verdict", "verdicts"]

Result: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """A figure and its limit; `figure` raises KeyError where its section was not measured."""

    what: str
    figure: Callable[[Result], float]
    limit: float
    unit: str = ""
    at_least: bool = True
    profile: str = ""
    """The profile that shows where the time goes, among those of the five-node flow."""

    @property
    def limit_text(self) -> str:
        """`at least 8x`."""
        return f"{'at least' if self.at_least else 'under'} {_shown(self.limit)}{self.unit}"


@dataclass(frozen=True)
class Verdict:
    """A goal, what was measured, and whether it is met."""

    goal: Goal
    figure: float

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of the limit."""
        reached = self.figure >= self.goal.limit
        return reached if self.goal.at_least else self.figure < self.goal.limit

    @property
    def verdict(self) -> str:
        """`met`, or by what part of the limit it is missed."""
        if self.met:
            return "met"
        return f"**missed** by {abs(self.figure - self.goal.limit) / self.goal.limit:.0%}"

    @property
    def figure_text(self) -> str:
        """The figure with its unit."""
        return f"{_shown(self.figure)}{self.goal.unit}"


def _shown(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _core(result: Result, name: str) -> float:
    """Frames by second of processor time."""
    return float(result["five_nodes"][name]["frames_per_core_second"])


def _read(suffix: str, result: Result) -> float:
    return float(result["reading"][suffix]["ratio"])


def _slowest(result: Result, key: str) -> float:
    return min(float(one[key]) for one in result["decoding"].values())


def _median(result: Result, kind: str, key: str) -> float:
    values = sorted(float(one[key]) for one in result["start"][kind])
    return values[len(values) // 2]


GOALS: Final = (
    Goal(
        "five nodes live, against Node-RED with native nodes",
        lambda r: _core(r, "live") / _core(r, "node-red native"),
        8,
        "x",
        profile="live",
    ),
    Goal(
        "five nodes live, as part of a hand-written loop",
        lambda r: _part(r, "live"),
        0.5,
        profile="live",
    ),
    Goal(
        "the same while somebody watches every output",
        lambda r: _part(r, "watched"),
        0.5,
        profile="watched",
    ),
    Goal(
        "replay of a log in memory, against live",
        lambda r: _core(r, "replay") / _core(r, "live"),
        10,
        "x",
        profile="replay",
    ),
    Goal(
        "replay of a log in memory, against live with every output watched",
        lambda r: _core(r, "replay") / _core(r, "watched"),
        10,
        "x",
        profile="replay",
    ),
    *(
        Goal(
            f"reading {name}, against python-can's reader",
            partial(_read, suffix),
            5,
            "x",
        )
        for suffix, name in (
            *((".log", "a candump log"), (".blf", "a BLF log"), (".asc", "an ASC log")),
            *((".trc", "a TRC log"), (".mf4", "an MF4 log")),
        )
    ),
    Goal("decoding against cantools, slowest database", lambda r: _slowest(r, "ratio"), 4, "x"),
    Goal("frame in to CAN out, p99", lambda r: r["latency"]["can"]["p99"], 2, " ms", False),
    Goal("frame in to alarm by MQTT, p99", lambda r: r["latency"]["mqtt"]["p99"], 5, " ms", False),
    Goal(
        "four saturated buses, part of a core", lambda r: r["four_buses"]["share"], 0.5, "", False
    ),
    Goal("four saturated buses, frames lost", lambda r: r["four_buses"]["lost"], 1, "", False),
    Goal(
        "start to first decoded frame, editor off",
        lambda r: _median(r, "headless", "seconds"),
        1,
        " s",
        False,
    ),
    Goal(
        "idle memory, editor off",
        lambda r: _median(r, "headless", "memory") / 1e6,
        80,
        " MB",
        False,
    ),
    Goal(
        "redeploy at 8,000 frames/s, longest wait of a frame",
        lambda r: r["watching"]["redeploy"]["longest_wait_ms"],
        20,
        " ms",
        False,
    ),
    Goal(
        "back after SIGKILL, to the first decoded frame, editor on",
        lambda r: sorted(r["power_cut"])[len(r["power_cut"]) // 2],
        2,
        " s",
        False,
    ),
    Goal("redeploy, frames lost", lambda r: r["watching"]["redeploy"]["lost"], 1, "", False),
)


def _part(result: Result, name: str) -> float:
    return float(result["five_nodes"][name]["part_of_hand"])


def verdicts(result: Result) -> list[Verdict]:
    """What a result says of each goal whose section it has."""
    found = []
    for goal in GOALS:
        try:
            found.append(Verdict(goal, goal.figure(result)))
        except KeyError:
            continue
    return found
