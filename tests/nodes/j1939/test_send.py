"""Long messages to and from can-j1939's control unit, over python-can's virtual bus."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import j1939  # type: ignore[import-untyped]
import pytest

from flowrt.example import Stand
from flowrt.message import Frame
from flowrt.running.live import RunningFlow
from nodes.j1939.send import Send
from nodes.j1939.transport import Transport
from tests.support.bus_flow import heard, live, until

NODES = {
    "frames": {"type": "can/receive", "bus": "bus"},
    "say": {"type": "j1939/send", "gap": "10 ms"},
    "whole": {"type": "j1939/transport", "own_address": "0x10"},
    "send": {"type": "can/send", "bus": "bus"},
    "show": {"type": "core/debug", "to": "none"},
}
WIRES = ("frames say.heard", "say send", "frames whole", "whole.answer send", "whole show")


@contextmanager
def control_unit(
    channel: str, at_a_time: int = 255
) -> Iterator[tuple[Any, list[tuple[int, int, bytes]]]]:
    """can-j1939's unit with address 0x20, and what it has received: group, sender, bytes."""
    got: list[tuple[int, int, bytes]] = []
    unit = j1939.ElectronicControlUnit(max_cmdt_packets=at_a_time)
    unit.connect(interface="virtual", channel=channel)
    unit.subscribe(lambda _p, pgn, sa, _t, data: got.append((pgn, sa, bytes(data))), 0x20)
    try:
        yield unit, got
    finally:
        unit.disconnect()
        unit.stop()


def say(running: RunningFlow, id: int, size: int) -> bytes:
    data = bytes(index % 251 for index in range(size))
    running.circuit.steps["say"].inlet(0, frozenset({"frame"}))((Frame(0.0, "", id, data, True),))
    return data


@pytest.mark.parametrize(("size", "at_a_time"), [(9, 255), (200, 3), (1785, 255)])
def test_a_connection_brings_the_message_whole(tmp_path: Path, size: int, at_a_time: int) -> None:
    async def scenario(running: RunningFlow) -> None:
        with control_unit(f"connect{size}", at_a_time) as (_, got):
            data = say(running, 0x18EF2010, size)
            await until(lambda: got)
            assert [row[1:] for row in got] == [(0x10, data)]
            assert got[0][0] & 0x3FF00 == 0xEF00
            await until(lambda: not running.circuit.steps["say"].node.figures()["under_way"])

    running = live(tmp_path, scenario, NODES, *WIRES, channel=f"connect{size}")
    assert running.circuit.steps["say"].counters.drops == {}


