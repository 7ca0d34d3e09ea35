"""States of nodes of the canopen library, and commands to them."""

from __future__ import annotations

from pathlib import Path

from flowrt.example import Stand
from flowrt.message import Event, Frame, Signals
from flowrt.running.live import RunningFlow
from nodes.canopen.heartbeat import Heartbeat
from tests.nodes.canopen.peer import local_node
from tests.support.bus_flow import heard, live, until

NODES = {
    "frames": {"type": "can/receive", "bus": "bus"},
    "states": {"type": "canopen/heartbeat", "nodes": [5], "timeout": "300 ms"},
    "starts": {"type": "canopen/nmt", "nodes": [5], "at_most_every": "50 ms"},
    "send": {"type": "can/send", "bus": "bus"},
    "show": {"type": "core/debug", "to": "none"},
}
WIRES = ("frames states", "frames starts", "starts send", "states show", "states.alarm show")


def test_a_node_that_boots_is_started_and_one_that_leaves_is_lost(tmp_path: Path) -> None:
    async def scenario(running: RunningFlow) -> None:
        states, alarms = heard(running, "states"), heard(running, "states", 1)
        with local_node("nmt") as node:
            node.nmt.state = "INITIALISING"  # sends the boot-up message
            node.nmt.state = "PRE-OPERATIONAL"
            node.sdo[0x1017].raw = 20
            await until(lambda: node.nmt.state == "OPERATIONAL")
            await until(lambda: states and states[-1].values == {"State": 5, "Online": 1})
        await until(lambda: states[-1].values == {"State": None, "Online": 0})
        told = [(event.name, event.state) for event in alarms]  # lost before, too, where it is slow
        assert ("boot-up", "happened") in told
        assert told[-1] == ("heartbeat", "raised")
        assert any(reading.values["State"] == 0 for reading in states)

    live(tmp_path, scenario, NODES, *WIRES, channel="nmt")


def test_a_node_that_never_spoke_is_lost() -> None:
    stand = Stand(Heartbeat(nodes=[5, 6], timeout=2.0))
    stand.give(Frame(0.0, "v", 0x706, b"\x05"))
    stand.step.node.restore({"_seen": {"5": 0.0, "6": 0.0}})
    stand.give(Frame(1.5, "v", 0x706, b"\x05"))
    stand.run_to(3.0)
    lost = [(m.time, m.source) for _, m in stand.out if isinstance(m, Event)]
    assert lost == [(2.0, "canopen/5")]


def test_a_gap_in_a_log_is_told_though_its_messages_come_at_once() -> None:
    stand = Stand(Heartbeat(nodes=[5], timeout=2.0))
    for time in (0.0, 1.0, 8.0):  # ahead of the clock
        stand.step.inlet(0, frozenset({"frame"}))((Frame(time, "v", 0x705, b"\x05"),))
    events = [(m.time, m.state) for _, m in stand.out if isinstance(m, Event)]
    assert events == [(3.0, "raised"), (8.0, "cleared")]
    online = [(m.time, m.values["Online"]) for _, m in stand.out if isinstance(m, Signals)]
    assert online == [(0.0, 1), (1.0, 1), (3.0, 0), (8.0, 1)]


def test_the_toggle_bit_of_node_guarding_is_no_state() -> None:
    stand = Stand(Heartbeat(nodes=[5]))
    stand.give(Frame(0.0, "v", 0x705, b"\x85"))
    assert stand.out == [("out", Signals(0.0, "canopen/5", {"State": 5, "Online": 1}))]
