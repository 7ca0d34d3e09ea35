"""can/bus, can/receive and can/send on python-can's virtual bus and on a serial adapter."""

from __future__ import annotations

import asyncio
import json
import os
import tty
from pathlib import Path
from typing import Any

import can
import pytest

from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from nodes.can.bus import Bus
from nodes.can.mailbox import Mailbox
from tests.support.bus_flow import heard, live, until


def message(id: int, data: str = "", **more: Any) -> can.Message:
    return can.Message(
        arbitration_id=id, data=bytes.fromhex(data), is_extended_id=id > 0x7FF, **more
    )


RECEIVE = {"frames": {"type": "can/receive", "bus": "bus"}}


def test_frames_arrive_in_order_as_they_were_sent(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        frames = heard(running)
        with can.Bus(interface="virtual", channel="x") as peer:
            for number in range(500):
                peer.send(message(number % 2048, f"{number:04X}"))
            peer.send(message(0x18FF50E5, "AB" * 64, is_fd=True, bitrate_switch=True))
            await until(lambda: len(frames) == 501)
        assert [int.from_bytes(f.data, "big") for f in frames[:-1]] == list(range(500))
        last = frames[-1]
        assert (last.id, last.extended, last.fd, last.bitrate_switch) == (
            0x18FF50E5, True, True, True,
        )  # fmt: skip
        assert {f.channel for f in frames} == {"x"}

    live(tmp_path, scenario, RECEIVE)


def test_two_receivers_share_the_bus_each_with_its_ids(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        one, all_ = heard(running, "one"), heard(running, "all")
        with can.Bus(interface="virtual", channel="x") as peer:
            for id in (0x351, 0x355, 0x356):
                peer.send(message(id))
            await until(lambda: len(all_) == 3)
        assert [frame.id for frame in one] == [0x355]

    nodes = {
        "one": {"type": "can/receive", "bus": "bus", "ids": ["0x355"]},
        "all": {"type": "can/receive", "bus": "bus"},
    }
    live(tmp_path, scenario, nodes)


def test_a_bus_that_fails_is_opened_again(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        frames, step = heard(running), running.circuit.resources["bus"]
        assert isinstance(step.node, Bus)
        broken = step.node._bus
        assert broken is not None
        await asyncio.to_thread(broken.shutdown)
        await until(lambda: not step.state[1])
        await until(lambda: step.state[1])
        with can.Bus(interface="virtual", channel="x") as peer:
            peer.send(message(0x123))
            await until(lambda: len(frames) == 1)
        assert step.counters.errors == 1

    live(tmp_path, scenario, RECEIVE)


def test_frames_are_sent_and_counted(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        with can.Bus(interface="virtual", channel="x") as peer:
            got = await asyncio.to_thread(peer.recv, 5)
        assert got is not None
        assert (got.arbitration_id, bytes(got.data)) == (0x305, b"\x00\xff")

    frame = {"id": "0x305", "data": "00FF"}
    nodes = {
        "tick": {"type": "core/inject", "frame": frame, "every": "50 ms", "delay": "200 ms"},
        "send": {"type": "can/send", "bus": "bus"},
    }
    counters = live(tmp_path, scenario, nodes, "tick send").circuit.steps["send"].counters
    assert counters.sent >= 1
    assert counters.drops == {}


def test_figures_tell_the_load(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        frames, step = heard(running), running.circuit.resources["bus"]
        with can.Bus(interface="virtual", channel="x") as peer:
            for _ in range(100):
                peer.send(message(0x351, "00" * 8))
            await until(lambda: len(frames) == 100)
        await until(lambda: step.figures()["frames_per_second"] > 0)
        figures = step.figures()
        assert figures["load_percent"] == pytest.approx(
            figures["frames_per_second"] * 111 / 250_000 * 100, abs=0.01
        )
        assert figures["kernel_drops"] == 0

    live(tmp_path, scenario, RECEIVE, bitrate=250_000)


def test_a_babbling_flow_is_slowed_down(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        await asyncio.sleep(0.5)

    nodes = {
        "tick": {"type": "core/inject", "frame": {"id": "0x305"}, "every": "10 ms"},
        "send": {"type": "can/send", "bus": "bus", "at_most_every": "10 s"},
    }
    counters = live(tmp_path, scenario, nodes, "tick send").circuit.steps["send"].counters
    assert counters.drops["sooner than at_most_every"] == counters.received - 1 > 10


def test_silence_and_stopping_bring_the_fail_safe(tmp_path: Path) -> None:
    seen: list[int] = []

    async def scenario(running: RunningFlow) -> None:
        peer = can.Bus(interface="virtual", channel="x")
        reader = can.BufferedReader()
        notifier = can.Notifier(peer, [reader])
        running.circuit.steps["tick"].send(Frame(0.0, "", 0x351, b"\x01"))
        for _ in range(2):
            got = await asyncio.to_thread(reader.get_message, 5)
            assert got is not None
            seen.append(got.data[0])
        await asyncio.to_thread(notifier.stop)
        peer.shutdown()

    nodes = {
        "tick": {"type": "core/inject", "frame": {"id": "0x351", "data": "01"}, "count": 0},
        "send": {
            "type": "can/send",
            "bus": "bus",
            "stale_after": "200 ms",
            "fail_safe": [{"id": "0x351", "data": "00"}],
        },
    }
    live(tmp_path, scenario, nodes, "tick send")
    assert seen == [1, 0]


def test_frames_that_command_are_told_for_the_audit_log(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        tick = running.circuit.steps["tick"]
        for id in (0x351, 0x305):
            tick.send(Frame(0.0, "", id, b"\x01\xff"))
        await until(lambda: running.circuit.steps["send"].counters.sent == 2)

    nodes = {
        "tick": {"type": "core/inject", "frame": {"id": "0x351", "data": "01"}, "count": 0},
        "send": {"type": "can/send", "bus": "bus", "audited": ["0x351"]},
    }
    told = live(tmp_path, scenario, nodes, "tick send").circuit.watch.written.take(0.0)
    assert [(deed, row["set_point"], row["value"]) for deed, row in told] == [
        ("set-point written", "0x351", "01ff")
    ]


def test_a_frame_that_the_bus_cannot_carry_is_told(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        running.circuit.steps["tick"].send(Frame(0.0, "", 0x351, b"\x01" * 9))
        running.circuit.steps["tick"].send(Frame(0.0, "", 0x351, b"\x01" * 12, fd=True))
        running.circuit.steps["tick"].send(Frame(0.0, "", 0x351, b"\x02"))
        send = running.circuit.steps["send"].counters
        await until(lambda: send.received == 3)

    nodes = {
        "tick": {"type": "core/inject", "frame": {"id": "0x351"}, "count": 0},
        "send": {"type": "can/send", "bus": "bus"},
    }
    counters = live(tmp_path, scenario, nodes, "tick send").circuit.steps["send"].counters
    assert (counters.errors, counters.drops) == (2, {"not sent": 2})


def test_a_serial_adapter_brings_frames(tmp_path: Path) -> None:
    adapter, port = os.openpty()
    for end in (adapter, port):
        tty.setraw(end)

    async def scenario(running: RunningFlow) -> None:
        frames = heard(running)
        os.write(adapter, b"t35540A0B0C0D\rT18FF50E5201FF\r")
        await until(lambda: len(frames) == 2)
        assert [(f.id, f.data, f.extended) for f in frames] == [
            (0x355, b"\x0a\x0b\x0c\x0d", False),
            (0x18FF50E5, b"\x01\xff", True),
        ]

    serial = {"interface": "slcan", "channel": os.ttyname(port), "bitrate": 500_000}
    live(tmp_path, scenario, RECEIVE, **serial, options={"sleep_after_open": 0.0})
    os.close(adapter)
    os.close(port)


def test_a_receiver_that_lags_drops_and_counts() -> None:
    async def fill() -> tuple[int, dict[str, int]]:
        drops: dict[str, int] = {}
        mailbox = Mailbox(None, drops.__setitem__, capacity=10)
        mailbox.put([Frame(float(n), "x", n, b"") for n in range(25)])
        return len(await mailbox.get()), drops

    assert asyncio.run(fill()) == (10, {"receive queue full": 15})


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"interface": "nonsense"}, "cannot be opened"),
        ({"interface": "slcan", "channel": "/dev/none"}, "/dev/none cannot be opened"),
    ],
)
def test_what_cannot_be_opened_is_told_and_tried_again(
    settings: dict[str, Any], told: str, tmp_path: Path
) -> None:
    bus = {"type": "can/bus", "channel": "x", **settings}
    document = {"flowrt": 1, "name": "flow", "resources": {"bus": bus}, "nodes": RECEIVE}
    (tmp_path / "flow.json").write_text(json.dumps(document))

    async def run() -> str:
        engine = Engine(tmp_path / "data")
        running = await engine.start(read_flow(tmp_path / "flow.json"))
        step = running.circuit.resources["bus"]
        await until(lambda: step.counters.errors >= 2)
        await engine.stop_all()
        return step.state[0]

    status = asyncio.run(run())
    assert told in status
    assert "trying again in" in status
