"""`make bench`: the five-node flow against the same thing written by hand, in one run.

The two alternate, and medians are compared: the machine's speed changes from minute to minute, the
ratio hardly does. The result goes to the terminal and, as JSON, to out/bench.json.
"""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from flowrt.bench import bench
from flowrt.build import build
from flowrt.flow import read_flow
from flowrt.message import Frame
from tests.bench.hand_loop import hand_loop

FLOW = Path(__file__).with_name("five_nodes.json")
OUT = Path("out/bench.json")
FRAMES = 400_000
ROUNDS = 5
GOAL = 0.5
"""Part of the hand-written loop's speed that the live engine is to reach."""


def frames() -> list[Frame]:
    """The very frames that `flowrt bench` makes, as many as it sends."""
    decode = build(read_flow(FLOW), {}).nodes["decode"]
    some: list[Frame] = decode.synthetic(4096, 0)  # type: ignore[attr-defined]
    return (some * (FRAMES // len(some) + 1))[:FRAMES]


def main() -> None:
    """Measure, show, write."""
    stored = frames()
    by_hand, flow, latencies = [], [], []
    for _ in range(ROUNDS):
        begun = perf_counter()
        hand_loop(stored)
        by_hand.append(FRAMES / (perf_counter() - begun))
        result = bench(FLOW, FRAMES)
        flow.append(result.frames_per_second)
        latencies.append(result.latency)
    ratio = statistics.median(f / h for f, h in zip(flow, by_hand, strict=True))
    _show(statistics.median(by_hand), statistics.median(flow), ratio, latencies[-1])
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(
        json.dumps({"by_hand": by_hand, "flow": flow, "ratio": ratio, "latency_ms": latencies})
    )


def _show(by_hand: float, flow: float, ratio: float, latency: dict[str, float]) -> None:
    table = Table(title=f"five nodes, median of {ROUNDS} runs of {FRAMES:,} frames")
    for column in ("what", "frames/s", "part of by hand"):
        table.add_column(column, justify="left" if column == "what" else "right")
    table.add_row("one loop, written by hand", f"{by_hand:,.0f}", "1.00")
    table.add_row("flowrt, live engine", f"{flow:,.0f}", f"{ratio:.2f} (goal {GOAL})")
    console = Console()
    console.print(table)
    console.print("latency at 8,000 frames/s in ms:", latency or "no message reached the sink")


if __name__ == "__main__":
    main()
