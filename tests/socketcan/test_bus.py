"""can/bus on real SocketCAN: full speed, filters, FD, time stamps, an interface that goes away."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow

Scenario = Callable[[RunningFlow, list[Frame]], Awaitable[None]]


def flow_file(folder: Path, channel: str, **receive: Any) -> Path:
    """A flow that receives from a channel, written down."""
    document = {
        "flowrt": 1,
        "name": "received",
        "resources": {"bus": {"type": "can/bus", "channel": channel, "fd": True}},
        "nodes": {
            "frames": {"type": "can/receive", "bus": "bus", **receive},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [{"from": "frames", "to": "show"}],
    }
    file = folder / "received.json"
    file.write_text(json.dumps(document))
    return file


def live(folder: Path, channel: str, scenario: Scenario, **receive: Any) -> RunningFlow:
    """Run a scenario while the flow receives; it is given the frames as they come."""

    async def run() -> RunningFlow:
        engine = Engine(folder / "data")
        running = await engine.start(read_flow(flow_file(folder, channel, **receive)))
        frames: list[Any] = []
        running.circuit.steps["frames"].outlets[0].targets.append(frames.extend)
        bus = running.circuit.resources["bus"]
        await until(lambda: bus.state == ("connected", True))
        await scenario(running, frames)
        await engine.stop_all()
        return running

    return asyncio.run(run())


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.02)


async def shell(*command: str) -> str:
    ran = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode in (0, 124), ran.stderr
    return ran.stdout


def filters_of_the_kernel() -> str:
    lists = sorted(Path("/proc/net/can").glob("rcvlist_*"))
    return "\n".join(one.read_text() for one in lists)


def sent_on(channel: str) -> int:
    return int(Path(f"/sys/class/net/{channel}/statistics/tx_packets").read_text())


@pytest.mark.timeout(120)
def test_at_full_speed_every_frame_is_received_or_counted(tmp_path: Path) -> None:
    counted: dict[str, int] = {}

    async def scenario(running: RunningFlow, frames: list[Frame]) -> None:
        before = sent_on("vcan0")
        flood = ("cangen", "vcan0", "-g", "0", "-i", "-I", "i", "-L", "8", "-D", "i")
        await shell("timeout", "10", *flood)
        await asyncio.sleep(1.0)
        # The kernel tells of drops with the next frame that gets through.
        await shell("cansend", "vcan0", "7FF#")
        await until(lambda: bool(frames) and frames[-1].id == 0x7FF and not frames[-1].data)
        dropped = running.circuit.resources["bus"].counters.drops.get("lost in the kernel", 0)
        late = running.circuit.steps["frames"].counters.drops.get("receive queue full", 0)
        counted.update(
            sent=sent_on("vcan0") - before, received=len(frames), dropped=dropped, late=late
        )

    live(tmp_path, "vcan0", scenario)
    print(counted)
    assert counted["sent"] > 10_000
    assert counted["received"] + counted["dropped"] + counted["late"] == counted["sent"]


def test_frames_come_in_order_with_the_kernels_time(tmp_path: Path) -> None:
    async def scenario(_running: RunningFlow, frames: list[Frame]) -> None:
        begun = time.time()
        await shell("cangen", "vcan0", "-g", "1", "-I", "123", "-L", "8", "-D", "i", "-n", "200")
        await until(lambda: len(frames) == 200)
        numbers = [int.from_bytes(frame.data, "little") for frame in frames]
        assert numbers == list(range(numbers[0], numbers[0] + 200))
        times = [frame.time for frame in frames]
        assert times == sorted(times)
        assert begun - 1 < times[0] <= times[-1] < time.time() + 1

    live(tmp_path, "vcan0", scenario)


def test_every_kind_of_frame_arrives_as_sent(tmp_path: Path) -> None:
    async def scenario(_running: RunningFlow, frames: list[Frame]) -> None:
        for text in ("123#1122", "18FF50E5#00", "321#R", "456##1" + "AB" * 64):
            await shell("cansend", "vcan0", text)
        await until(lambda: len(frames) == 4)
        seen = [(f.id, f.data, f.extended, f.remote, f.fd, f.bitrate_switch) for f in frames]
        assert seen == [
            (0x123, b"\x11\x22", False, False, False, False),
            (0x18FF50E5, b"\x00", True, False, False, False),
            (0x321, b"", False, True, False, False),
            (0x456, b"\xab" * 64, False, False, True, True),
        ]
        assert {frame.channel for frame in frames} == {"vcan0"}

    live(tmp_path, "vcan0", scenario)


def test_the_kernel_filters_by_the_ids_that_are_wanted(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow, frames: list[Frame]) -> None:
        for text in ("100#01", "355#02", "00000355#03", "18FF50E5#04"):
            await shell("cansend", "vcan0", text)
        await until(lambda: len(frames) == 2)
        await asyncio.sleep(0.2)
        assert [(f.id, f.data) for f in frames] == [(0x355, b"\x02"), (0x18FF50E5, b"\x04")]
        assert " 355 " in filters_of_the_kernel()

    live(tmp_path, "vcan0", scenario, ids=["0x355", "0x18FF50E5"])


def test_an_interface_that_goes_down_and_up_is_heard_again(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow, frames: list[Frame]) -> None:
        bus = running.circuit.resources["bus"]
        await shell("cansend", "vcan1", "123#01")
        await until(lambda: len(frames) == 1)
        await shell("ip", "link", "set", "vcan1", "down")
        await until(lambda: not bus.state[1])
        assert bus.counters.errors >= 1
        await shell("ip", "link", "set", "vcan1", "up")
        await until(lambda: bus.state[1])
        await asyncio.sleep(0.5)
        await shell("cansend", "vcan1", "123#02")
        await until(lambda: len(frames) == 2)

    live(tmp_path, "vcan1", scenario)


def test_bus_off_and_its_end_are_told(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow, frames: list[Frame]) -> None:
        bus = running.circuit.resources["bus"]
        await shell("cansend", "vcan0", "20000040#0000000000000000")
        await until(lambda: bus.state[0].startswith("bus off"))
        assert not bus.state[1]
        await shell("cansend", "vcan0", "20000100#0000000000000000")
        await until(lambda: bus.state == ("connected", True))
        assert [frame.error for frame in frames] == [True, True]

    live(tmp_path, "vcan0", scenario)


def test_an_absent_interface_is_told_with_the_remedy(tmp_path: Path) -> None:
    async def run() -> str:
        engine = Engine(tmp_path / "data")
        running = await engine.start(read_flow(flow_file(tmp_path, "can77")))
        bus = running.circuit.resources["bus"]
        await until(lambda: bus.counters.errors > 0)
        await engine.stop_all()
        return bus.state[0]

    told = asyncio.run(run())
    assert "can77 cannot be opened" in told
    assert "ip link set can77 up type can bitrate 500000" in told


def test_frames_sent_are_on_the_bus(tmp_path: Path) -> None:
    document = {
        "flowrt": 1,
        "name": "sender",
        "resources": {"bus": {"type": "can/bus", "channel": "vcan0", "fd": True}},
        "nodes": {
            "tick": {"type": "core/inject", "frame": {"id": "0x305", "data": "00FF"}, "every": 0.1},
            "send": {"type": "can/send", "bus": "bus"},
        },
        "wires": [{"from": "tick", "to": "send"}],
    }
    (tmp_path / "sender.json").write_text(json.dumps(document))

    async def run() -> str:
        engine = Engine(tmp_path / "data")
        listening = asyncio.create_task(shell("candump", "-L", "-n", "5", "-T", "8000", "vcan0"))
        await asyncio.sleep(0.5)
        await engine.start(read_flow(tmp_path / "sender.json"))
        heard = await listening
        await engine.stop_all()
        return heard

    lines = asyncio.run(run()).splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["vcan0 305#00FF"] * 5
