"""What is checked of the nodes behind one that holds set-points within limits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow

LIMITS = {"ChargeCurrentLimit": 25, "DischargeCurrentLimit": 50}
POWER = [{"signal": "Power", "address": 1}]
NODES: dict[str, dict[str, Any]] = {
    "bms": {"type": "core/inject", "values": LIMITS, "source": "rack"},
    "ems": {"type": "core/inject", "values": {"Power": 9}, "source": "ems"},
    "held": {"type": "control/setpoint", "request": "Power", "stale_after": "3 s"},
    "pcs": {"type": "modbus/write", "link": "link", "registers": POWER},
}
RESOURCES = {
    "link": {"type": "modbus/link", "host": "127.0.0.1"},
    "bus": {"type": "can/bus", "interface": "virtual", "channel": "x"},
}
WIRES = ("bms held", "ems held")


def problems(nodes: dict[str, Any], *wires: str) -> list[str]:
    """What is wrong with a guarded set-point and some more nodes."""
    ends = [wire.split() for wire in (*WIRES, *wires)]
    flow = {
        "flowrt": 1,
        "name": "plant",
        "resources": RESOURCES,
        "nodes": {**NODES, **nodes},
        "wires": [{"from": source, "to": target} for source, target in ends],
    }
    found = prepare(parse_flow(json.dumps(flow).encode(), Path("plant.json"))).problems
    return [f"{problem.place}: {problem.sentence}" for problem in found]


def between(**settings: Any) -> list[str]:
    """What is wrong with one node between the guard and the equipment."""
    return problems({"mid": settings}, "held mid", "mid pcs")


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "logic/select", "keep": ["Power"]},
        {"type": "logic/merge"},
        {"type": "logic/change", "scale": {"Power": 0.5}},
        {"type": "logic/change", "compute": {"Other": "1"}},
    ],
)
def test_what_only_narrows_may_stand_behind(settings: dict[str, Any]) -> None:
    assert between(**settings) == []


@pytest.mark.parametrize(
    "settings",
    [
        {"type": "logic/change", "scale": {"Power": 2}},
        {"type": "logic/change", "scale": {"P*": -1}},
        {"type": "logic/change", "offset": {"Power": 1}},
        {"type": "logic/change", "compute": {"Power": "Power + 1"}},
        {"type": "logic/deadband", "signal": "Power", "width": 5},
        {"type": "logic/merge", "every": "1 min"},
        {"type": "core/delay", "by": "10 s"},
        {"type": "core/rate-limit", "limit": 1, "per": "1 min"},
        {"type": "control/override", "signal": "Power"},
    ],
)
def test_what_may_widen_or_hold_back_is_named_with_the_remedy(settings: dict[str, Any]) -> None:
    assert [one for one in between(**settings) if "widen" in one] == [
        f"nodes.mid: {settings['type']} may widen the set-point that held holds within limits, "
        "or hold a smaller one back, before pcs commands it. Put it before held."
    ]


def test_a_set_point_is_followed_under_its_other_names() -> None:
    pcs = {**NODES["pcs"], "registers": [{"signal": "Twice", "address": 1}]}
    double = {"type": "logic/change", "compute": {"Twice": "Power * 2"}}
    told = problems({"pcs": pcs, "mid": double}, "held mid", "mid pcs")
    assert [one.partition(":")[0] for one in told] == ["nodes.mid"]


def test_what_is_computed_beside_and_not_commanded_is_nobodys_business() -> None:
    double = {"type": "logic/change", "compute": {"Twice": "Power * 2"}}
    assert problems({"mid": double}, "held mid", "mid pcs") == []


def test_a_way_past_the_guard_is_told() -> None:
    assert problems({}, "held pcs", "ems pcs")[-1] == (
        "nodes.pcs: hears Power also from ems, past held, which holds it within limits. "
        "Wire ems into held, or rename the signal."
    )
    join = {"join": {"type": "logic/merge"}}
    told = problems(join, "held join", "ems join", "join pcs")
    assert told[0].startswith("nodes.join: hears Power also from ems")


def test_two_guards_may_command_one_device() -> None:
    second = {"held2": {**NODES["held"]}, "pick": {"type": "logic/select", "keep": ["Power"]}}
    told = problems(second, "bms held2", "ems held2", "held2 pick", "pick pcs", "held pcs")
    assert [one for one in told if "past" in one or "widen" in one] == []


def test_a_flow_without_a_guard_is_left_alone() -> None:
    assert problems({"late": {"type": "core/delay", "by": "1 s"}}, "ems late", "late pcs") == []


def test_frames_are_followed_too() -> None:
    nodes = {
        "encode": {"type": "can/encode", "database": "dbc/pylontech-lv.dbc", "message": "Limits"},
        "late": {"type": "core/delay", "by": "1 s"},
        "send": {"type": "can/send", "bus": "bus"},
    }
    told = problems(nodes, "held encode", "encode late", "late send")
    assert [one.partition(":")[0] for one in told if "widen" in one] == ["nodes.late"]
