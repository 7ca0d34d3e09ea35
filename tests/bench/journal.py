"""What a journal costs: records a second and bytes on disk, by how it is committed.

Run: .venv/bin/python -m tests.bench.journal [RECORDS]
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from flowrt.flow.graph import Edge
from flowrt.journal import JournalOptions
from flowrt.running.live import RunningFlow
from flowrt.watch.watch import Watch
from flowrt.wire import Spill
from tests.support.flows import Count, Keep, prepared

TAGS_AT_ONCE = 1000


async def _run(edge: Edge, records: int, batch: int, folder: Path) -> tuple[float, float, Spill]:
    """Seconds, CPU seconds, and the wire, of so many records through one wire."""
    keep = Keep()
    flow = RunningFlow(
        prepared({"count": Count(total=records, batch=batch), "keep": keep}, edge),
        Watch(),
        data=folder,
    )
    begun, busy = perf_counter(), _busy()
    await flow.start()
    while len(keep.got) + flow.inboxes["keep"].wires[0][1].dropped < records:
        await asyncio.sleep(0.002)
    took, used = perf_counter() - begun, _busy() - busy
    wire = flow.inboxes["keep"].wires[0][1]
    await flow.stop()
    return took, used, wire  # type: ignore[return-value]


def _busy() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(records: int) -> None:
    """Print a line for each way."""
    print(f"{'wire':<24}{'batch':>6}{'records/s':>12}{'us CPU':>9}{'B/record':>10}{'commits':>9}")
    ways: list[tuple[str, Edge]] = [
        ("block", Edge("count", 0, "keep", 0, overflow="block")),
        *(
            (f"spill, {commit}", _spill(commit))
            for commit in ("overflow", "behind", "before")
        ),
    ]  # fmt: skip
    for batch in (1, 64, TAGS_AT_ONCE):
        for name, edge in ways:
            some = records // 10 if batch == 1 else records
            with tempfile.TemporaryDirectory() as folder:
                took, used, wire = asyncio.run(_run(edge, some, batch, Path(folder)))
            figures = wire.figures() if isinstance(wire, Spill) else {"written": 0, "commits": 0}
            print(
                f"{name:<24}{batch:>6}{some / took:>12,.0f}{used / some * 1e6:>9.1f}"
                f"{figures['written'] / some:>10.0f}{figures['commits']:>9}"
            )


def _spill(commit: str) -> Edge:
    return Edge("count", 0, "keep", 0, "spill", 10_000, JournalOptions(commit=commit))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
