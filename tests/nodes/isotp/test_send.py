"""Long messages to and from can-isotp, over python-can's virtual bus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import can
import isotp
import pytest

from flowrt.example import Stand
from flowrt.message import Frame
from flowrt.running.live import RunningFlow
from nodes.isotp.frames import separation, separation_code
from nodes.isotp.send import Send
from nodes.isotp.transport import Transport
from tests.support.bus_flow import heard, live, until

WIRES = ("frames say.heard", "say send", "frames whole", "whole.answer send", "whole show")


def nodes(size: int = 8, **receiving: Any) -> dict[str, Any]:
    return {
        "frames": {"type": "can/receive", "bus": "bus"},
        "say": {"type": "isotp/send", "answered_by": "0x7E8", "frame_size": size},
        "whole": {
            "type": "isotp/transport",
            "ids": ["0x7E8"],
            "flow_control": "0x7E0",
            **receiving,
        },
        "send": {"type": "can/send", "bus": "bus"},
        "show": {"type": "core/debug", "to": "none"},
    }


@contextmanager
def server(channel: str, **parameters: Any) -> Iterator[Any]:
    """can-isotp's end that hears 0x7E0 and speaks 0x7E8."""
    address = isotp.Address(isotp.AddressingMode.Normal_11bits, rxid=0x7E0, txid=0x7E8)
    fd = bool(parameters.get("can_fd"))
    with can.Bus(interface="virtual", channel=channel, fd=fd) as bus:
        stack = isotp.CanStack(bus, address=address, params=parameters)
        stack.start()
        try:
            yield stack
        finally:
            stack.stop()


def say(running: RunningFlow, size: int) -> bytes:
    data = bytes(index % 251 for index in range(size))
    running.circuit.steps["say"].inlet(0, frozenset({"frame"}))((Frame(0.0, "", 0x7E0, data),))
    return data


@pytest.mark.parametrize(
    ("size", "parameters"),
    [
        (7, {}),
        (8, {}),
        (500, {"blocksize": 5, "stmin": 1}),
        (4095, {"blocksize": 0, "stmin": 0}),
        (40, {"can_fd": True, "tx_data_length": 64}),
        (700, {"can_fd": True, "tx_data_length": 64, "blocksize": 3}),
    ],
)
def test_what_is_sent_arrives_whole(tmp_path: Path, size: int, parameters: dict[str, Any]) -> None:
    fd = "can_fd" in parameters

    async def scenario(running: RunningFlow) -> None:
        with server(f"isotp{size}", **parameters) as stack:
            data = say(running, size)
            await until(stack.available)
            assert bytes(stack.recv()) == data

    wanted = nodes(64 if fd else 8)
    running = live(tmp_path, scenario, wanted, *WIRES, channel=f"isotp{size}", fd=fd)
    assert running.circuit.steps["say"].counters.drops == {}


@pytest.mark.parametrize("block_size", [0, 4])
def test_a_sender_is_let_go_on(tmp_path: Path, block_size: int) -> None:
    async def scenario(running: RunningFlow) -> None:
        messages = heard(running, "whole")
        data = bytes(range(200))
        with server(f"back{block_size}") as stack:
            stack.send(data)
            await until(lambda: messages)
            assert (messages[0].id, messages[0].data) == (0x7E8, data)

    wanted = nodes(block_size=block_size, separation="500 us")
    live(tmp_path, scenario, wanted, *WIRES, channel=f"back{block_size}")


# --- in virtual time

LONG = Frame(0.0, "", 0x7E0, bytes(range(30)))


def flow(time: float, data: str) -> Frame:
    return Frame(time, "", 0x7E8, bytes.fromhex(data))


def played(*answers: Frame) -> tuple[Stand, list[tuple[float, str]]]:
    stand = Stand(Send(answered_by=0x7E8, pad=False))
    stand.give(LONG)
    for one in answers:
        stand.give(Send.heard(one))
    stand.run_to(30.0)
    sent = [(round(m.time, 6), m.data.hex()[:2]) for _, m in stand.out if isinstance(m, Frame)]
    return stand, sent


def test_frames_keep_the_distance_and_the_blocks_that_the_receiver_wants() -> None:
    stand, sent = played(flow(0.1, "300214"), flow(0.5, "30000A"))
    assert sent == [(0.0, "10"), (0.1, "21"), (0.12, "22"), (0.5, "23"), (0.51, "24")]
    assert stand.step.counters.drops == {}


def test_ids_of_29_bits_are_told_from_those_of_11() -> None:
    stand = Stand(Send(answered_by=0x18DAF110, pad=False))
    stand.give(Frame(0.0, "", 0x18DA10F1, bytes(10), extended=True))
    go_on = bytes.fromhex("300000")
    stand.give(Send.heard(Frame(0.1, "", 0x18DAF110 & 0x7FF, go_on)))
    assert len(stand.out) == 1
    stand.give(Send.heard(Frame(0.2, "", 0x18DAF110, go_on, extended=True)))
    sent = [(m.id, m.extended, m.data.hex()[:2]) for _, m in stand.out if isinstance(m, Frame)]
    assert sent == [(0x18DA10F1, True, "10"), (0x18DA10F1, True, "21")]


def test_a_receiver_may_wait_but_not_for_ever() -> None:
    wait = [flow(0.9 * n, "310000") for n in range(1, 13)]
    _, sent = played(*wait[:5], flow(5.0, "300000"))
    assert len(sent) == 5
    stand, sent = played(*wait)
    assert len(sent) == 1
    assert "the receiver only waits" in str(stand.faults[0])


@pytest.mark.parametrize(
    ("answers", "reason"),
    [([], "no flow control came in time"), ([flow(0.1, "320000")], "too long for the receiver")],
)
def test_a_message_that_is_not_taken_is_a_fault_and_the_next_is_sent(
    answers: list[Frame], reason: str
) -> None:
    stand, _ = played(*answers)
    assert reason in str(stand.faults[0])
    assert stand.step.counters.drops == {"not taken": 1}
    stand.give(Frame(30.0, "", 0x7E0, b"\x3e\x00"))
    assert stand.out[-1] == ("out", Frame(30.0, "", 0x7E0, b"\x02\x3e\x00"))


def test_a_sender_of_too_long_a_message_is_told() -> None:
    stand = Stand(Transport(ids=[0x7E8], flow_control=0x7E0, longest=100))
    stand.give(flow(0.0, "1FFF000000000000"))
    answers = [(name, m.data.hex()) for name, m in stand.out if isinstance(m, Frame)]
    assert answers == [("answer", "320000cccccccccc")]


@pytest.mark.parametrize(
    ("seconds", "code"), [(0.0, 0), (0.0001, 0xF1), (0.0009, 0xF9), (0.001, 1), (0.0101, 11)]
)
def test_times_between_frames_are_rounded_up(seconds: float, code: int) -> None:
    assert separation_code(seconds) == code
    assert separation(code) >= seconds
