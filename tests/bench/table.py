"""The result of a run as tables for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.table import Table

from tests.bench.goals import verdicts

__all__ = ["table"]


def table(result: Mapping[str, Any]) -> Group:
    """What was to be reached; and who is how fast."""
    goals = Table(title="goals", title_justify="left")
    for name in ("what", "measured", "goal", ""):
        goals.add_column(name, justify="left" if name == "what" else "right")
    for one in verdicts(result):
        mark = "[green]met[/green]" if one.met else f"[red]{one.verdict.replace('*', '')}[/red]"
        goals.add_row(one.goal.what, one.figure_text, one.goal.limit_text, mark)
    parts = [goals]
    if "five_nodes" in result:
        parts.append(_five_nodes(result["five_nodes"]))
    return Group(*parts)


def _five_nodes(found: Mapping[str, Mapping[str, Any]]) -> Table:
    shown = Table(title="the five-node flow", title_justify="left")
    for name in ("who", "frames/s", "frames/s of one core", "part of by hand"):
        shown.add_column(name, justify="left" if name == "who" else "right")
    for name, one in found.items():
        shown.add_row(
            name,
            f"{one['frames_per_second']:,.0f}",
            f"{one['frames_per_core_second']:,.0f}",
            f"{one['part_of_hand']:.2f}",
        )
    return shown
