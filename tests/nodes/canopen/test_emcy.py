"""Emergencies that a node of the canopen library sends."""

from __future__ import annotations

import can

from flowrt.example import Stand
from flowrt.message import Event, Frame
from nodes.canopen.emcy import Emcy
from nodes.canopen.emergency import meaning_of
from tests.nodes.canopen.peer import local_node, sent


def test_emergencies_of_a_node_are_alarms_until_it_resets_them() -> None:
    with can.Bus(interface="virtual", channel="emcy") as listener, local_node("emcy") as node:
        node.emcy.send(0x3210, 0b101, b"\x01\x02\x03\x04\x05")
        node.emcy.send(0x4200, 0b1101)
        node.emcy.send(0x4200, 0b1101)  # again
        node.emcy.reset(0b0101)  # not hot any more, the voltage is still wrong
        node.emcy.reset()
        frames = sent(listener, 5)
    stand = Stand(Emcy(severities={"0x32": "trip"}), frames[0].time)
    stand.give(*frames)
    assert stand.faults == []
    events = [message for _, message in stand.out if isinstance(message, Event)]
    assert [(e.source, e.name, e.state, e.severity) for e in events] == [
        ("canopen/5", "0x3210", "raised", "trip"),
        ("canopen/5", "0x4200", "raised", "alarm"),
        ("canopen/5", "0x4200", "cleared", "alarm"),
        ("canopen/5", "0x3210", "cleared", "trip"),
    ]
    assert events[0].text == (
        "node 5: voltage inside the device (0x3210); register: generic, voltage; 0102030405"
    )


def test_the_device_may_have_codes_of_its_own() -> None:
    stand = Stand(Emcy(meanings={"0xFF01": "cell over-voltage"}))
    stand.give(Frame(0.0, "v", 0x85, bytes.fromhex("01FF810000000000")))
    (event,) = (message for _, message in stand.out if isinstance(message, Event))
    assert event.text.startswith("node 5: cell over-voltage (0xFF01); register: generic, manuf")


def test_a_code_that_is_not_listed_has_the_meaning_of_its_group() -> None:
    assert [meaning_of(code) for code in (0x8130, 0x8139, 0x2345, 0x0F00)] == [
        "life guard or heartbeat error",
        "life guard or heartbeat error",
        "current on the output side",
        "unknown error",
    ]


def test_codes_in_settings_are_checked() -> None:
    assert list(Emcy(nodes=[5, 200], meanings={"FF01": "x"}).problems()) == [
        ("nodes[1]", "200 is no id of a node; they are 1 to 127."),
        ("meanings.FF01", '"FF01" is no code; write it like "0xFF01".'),
    ]
