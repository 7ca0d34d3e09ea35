"""docs/performance.md is what its figures say, and every section and plot has its place."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.bench.goals import GOALS, verdicts
from tests.bench.page import FIGURES, PAGE, render

HERE = Path(__file__).parent
AGES = {"count": 2000, "p50": 0.2, "p99": 0.9, "p99.9": 1.5, "max": 3.0}
SPEED = {"frames_per_second": 1e6, "frames_per_core_second": 1e6, "part_of_hand": 1.0}
LOAD = {"rate": 8000.0, "received": 80_000, "lost": 0, "share": 0.2, "memory": 6e7}
STARTS = [{"seconds": 0.5, "memory": 5e7}, {"seconds": 0.4, "memory": 5e7}]
GROWTH = [{"n": 1, "ns_a_frame": 900.0, "build_ms": 3.0}]
RESULT: dict[str, Any] = {
    "time": 1.8e9,
    "python": "3.11.7",
    "cores": 2,
    "five_nodes": {
        "hand": SPEED,
        "live": SPEED,
        "watched": SPEED | {"part_of_hand": 0.4},
        "replay": SPEED,
        "node-red native": SPEED | {"frames_per_core_second": 1e5},
    },
    "decoding": {
        "bms": {
            "messages": 6, "cantools_us": 2.0, "flowrt_us": 0.4, "ratio": 5.0, "node_ratio": 4.0,
        }
    },
    "latency": {"can": AGES, "mqtt": AGES, "modbus": AGES, "rate": 8200.0, "lost": 0, "share": 0.3},
    "four_buses": LOAD,
    "many_flows": LOAD,
    "watching": {
        "headless": 0.1, "editor": 0.1, "watched": 0.2, "memory_headless": 6e7,
        "memory_watched": 7e7, "redeploy": {"lost": 0, "seconds": 0.1, "longest_wait_ms": 9.0},
    },
    "profiles": {"replay": [{"file": "nodes/can/columns.py", "function": "f", "share": 0.3}]},
    "reading": {
        suffix: {"ours": 1e6, "theirs": 1e5, "ratio": 10.0, "replay": 9e5}
        for suffix in (".log", ".blf", ".asc", ".trc", ".mf4")
    },
    "power_cut": [1.1, 1.2, 1.0],
    "start": {"headless": STARTS, "editor": STARTS},
    "by_rate": [LOAD | {"cpu_us_a_frame": 20.0}],
    "by_nodes": GROWTH,
    "by_signals": GROWTH,
    "by_flows": GROWTH,
}  # fmt: skip


def test_every_goal_is_judged() -> None:
    judged = {one.goal.what: one.met for one in verdicts(RESULT)}
    assert len(judged) == len(GOALS)
    assert [what for what, met in judged.items() if not met] == [
        "the same while somebody watches every output",
        "replay of a log in memory, against live",
        "replay of a log in memory, against live with every output watched",
    ]


def test_a_goal_whose_section_was_not_measured_is_left_out() -> None:
    some = {key: RESULT[key] for key in ("time", "python", "cores", "four_buses")}
    assert [one.goal.what for one in verdicts(some)] == [
        "four saturated buses, part of a core",
        "four saturated buses, frames lost",
    ]
    assert "## Four saturated buses" in render(some)
    assert "## Latency" not in render(some)


def test_what_is_missed_is_told_with_its_part_and_its_profile() -> None:
    page = render(RESULT)
    assert "| 1x | at least 10x | **missed** by 90% |" in page
    assert "replay of a log in memory, against live (**flowrt**, replay, log in memory)" in (
        page.replace("\n", " ")
    )
    assert "| `f` of nodes/can/columns.py | 30% |" in page


def test_tables_are_whole() -> None:
    for table in re.findall(r"(?:^\|.*\n)+", render(RESULT), re.MULTILINE):
        assert len({row.count("|") for row in table.splitlines()}) == 1, table


def test_every_plot_that_the_page_shows_is_drawn() -> None:
    shown = set(re.findall(r"performance/(.*?)\.svg", render(RESULT)))
    drawn = (HERE / "plots.py").read_text()
    assert shown == {"five-nodes", "by-rate", "by-nodes", "by-signals", "by-flows"}
    assert all(f"{name.split('-')[0]}-" in drawn for name in shown)


def test_the_page_is_what_its_figures_say() -> None:
    """Both are written by `make performance`, after a run of `make bench` on a quiet machine."""
    assert PAGE.exists() == FIGURES.exists()
    if FIGURES.exists():
        printed = render(json.loads(FIGURES.read_text()))
        assert PAGE.read_text() == printed, "docs/performance.md is stale: run make performance"
        for plot in re.findall(r"performance/(.*?\.svg)", printed):
            assert (FIGURES.parent / plot).exists(), plot
