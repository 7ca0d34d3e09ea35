"""What many sites cost: replays by each executor, live input, and growth with the sites.

    python -m tests.bench.sites [--quick | --once]   measure, write out/sites.json
    python -m tests.bench.sites --print              print docs/scaling.md's figures from it

Processor time is that of all processes of a command together, sampled while they run.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

from flowrt.executor.actors import actors
from flowrt.message import Frame
from flowrt.sites.fleet import Fleet
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.post import Post
from tests.bench.metered import Metered, metered
from tests.bench.sites_live import by_message, live

__all__ = ["main"]

OUT: Final = Path("out/sites.json")
FLOW: Final = Path(__file__).parents[2] / "examples" / "rack-to-cloud.json"
SITES: Final = 4
FEW: Final = 100
"""Frames of a site where only the start is to be seen."""
CREWS: Final = (
    ("one process", ()),
    *(
        (f"{name}, {workers} worker{'s' * (workers > 1)}",
         ("--executor", name, "--workers", str(workers)))
        for name in ("processes", "dask", "ray")
        for workers in (1, 2)
    ),
)  # fmt: skip
GROWTH: Final = (1, 4, 16, 64, 256)


# --- replays


def replays(frames: int, rounds: int) -> list[dict[str, Any]]:
    """Each crew over four sites' logs, in turns; medians."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = Path(folder) / "few", Path(folder) / "many"
        for site in range(SITES):
            write_log(few / f"site{site}" / "day.log", FEW, site)
            write_log(many / f"site{site}" / "day.log", frames // SITES, site)
        runs = [
            {name: (replayed(few, options), replayed(many, options)) for name, options in CREWS}
            for _ in range(rounds)
        ]
    return [_row(name, [run[name] for run in runs], frames) for name, _ in CREWS]


def _row(name: str, runs: list[tuple[Metered, Metered]], frames: int) -> dict[str, Any]:
    def median(of: Callable[[Metered, Metered], float]) -> float:
        return statistics.median(of(small, big) for small, big in runs)

    return {
        "by": name,
        "start_seconds": median(lambda small, _: small.seconds),
        "start_cpu": median(lambda small, _: small.cpu),
        "frames_per_second": median(lambda small, big: frames / (big.seconds - small.seconds)),
        "cpu_a_million": median(lambda small, big: (big.cpu - small.cpu) / frames * 1e6),
        "memory": median(lambda _, big: big.memory),
    }


def replayed(logs: Path, options: Sequence[str]) -> Metered:
    """One replay; without a crew each site by itself, as far as one process goes."""
    command = [sys.executable, "-m", "flowrt", "replay", str(FLOW)]
    out = logs.parent / "out.jsonl"
    if options:
        return metered([*command, str(logs), *options, "--record", str(out)])
    return metered([*command, *_one_site(logs), "--record", str(out)])


def _one_site(logs: Path) -> list[str]:
    """The same frames as logs of one site, which one process does without workers."""
    folder = logs.parent / f"{logs.name}-of-one"
    folder.mkdir(exist_ok=True)
    for site in sorted(logs.iterdir()):
        link = folder / f"{site.name}.log"
        if not link.exists():
            link.hardlink_to(site / "day.log")  # a symbolic one would be of another site
    return [str(file) for file in sorted(folder.iterdir())]


def write_log(file: Path, frames: int, seed: int) -> None:
    """A candump log of a rack whose charge crosses the limit again and again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as out:
        for index in range(frames // 2):
            now = 1.7e9 + index * 0.1
            soc = 21 + seed + round(6 * ((index // 500) % 7 - 3) / 3)
            volt = 4900 + (index * 37 + seed) % 300
            out.write(f"({now:.6f}) can0 355#{soc:02X}00640000000000\n")
            out.write(f"({now + 0.05:.6f}) can0 356#{volt & 255:02X}{volt >> 8:02X}F1FF3700\n")


# --- growth


def by_sites(rounds: int) -> list[dict[str, float]]:
    """The same frames shared out among ever more sites, in batches of 500."""
    return [_fleet_cost(count, rounds) for count in GROWTH]


def _fleet_cost(count: int, rounds: int) -> dict[str, float]:
    """Microseconds a frame, and memory a site."""
    each = 500
    batches = 256 // count
    with tempfile.TemporaryDirectory() as folder, actors("here", 1, None) as crew:
        fleet = Fleet(crew, lambda name: [Post(FLOW, name, Path(folder))])
        before = psutil.Process().memory_info().rss
        for site in range(count):  # built and warm
            fleet.send(f"s{site}", [Piece(f"s{site}", _frames(0, each))])
        memory = psutil.Process().memory_info().rss - before
        costs = []
        for number in range(rounds):
            pieces = [
                [
                    Piece(f"s{site}", _frames(1 + number * batches + at, each))
                    for site in range(count)
                ]
                for at in range(batches)
            ]
            begun = time.thread_time()
            for row in pieces:
                for piece in row:
                    fleet.send(piece.site, [piece])
            fleet.secure()
            costs.append((time.thread_time() - begun) / (batches * count * each))
        fleet.close()
    return {
        "n": count,
        "us_a_frame": statistics.median(costs) * 1e6,
        "memory_a_site": memory / count,
    }


def _frames(batch: int, count: int) -> list[Frame]:
    begin = batch * count
    return [
        Frame(1.7e9 + (begin + at) * 0.05, "can0", 0x355 + at % 2, bytes((20, 19, 1, 0, 1, 0)))
        for at in range(count)
    ]


# ---


def main(arguments: Sequence[str]) -> None:
    """Measure or print."""
    if "--print" in arguments:
        from tests.bench.sites_page import print_page

        print_page(json.loads(OUT.read_text()))
        return
    rounds = 1 if {"--quick", "--once"} & set(arguments) else 3
    frames = 80_000 if "--quick" in arguments else 2_000_000
    found = {
        "time": time.time(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "frames": frames,
        "by_sites": by_sites(rounds),
        "by_message": by_message(FLOW, frames // 20),
        "live": live(FLOW, frames // 10),
        "replays": replays(frames, rounds),
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=1))
    print(f"written: {OUT}. Print docs/scaling.md from it: python -m tests.bench.sites --print")


if __name__ == "__main__":
    main(sys.argv[1:])
