"""Prints the figures of docs/scaling.md, between two marks, and their plots."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

__all__ = ["FIGURES", "PAGE", "figures_on", "print_page", "render"]

_ROOT: Final = Path(__file__).parents[2]
PAGE: Final = _ROOT / "docs" / "scaling.md"
FIGURES: Final = _ROOT / "docs" / "scaling" / "figures.json"
_BEGIN: Final = "<!-- figures -->\n"
_END: Final = "<!-- end of figures -->\n"
Row: TypeAlias = tuple[str, ...]
_BUSY: Final = 1.0
"""Load before a run from which on seconds say more of the machine than of flowrt."""


def render(found: Mapping[str, Any]) -> str:
    """The tables, and what follows from them."""
    parts = (_about(found), _replays(found), _live(found), _growth(found))
    return "\n".join(line for part in parts for line in (*part, ""))


def _prose(*sentences: str) -> str:
    return textwrap.fill(" ".join(sentences), 120)


def _about(found: Mapping[str, Any]) -> Iterator[str]:
    day = datetime.fromtimestamp(found["time"], UTC).date()
    busy = (
        f"The machine had other work (load {found['load']:.0f} on {found['cores']} cores), which "
        "makes processor time larger, and frames/s mean nothing: they are left out."
    )
    yield _prose(
        f"Measured on {day} on {found['cores']} cores by `python -m tests.bench.sites`, printed by",
        "`--print`. Processor time is that of all processes together; start is a run over hardly",
        "any frames, and the other columns leave it out.",
        *([busy] if found["load"] > _BUSY else []),
    )


def _replays(found: Mapping[str, Any]) -> Iterator[str]:
    each = found["frames"] // 4
    yield f"Four sites of {each:,} frames each, candump logs; decode, alarm, minute means:"
    yield ""
    head = ("replay by", "CPU s to start", "CPU s a million frames", "MB")
    rows = [
        (one["by"], f"{one['start_cpu']:.1f}", f"{one['cpu_a_million']:.2f}", _megabytes(one))
        for one in found["replays"]
    ]
    yield from _table(*_with_speed(found, head, rows, found["replays"]))
    yield ""
    yield "![Processor time a million frames](scaling/cost.svg)"
    yield ""
    yield from _advice({one["by"]: one for one in found["replays"]})


def _megabytes(one: Mapping[str, Any]) -> str:
    return f"{one['memory'] / 1e6:,.0f}"


def _with_speed(
    found: Mapping[str, Any], head: Row, rows: Sequence[Row], measured: Sequence[Mapping[str, Any]]
) -> tuple[Row, Sequence[Row]]:
    """With frames/s as a column, where the machine had nothing else to do."""
    if found["load"] > _BUSY:
        return head, rows
    speeds = [f"{one['frames_per_second']:,.0f}" for one in measured]
    more = [(*row, speed) for row, speed in zip(rows, speeds, strict=True)]
    return (*head, "frames/s"), more


def _advice(by: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """From how many frames on a crew's start is paid back."""
    alone, pair = by["one process"], by["processes, 2 workers"]
    saved = alone["cpu_a_million"] - pair["cpu_a_million"] / 2
    later = max(0.0, pair["start_cpu"] / 2 - alone["start_cpu"])
    if saved > 0:
        yield _prose(
            "With two free cores two processes finish before one from about",
            f"{max(1.0, later / saved):.0f} million frames on.",
            f"Dask has spent {by['dask, 2 workers']['start_cpu']:.0f} s of processor time, and Ray",
            f"{by['ray, 2 workers']['start_cpu']:.0f} s, before the first frame: they are for more",
            "than one machine, or for a cluster that is there.",
        )


def _live(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"Live, {found['frames'] // 10:,} frames of four sites by a pipe:"
    yield ""
    head = ("live by", "CPU s a million frames", "MB")
    rows = [(one["by"], f"{one['cpu_a_million']:.1f}", _megabytes(one)) for one in found["live"]]
    yield from _table(*_with_speed(found, head, rows, found["live"]))
    yield ""
    yield "By MQTT, in one process:"
    yield ""
    costs = [
        (f"{one['frames_a_message']}", f"{one['cpu_a_million']:.0f}") for one in found["by_message"]
    ]
    yield from _table(("frames a message", "CPU s a million frames"), costs)


def _growth(found: Mapping[str, Any]) -> Iterator[str]:
    yield "The same frames shared out among ever more sites, in one process, batches of 500:"
    yield ""
    rows = [
        (f"{one['n']}", f"{one['us_a_frame']:.1f}", f"{one['memory_a_site'] / 1e6:.1f}")
        for one in found["by_sites"]
    ]
    yield from _table(("sites", "us a frame", "MB a site"), rows)
    yield ""
    yield "![Growth with sites](scaling/by-sites.svg)"
    yield ""
    yield _prose(
        "A frame costs nearly the same whichever site it is of. With 256 sites each gets one batch",
        "between two checkpoints here, not eight, so more of them are written a frame; and the",
        "nodes of a site are no longer in the processor's cache when its next batch comes. The",
        "memory of the first has what all share.",
    )


def _table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def figures_on(page: str) -> str:
    """What stands between the marks."""
    return page.partition(_BEGIN)[2].partition(_END)[0]


def print_page(found: Mapping[str, Any]) -> None:
    """Put the figures on the page, keep them beside it, draw the plots."""
    page = PAGE.read_text()
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(found, indent=1) + "\n")
    before, _, rest = page.partition(_BEGIN)
    PAGE.write_text(before + _BEGIN + render(found) + _END + rest.partition(_END)[2])
    python = os.environ.get("PLOTTER", str(_ROOT / "out" / "peers" / "venv" / "bin" / "python"))
    plotter = Path(__file__).with_name("sites_plots.py")
    subprocess.run([python, str(plotter), str(FIGURES), str(FIGURES.parent)], check=True)
