"""Whatever a bus brings, the nodes of its protocols bear it, and stay small."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from flowrt.example import Stand
from flowrt.message import Frame
from flowrt.node import Node, NodeFault, Sent
from nodes.canopen.emcy import Emcy
from nodes.canopen.heartbeat import Heartbeat
from nodes.canopen.objects import SdoObject
from nodes.canopen.sdo import Sdo
from nodes.isotp.send import Send as IsotpSend
from nodes.isotp.transport import Transport as IsotpTransport
from nodes.j1939.dm1 import Dm1
from nodes.j1939.send import Send as J1939Send
from nodes.j1939.transport import Transport as J1939Transport
from tests.support.rounds import rounds

PLAIN = (0x85, 0x585, 0x705, 0x7E8)
FAR = (0x1CEC1020, 0x1CEB1020, 0x1CECFF20, 0x1CEBFF20, 0x18FECA20)
HEADS = (0x10, 0x11, 0x13, 0x20, 0xFF, 0x00, 0x21, 0x30, 0x31, 0x40, 0x41, 0x43, 0x60, 0x80)


def sdo() -> Node:
    rows = [
        SdoObject(name="a", index=0x2100, type="u32"),
        SdoObject(name="b", index=1, type="text"),
    ]
    return Sdo(node=5, objects=rows, retries=0)


MAKERS: tuple[Callable[[], Node], ...] = (
    sdo,
    Emcy,
    lambda: Heartbeat(nodes=[5]),
    lambda: J1939Transport(own_address=0x10),
    J1939Send,
    Dm1,
    lambda: IsotpTransport(ids=[0x7E8], flow_control=0x7E0),
    lambda: IsotpSend(answered_by=0x7E8),
)


def any_frame(numbers: random.Random, time: float) -> Frame:
    far = numbers.random() < 0.5
    data = bytearray(numbers.randbytes(numbers.choice((0, 1, 3, 8, 8, 8, 8))))
    if data:
        data[0] = numbers.choice(HEADS)
    if len(data) == 8 and numbers.random() < 0.7:
        data[1:] = bytes(
            (numbers.choice((0x00, 0x0A)), numbers.choice((0, 1, 0x21)), 2, 0xFF, 0, 0xEF, 0)
        )
    return Frame(time, "v", numbers.choice(FAR if far else PLAIN), bytes(data), extended=far)


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize("seed", range(rounds(2)))
def test_noise_is_borne(make: Callable[[], Node], seed: int) -> None:
    numbers = random.Random(seed)
    node = make()
    stand = Stand(node)
    begin: Any = getattr(node, "_begin_round", None)
    if begin is not None:
        begin()
    heard: Any = getattr(type(node), "heard", None)
    for step in range(500):
        frame = any_frame(numbers, step * 0.05)
        if heard is None:
            stand.give(frame)
            continue
        if step % 20 == 0:
            far = isinstance(node, J1939Send)
            id = 0x18EF2010 if far else 0x7E0
            stand.give(Frame(frame.time, "v", id, numbers.randbytes(60), extended=far))
        sent: Sent = heard(frame)
        stand.give(sent)
    assert all(isinstance(fault, NodeFault) for fault in stand.faults)
    assert len(stand.out) < 20_000