def test_broadcasts_follow_each_other(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        with control_unit("bam") as (_, got):
            first, second = say(running, 0x18FECA10, 30), say(running, 0x18FECB10, 9)
            await until(lambda: len(got) == 2)
        assert got == [(0xFECA, 0x10, first), (0xFECB, 0x10, second)]

    live(tmp_path, scenario, NODES, *WIRES, channel="bam")


@pytest.mark.parametrize("size", [9, 120, 1785])
def test_a_connection_to_its_own_address_is_answered(tmp_path: Path, size: int) -> None:
    async def scenario(running: RunningFlow) -> None:
        messages = heard(running, "whole")
        data = [index % 251 for index in range(size)]
        with control_unit(f"mine{size}") as (unit, _):
            assert unit.send_pgn(0, 0xEF, 0x10, 6, 0x20, data)
            await until(lambda: messages)
        assert (messages[0].id, list(messages[0].data)) == (0x18EF1020, data)

    live(tmp_path, scenario, NODES, *WIRES, channel=f"mine{size}")


# --- in virtual time

RTS = "100A0002FF00EF00"
CTS = "110201FFFF00EF00"
LONG = Frame(0.0, "", 0x18EF2010, bytes(range(1, 11)), extended=True)


def answer(time: float, data: str) -> Frame:
    return Frame(time, "", 0x1CEC1020, bytes.fromhex(data), extended=True)


def played(*answers: Frame, until: float = 10.0) -> tuple[Stand, list[tuple[float, str]]]:
    stand = Stand(Send())
    stand.give(LONG)
    for one in answers:
        stand.give(Send.heard(one))
    stand.run_to(until)
    return stand, [(m.time, m.data.hex().upper()) for _, m in stand.out if isinstance(m, Frame)]


def test_a_broadcast_group_may_go_to_one_address() -> None:
    stand = Stand(Send(destination=0x20))
    stand.give(Frame(0.0, "", 0x18FECAF9, bytes(10), extended=True))
    stand.give(
        Send.heard(Frame(0.1, "", 0x1CECF920, bytes.fromhex("110201FFFFCAFE00"), extended=True))
    )
    stand.give(
        Send.heard(Frame(0.2, "", 0x1CECF920, bytes.fromhex("130A0002FFCAFE00"), extended=True))
    )
    sent = [(m.id, m.data.hex()[:4]) for _, m in stand.out if isinstance(m, Frame)]
    assert sent == [(0x1CEC20F9, "100a"), (0x1CEB20F9, "0100"), (0x1CEB20F9, "0200")]
    assert stand.step.node.figures() == {"under_way": 0, "waiting": 0}


def test_an_absent_receiver_is_given_up_after_t3() -> None:
    stand, sent = played()
    assert sent == [(0.0, RTS), (1.25, "FF03FFFFFF00EF00")]
    assert stand.step.counters.drops == {"not taken": 1}
    assert "0x18EF2010: address 0x20 did not answer in time" in str(stand.faults[0])


def test_a_receiver_that_holds_back_has_t4() -> None:
    hold = "1100FFFFFF00EF00"
    _, sent = played(answer(0.5, hold), answer(1.0, hold), answer(1.9, CTS))
    assert [time for time, _ in sent] == [0.0, 1.9, 1.9, 1.9 + 1.25]
    _, sent = played(answer(0.5, hold))
    assert sent[-1] == (1.55, "FF03FFFFFF00EF00")


def test_packets_that_are_asked_for_again_are_sent_again_but_not_for_ever() -> None:
    stand, sent = played(*[answer(0.1 * n, "110101FFFF00EF00") for n in range(1, 12)])
    assert sum(data.startswith("01") for _, data in sent) == 8
    assert "again and again" in str(stand.faults[0])


def test_an_abort_has_its_reason() -> None:
    stand, _ = played(answer(0.1, "FF02FFFFFF00EF00"))
    assert "address 0x20 aborted: it lacks resources" in str(stand.faults[0])


def test_what_waits_is_bounded_and_counted() -> None:
    stand = Stand(Send())
    stand.give(*[LONG] * 110)
    assert stand.step.counters.drops == {"too many waiting": 9}


def test_a_sender_that_stops_is_told_so_after_t1_and_another_that_skips_at_once() -> None:
    stand = Stand(Transport(own_address=0x20))
    stand.give(Frame(0.0, "", 0x1CEC2010, bytes.fromhex("101E0005FF00EF00"), extended=True))
    stand.give(Frame(0.1, "", 0x1CEB2010, bytes.fromhex("0101020304050607"), extended=True))
    stand.run_to(2.0)
    stand.give(Frame(2.0, "", 0x1CEC2010, bytes.fromhex("101E0005FF00EF00"), extended=True))
    stand.give(Frame(2.1, "", 0x1CEB2010, bytes.fromhex("0301020304050607"), extended=True))
    told = [(m.time, m.id, m.data.hex()) for _, m in stand.out if isinstance(m, Frame)]
    assert told == [
        (0.0, 0x1CEC1020, "110501ffff00ef00"),
        (0.85, 0x1CEC1020, "ff03ffffff00ef00"),
        (2.0, 0x1CEC1020, "110501ffff00ef00"),
        (2.1, 0x1CEC1020, "ff07ffffff00ef00"),
    ]
    assert stand.step.counters.drops == {"packet late": 1, "packet missing": 1}
