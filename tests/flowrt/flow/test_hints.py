"""Hints on nodes that do nothing as they are wired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow
from flowrt.flow.hints import hints

INJECT = {"type": "core/inject", "values": {"SOC": 50}}
DEADBAND = {"type": "logic/deadband", "signal": "SOC", "width": 1}
SHOW = {"type": "core/debug"}


def hints_of(nodes: dict[str, Any], *wires: str) -> list[str]:
    """The hints on some nodes joined by wires such as "a b"."""
    ends = [wire.split() for wire in wires]
    drawn = [{"from": source, "to": target} for source, target in ends]
    flow = {"flowrt": 1, "name": "rack", "nodes": nodes, "wires": drawn}
    return hints(prepare(parse_flow(json.dumps(flow).encode(), Path("rack.json"))))


def test_nodes_that_do_nothing_are_named() -> None:
    nodes = {"give": INJECT, "alone": DEADBAND, "thin": DEADBAND, "show": SHOW, "mute": INJECT}
    assert hints_of(nodes, "give thin") == [
        "nodes.alone: no wire leads to it or away from it.",
        "nodes.thin: nobody takes what it gives.",
        "nodes.show: nothing is wired into it.",
        "nodes.mute: nobody takes what it gives.",
    ]


def test_a_flow_that_is_wired_up_gives_no_hint() -> None:
    nodes = {"give": INJECT, "thin": DEADBAND, "show": SHOW}
    assert hints_of(nodes, "give thin", "thin show") == []


def test_a_wire_from_a_node_with_a_wrong_setting_is_a_wire() -> None:
    nodes = {"give": {"type": "core/inject", "values": 7}, "show": SHOW}
    assert hints_of(nodes, "give show") == []


@pytest.mark.parametrize("source", ["off", "gvie"])
def test_a_wire_from_nowhere_is_none(source: str) -> None:
    nodes = {"off": {**INJECT, "enabled": False}, "show": SHOW}
    assert hints_of(nodes, f"{source} show") == ["nodes.show: nothing is wired into it."]


def test_a_command_that_may_come_late_is_told() -> None:
    flow = {
        "flowrt": 1,
        "name": "rack",
        "resources": {"b": {"type": "can/bus", "interface": "virtual", "channel": "x"}},
        "nodes": {
            "give": {"type": "can/receive", "bus": "b"},
            "send": {"type": "can/send", "bus": "b"},
        },
        "wires": [{"from": "give", "to": "send", "overflow": "spill"}],
    }
    late = hints(prepare(parse_flow(json.dumps(flow).encode(), Path("rack.json"))))
    assert [hint for hint in late if "max_age" in hint] == [
        "nodes.send: after an outage it commands what was wanted hours ago. "
        'Set "max_age" in the wire\'s "journal".'
    ]
