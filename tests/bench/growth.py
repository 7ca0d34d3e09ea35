"""How the cost of a frame grows with nodes, signals and flows; processor time, no sockets."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Final

from flowrt.flow.check import rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.running.rehearsal import Rehearsal
from nodes.can.decode import Decode
from tests.bench.live.station import five_nodes_of

__all__ = ["by_flows", "by_nodes", "by_signals"]

_FRAMES: Final = 4096
_BATCH: Final = 64
NODES: Final = (1, 10, 50, 100, 250, 500)
SIGNALS: Final = (10, 100, 1000, 2500, 5000, 10_000)
FLOWS: Final = (1, 5, 10, 25, 50)


def by_nodes(rounds: int) -> list[dict[str, float]]:
    """Thresholds behind one decoder: each frame goes to all of them."""
    _cost([_thresholds(1)], 1, 1)  # imports are not what is measured
    return [_cost([_thresholds(count)], count, rounds) for count in NODES]


def by_signals(rounds: int) -> list[dict[str, float]]:
    """A database of so many signals, eight a message, all decoded: a frame of each in turn."""
    with tempfile.TemporaryDirectory() as folder:
        return [
            _cost([_one_decoder(_database(Path(folder), count))], count, rounds, watched=True)
            for count in SIGNALS
        ]


def by_flows(rounds: int) -> list[dict[str, float]]:
    """Five-node flows side by side, the frames shared out among them."""
    return [
        _cost([five_nodes_of(f"five{n}", [1]) for n in range(count)], count, rounds)
        for count in FLOWS
    ]


def _cost(
    documents: Sequence[Mapping[str, Any]], count: int, rounds: int, *, watched: bool = False
) -> dict[str, float]:
    """Nanoseconds a frame, and milliseconds to read, check and build."""
    return asyncio.run(_measure(documents, rounds, watched=watched)) | {"n": count}


async def _measure(
    documents: Sequence[Mapping[str, Any]], rounds: int, *, watched: bool
) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{document['name']}.json" for document in documents]
        for file, document in zip(files, documents, strict=True):
            file.write_text(json.dumps(document))
        begun = perf_counter()
        flows = [rehearsable(read_flow(file)) for file in files]
        rehearsals = [Rehearsal(flow, lambda *_: None) for flow in flows]
        built = perf_counter() - begun
    outlets = [one.circuit.steps["frames0"].outlets[0] for one in rehearsals]
    if watched:
        for one in rehearsals:
            one.circuit.steps["decode"].outlets[0].targets.append(lambda _batch: None)
    decoder: Any = rehearsals[0].circuit.steps["decode"].node
    batches = _batches(decoder, _FRAMES)
    for at, batch in enumerate(batches * len(outlets)):  # every decoder is compiled
        outlets[at % len(outlets)].push(batch)
    times = []
    for _ in range(rounds):
        before = thread_time()
        for at, batch in enumerate(batches):
            outlets[at % len(outlets)].push(batch)
        times.append((thread_time() - before) / sum(map(len, batches)))
    return {"ns_a_frame": statistics.median(times) * 1e9, "build_ms": built * 1e3}


def _batches(decoder: Decode, least: int) -> list[list[Frame]]:
    """Every message at least once, and so many frames at least."""
    frames = decoder.synthetic(max(least, len(decoder.wants())), 1)
    return [frames[at : at + _BATCH] for at in range(0, len(frames), _BATCH)]


# --- flows


def _one_decoder(database: str) -> dict[str, Any]:
    flow = five_nodes_of("one", [1])
    flow["nodes"] = {
        "frames0": flow["nodes"]["frames0"],
        "decode": {"type": "can/decode", "database": database},
        "publish": flow["nodes"]["publish"],
    }
    flow["wires"] = [{"from": "frames0", "to": "decode"}, {"from": "decode", "to": "publish"}]
    return flow


def _thresholds(count: int) -> dict[str, Any]:
    flow = five_nodes_of("many", [1])
    for number in range(count):
        flow["nodes"][f"low{number}"] = {
            "type": "logic/threshold",
            "signal": "SOC",
            "below": number % 100 + 0.5,
            "hysteresis": 1,
        }
        flow["wires"].append({"from": "decode", "to": f"low{number}"})
        flow["wires"].append({"from": f"low{number}.alarm", "to": "publish"})
    return flow


def _database(folder: Path, signals: int) -> str:
    """A DBC of messages with eight signals of a byte each."""
    lines = ['VERSION ""', "NS_ :", "BS_:", "BU_: A"]
    for number in range(-(-signals // 8)):
        lines.append(f"BO_ {0x80000000 + 0x1000 + number} M{number}: 8 A")
        lines += [
            f' SG_ S{number}_{index} : {8 * index}|8@1+ (0.5,-40) [0|0] "" A'
            for index in range(min(8, signals - 8 * number))
        ]
    file = folder / f"made{signals}.dbc"
    file.write_text("\n".join(lines) + "\n")
    return str(file)
