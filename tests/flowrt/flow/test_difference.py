"""What a deploy leaves alone: nodes made of the same, that the same signals reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import Prepared, prepare
from flowrt.flow.difference import Difference, Parts, compare
from flowrt.flow.file import parse_flow

FLOW: dict[str, Any] = {
    "flowrt": 1,
    "name": "rack",
    "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "${CHANNEL:-a}"}},
    "nodes": {
        "frames": {"type": "can/receive", "bus": "bus"},
        "decode": {"type": "can/decode", "database": "rack.dbc"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [
        {"from": "frames", "to": "decode"},
        {"from": "decode", "to": "low"},
        {"from": "low", "to": "show"},
    ],
}
DBC = 'VERSION ""\nBU_:\nBO_ 853 State: 8 X\n SG_ SOC : 0|16@1+ (1,0) [0|100] "{unit}" X\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rack.dbc").write_text(DBC.replace("{unit}", "%"))
    return tmp_path


def made(folder: Path, *, running: Prepared | None = None, **nodes: Any) -> Prepared:
    """The flow with some nodes set otherwise, None for none of that id."""
    chosen = {id: node for id, node in {**FLOW["nodes"], **nodes}.items() if node}
    wires = [wire for wire in FLOW["wires"] if {wire["from"], wire["to"]} <= chosen.keys()]
    document = {**FLOW, "nodes": chosen, "wires": wires}
    flow = parse_flow(json.dumps(document).encode(), folder / "rack.json")
    prepared = prepare(flow, {}, running=running)
    assert not prepared.problems
    return prepared


def test_the_same_flow_differs_in_nothing(folder: Path) -> None:
    found = compare(made(folder), made(folder))
    assert found == Difference(Parts(kept=tuple(FLOW["nodes"])), Parts(kept=("bus",)))
    assert (bool(found), str(found)) == (False, "")


def test_a_setting_changes_its_node_alone(folder: Path) -> None:
    low = {**FLOW["nodes"]["low"], "below": 30}
    found = compare(made(folder), made(folder, low=low))
    assert found.nodes == Parts(kept=("frames", "decode", "show"), changed=("low",))
    assert str(found) == "changed: low"


def test_nodes_and_wires_come_and_go(folder: Path) -> None:
    found = compare(made(folder, low=None), made(folder, show=None))
    assert found.nodes == Parts(kept=("frames", "decode"), added=("low",), removed=("show",))
    assert str(found) == "new: low; gone: show; wires: +1 -0"
    assert found.reversed() == compare(made(folder, show=None), made(folder, low=None))


def test_a_database_that_was_written_anew_changes_who_reads_it(folder: Path) -> None:
    before = made(folder)
    (folder / "rack.dbc").write_text(DBC.replace("{unit}", "%") + "\n")
    assert compare(before, made(folder)).nodes.changed == ("decode",)


def test_another_unit_changes_whoever_remembers_it(folder: Path) -> None:
    before = made(folder)
    (folder / "rack.dbc").write_text(DBC.replace("{unit}", "per cent"))
    assert compare(before, made(folder)).nodes.changed == ("decode", "low")


def test_a_resource_takes_its_users_with_it(folder: Path) -> None:
    before = made(folder)
    flow = parse_flow(json.dumps(FLOW).encode(), folder / "rack.json")
    after = prepare(flow, {"CHANNEL": "b"}, running=before)
    found = compare(before, after)
    assert (found.resources, found.nodes.changed) == (Parts(changed=("bus",)), ("frames",))
    assert after.resources["bus"] is not before.resources["bus"]


def test_a_resource_of_the_same_is_used_again(folder: Path) -> None:
    before = made(folder)
    after = made(folder, running=before, frames={"type": "can/receive", "bus": "bus", "ids": [853]})
    assert after.resources["bus"] is before.resources["bus"]
    assert vars(after.nodes["frames"])["bus"] is before.resources["bus"]
    assert compare(before, after).nodes.changed == ("frames",)


def test_everything_is_new_where_nothing_ran(folder: Path) -> None:
    found = compare(None, made(folder))
    assert (found.nodes.added, found.resources.added) == (tuple(FLOW["nodes"]), ("bus",))
