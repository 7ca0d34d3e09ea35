"""Draws the plots of docs/scaling.md; runs in the peers' environment, like plots.py.

python sites_plots.py FIGURES FOLDER
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

# Beside this file, in an environment where nothing of this repository is installed.
plots: Any = import_module("plots")


def main() -> None:
    """The cost by crew as bars, and the curve of growth."""
    found, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    plots.plt.rcParams.update(plots.STYLE)
    figure, axes = plots.plt.subplots(figsize=(7, 2.8))
    crews = found["replays"][::-1]
    costs = [one["cpu_a_million"] for one in crews]
    bars = axes.barh([one["by"] for one in crews], costs, color=plots.OURS)
    axes.bar_label(bars, [f"{cost:.2f}" for cost in costs], padding=4)
    axes.set_xlabel("processor seconds a million frames")
    axes.grid(axis="y", visible=False)
    axes.margins(x=0.12)
    plots._save(figure, folder / "cost.svg")
    points = [(one["n"], one["us_a_frame"]) for one in found["by_sites"]]
    plots.growth(points, "sites", "us a frame", folder / "by-sites.svg")


if __name__ == "__main__":
    main()
