"""Fifty deploys on a bus that never rests: no frame lost, none twice, and how long the gap is."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import can
import pytest

from flowrt.flow.check import prepare
from flowrt.flow.difference import compare
from flowrt.flow.file import parse_flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from flowrt.running.swap import Swap
from tests.support.gateway import until
from tests.support.rounds import rounds

pytestmark = pytest.mark.slow
RATE = 8000
"""Frames a second."""
DEPLOYS = 50
GOAL = 0.020
"""Seconds that a deploy may keep frames waiting."""
IDS = (0x351, 0x355, 0x356, 0x359, 0x35C, 0x35E)


class Traffic(threading.Thread):
    """Numbered frames on a virtual bus, at a steady rate."""

    def __init__(self, channel: str) -> None:
        super().__init__(daemon=True)
        self._bus = can.Bus(interface="virtual", channel=channel)
        self._ending = threading.Event()
        self.sent = 0

    def run(self) -> None:
        begun = time.perf_counter()
        while not self._ending.is_set():
            due = int((time.perf_counter() - begun) * RATE)
            while self.sent < due:
                id = IDS[self.sent % len(IDS)]
                data = self.sent.to_bytes(8, "little")
                self._bus.send(can.Message(arbitration_id=id, data=data, is_extended_id=False))
                self.sent += 1
            time.sleep(0.002)

    def end(self) -> None:
        self._ending.set()
        self.join()
        self._bus.shutdown()


def document(number: int, channel: str, change: str) -> dict[str, Any]:
    """The flow, with something that differs from deploy to deploy."""
    n = {kind: number * (kind == change) for kind in ("source", "transform", "sink")}
    return {
        "flowrt": 1,
        "name": "load",
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": channel}},
        "nodes": {
            "frames": {
                "type": "can/receive",
                "bus": "bus",
                "ids": [hex(id) for id in sorted(IDS, reverse=bool(n["source"] % 2))],
            },
            "pace": {"type": "core/rate-limit", "limit": 10**6 + n["transform"]},
            "last": {"type": "core/rate-limit", "limit": 10**6},
            "record": {
                "type": "storage/jsonl",
                "file": "frames.jsonl",
                "max_size_mb": 0,
                "flush_every": 0.5 + n["sink"] / 1000,
            },
            "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
            "low": {"type": "logic/threshold", "signal": "SOC", "below": 20 + number % 7},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [
            {"from": "frames", "to": "pace"},
            {"from": "pace", "to": "last"},
            {"from": "last", "to": "record", "overflow": "drop-oldest", "capacity": 50_000},
            {"from": "frames", "to": "decode"},
            {"from": "decode", "to": "low"},
            {"from": "low", "to": "show"},
        ],
    }


def recorded(folder: Path) -> list[int]:
    """The numbers of the frames that the sink wrote, in order."""
    lines = [
        line
        for file in sorted(folder.glob("frames*.jsonl"))
        for line in file.read_text().splitlines()
    ]
    return [int.from_bytes(bytes.fromhex(json.loads(line)["data"]), "little") for line in lines]


async def deploy(running: RunningFlow, file: Path, document: dict[str, Any]) -> Swap:
    flow = parse_flow(json.dumps(document).encode(), file)
    after = await asyncio.to_thread(prepare, flow, running=running.prepared)
    assert not after.problems
    swap = Swap(running, after, compare(running.prepared, after))
    await swap.build()
    await swap.exchange(lambda _flow: None)
    return swap


def live(
    folder: Path, first: dict[str, Any], scenario: Callable[[RunningFlow], Awaitable[None]]
) -> None:
    async def run() -> None:
        engine = Engine(folder / "data")
        running = await engine.start(parse_flow(json.dumps(first).encode(), folder / "load.json"))
        buses = running.circuit.resources
        await until(lambda: all(bus.state == ("connected", True) for bus in buses.values()))
        try:
            await scenario(running)
        finally:
            await engine.stop_all()

    asyncio.run(run())


@pytest.mark.parametrize("change", ["transform", "sink", "source"])
def test_deploys_lose_no_frame_at_8000_frames_a_second(change: str, tmp_path: Path) -> None:
    channel = f"{tmp_path}-{change}"
    traffic = Traffic(channel)
    swaps: list[Swap] = []

    async def scenario(running: RunningFlow) -> None:
        buses = dict(running.circuit.resources)
        traffic.start()
        for number in range(1, rounds(DEPLOYS) + 1):
            changed = document(number, channel, change)
            swaps.append(await deploy(running, tmp_path / "load.json", changed))
            await asyncio.sleep(0.01)
        await asyncio.to_thread(traffic.end)
        last = running.circuit.steps["last"].counters
        await until(lambda: last.sent == traffic.sent)
        assert running.circuit.resources == buses
        drops = {id: step.counters.drops for id, step in running.circuit.steps.items()}
        assert not any(drops.values()), drops

    live(tmp_path, document(0, channel, change), scenario)
    assert recorded(tmp_path) == list(range(traffic.sent))
    gaps = [1e3 * swap.seconds for swap in swaps]
    print(
        f"\n{len(gaps)} deploys ({change} changed) at {RATE} frames/s: {traffic.sent} frames, none "
        f"lost, none twice; gap p50 {median(gaps):.2f} ms, max {max(gaps):.2f} ms"
    )
    assert median(gaps) < 1e3 * GOAL
