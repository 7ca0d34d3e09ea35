"""The five-node flow in flowrt, by hand, and in its peers: the same frames, taking turns."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from struct import Struct
from typing import Any, Final

from flowrt.flow.build import build
from flowrt.flow.file import read_flow
from flowrt.message import Frame
from tests.bench.ours import FLOW
from tests.bench.peers_setup import Peers

__all__ = ["Contender", "contenders", "five_nodes", "frames", "profiles"]

_HERE: Final = Path(__file__).parent
_RECORD: Final = Struct("<dIB8s")
_TIMEOUT: Final = 240


@dataclass(frozen=True)
class Contender:
    """One way to run the flow: a command that prints a JSON line, and how many frames it gets."""

    name: str
    frames: int
    command: Callable[[Path], Sequence[str]]
    """Takes the path of the frames, without its suffix."""


def contenders(peers: Peers) -> list[Contender]:
    """Everything that is there; the frames so many that a run takes about half a second."""

    def ours(kind: str, frames: int) -> Contender:
        command = (sys.executable, "-m", "tests.bench.ours", kind, str(frames))
        return Contender(kind, frames, partial(_with_file, command, ".log"))

    found = [
        ours("hand", 400_000),
        ours("watched", 400_000),
        ours("live", 400_000),
        ours("replay", 2_000_000),
    ]
    if peers.node_red is not None:
        for kind, frames in (("native", 100_000), ("functions", 20_000)):
            found.append(Contender(f"node-red {kind}", frames, peers.node_red_command(kind)))
    if peers.python is not None:
        for name, frames in (("bytewax", 200_000), ("reactivex", 200_000), ("streamz", 40_000)):
            command = (str(peers.python), "-m", f"tests.bench.peers.{name}_flow")
            found.append(Contender(name, frames, partial(_with_file, command, ".bin")))
    return found


def _with_file(command: Sequence[str], suffix: str, stem: Path) -> Sequence[str]:
    return [*command, f"{stem}{suffix}"]


def five_nodes(
    peers: Peers, rounds: int, folder: Path, done: Callable[[str], None]
) -> Mapping[str, Any]:
    """Frames a second of the wall and of the processor, medians over rounds; ratios to by hand."""
    running = contenders(peers)
    for contender in running:
        _write_frames(folder / f"frames-{contender.frames}", contender.frames)
    runs: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in running}
    for _ in range(rounds):
        for contender in running:
            runs[contender.name].append(_run(contender, folder))
            done(contender.name)
    return {name: _medians(some, runs["hand"]) for name, some in runs.items()}


def profiles(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The functions that take the time in flowrt's three ways."""
    frames = 400_000
    stem = folder / f"frames-{frames}"
    _write_frames(stem, frames)
    found = {}
    for kind in ("live", "watched", "replay"):
        command = (sys.executable, "-m", "tests.bench.ours", f"profile-{kind}", str(frames))
        made = Contender(kind, frames, partial(_with_file, command, ".log"))
        found[kind] = _printed(made, folder, "[")
    return found


def _medians(some: list[dict[str, Any]], by_hand: list[dict[str, Any]]) -> dict[str, Any]:
    cost = [run["cpu"] / run["frames"] for run in some]
    hand = [run["cpu"] / run["frames"] for run in by_hand]
    return {
        "frames": some[0]["frames"],
        "out": some[0]["out"],
        "frames_per_second": statistics.median(run["frames"] / run["seconds"] for run in some),
        "frames_per_core_second": 1 / statistics.median(cost),
        "part_of_hand": statistics.median(h / c for h, c in zip(hand, cost, strict=True)),
        "rounds": [round(1 / one) for one in cost],
    }


def _run(contender: Contender, folder: Path) -> dict[str, Any]:
    result: dict[str, Any] = _printed(contender, folder, "{")
    return result


def _printed(contender: Contender, folder: Path, begin: str) -> Any:
    """The last line of JSON that a run prints."""
    stem = folder / f"frames-{contender.frames}"
    environment = {**os.environ, "BENCH_FRAMES": f"{stem}.bin"}
    ran = subprocess.run(
        contender.command(stem),
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        env=environment,
        cwd=_HERE.parents[1],
        check=False,
    )
    lines = [line for line in ran.stdout.splitlines() if begin in line]
    if ran.returncode or not lines:
        raise RuntimeError(f"{contender.name} failed:\n{ran.stdout}\n{ran.stderr}")
    return json.loads(lines[-1].removeprefix("BENCH "))


# --- the frames


def _write_frames(stem: Path, count: int) -> None:
    """As records of 21 bytes for peers, and as a candump log."""
    made = list(frames(count))
    with stem.with_suffix(".bin").open("wb") as file:
        for frame in made:
            file.write(_RECORD.pack(frame.time, frame.id, len(frame.data), frame.data))
    with stem.with_suffix(".log").open("w") as log:
        for frame in made:
            log.write(f"({frame.time:.6f}) can0 {frame.id:03X}#{frame.data.hex().upper()}\n")


def frames(count: int) -> Iterator[Frame]:
    """The very frames that `flowrt bench` makes, a millisecond apart."""
    decode: Any = build(read_flow(FLOW), {}).nodes["decode"]
    some = decode.synthetic(4096, 0)
    for index in range(count):
        made = some[index % len(some)]
        yield Frame(index / 1000, "can0", made.id, made.data)
