"""Draws the plots of docs/performance.md as small SVGs; runs in the peers' environment.

python plots.py RESULT.json FOLDER
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

# Installed in the peers' environment only, where no types are checked.
import_module("matplotlib").use("svg")
plt: Any = import_module("matplotlib.pyplot")

OURS, THEIRS = "#2563eb", "#9ca3af"
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "flowrt",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e5e7eb",
    "axes.axisbelow": True,
}


def five_nodes(found: Mapping[str, Any], file: Path) -> None:
    """Bars of frames/s of a core, fastest on top."""
    ranked = sorted(found.items(), key=lambda item: item[1]["frames_per_core_second"])
    names = [
        f"flowrt {name}" if name in ("live", "watched", "replay") else name for name, _ in ranked
    ]
    speeds = [one["frames_per_core_second"] / 1e6 for _, one in ranked]
    figure, axes = plt.subplots(figsize=(7, 3.2))
    colours = [OURS if name.startswith("flowrt") else THEIRS for name in names]
    bars = axes.barh(names, speeds, color=colours)
    axes.bar_label(bars, [f"{speed:.2f}" for speed in speeds], padding=4)
    axes.set_xlabel("million frames/s of a core")
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    _save(figure, file)


def growth(points: Sequence[tuple[float, float]], x_label: str, y_label: str, file: Path) -> None:
    """A curve, and the straight line from nought through its last point to tell it by."""
    figure, axes = plt.subplots(figsize=(5, 3))
    xs, ys = zip(*points, strict=True)
    axes.plot(xs, ys, "o-", color=OURS, clip_on=False)
    axes.set(xlabel=x_label, ylabel=y_label)
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0, top=max(ys) * 1.15)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:,.0f}")
    _save(figure, file)


def _save(figure: Any, file: Path) -> None:
    figure.savefig(file, bbox_inches="tight", metadata={"Date": None, "Creator": None})
    plt.close(figure)


def main() -> None:
    """Every plot whose figures are there."""
    result, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    plt.rcParams.update(STYLE)
    if "five_nodes" in result:
        five_nodes(result["five_nodes"], folder / "five-nodes.svg")
    if "by_rate" in result:
        points = [(one["rate"], 100 * one["share"]) for one in result["by_rate"]]
        growth(points, "frames/s", "% of a core", folder / "by-rate.svg")
    for name in ("nodes", "signals", "flows"):
        if f"by_{name}" in result:
            points = [(one["n"], one["ns_a_frame"] / 1000) for one in result[f"by_{name}"]]
            growth(points, name, "us a frame", folder / f"by-{name}.svg")


if __name__ == "__main__":
    main()
