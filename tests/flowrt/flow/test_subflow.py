"""Subflows: parameters in, ports out, problems told."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from flowrt.flow.check import check_file, prepare
from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine

GUARD: dict[str, Any] = {
    "flowrt": 1,
    "name": "guard",
    "parameters": {"limit": {"description": "Raise below this."}, "gap": {"default": 2}},
    "nodes": {
        "readings": {"type": "core/input"},
        "low": {
            "type": "logic/threshold",
            "signal": "SOC",
            "below": "${limit}",
            "hysteresis": "${gap}",
            "text": "below ${limit} %",
        },
        "alarm": {"type": "core/output"},
    },
    "wires": [{"from": "readings", "to": "low"}, {"from": "low", "to": "alarm"}],
}


def outer(folder: Path, *wires: str, **nodes: Any) -> Any:
    """An outer flow read and prepared; `inject` and `show` are there already."""
    (folder / "guard.json").write_text(json.dumps(GUARD))
    document = {
        "flowrt": 1,
        "name": "outer",
        "nodes": {
            "inject": {"type": "core/inject", "values": {"SOC": 50}, "source": "State"},
            "show": {"type": "core/debug"},
            **nodes,
        },
        "wires": [dict(zip(("from", "to"), wire.split(" "), strict=True)) for wire in wires],
    }
    (folder / "outer.json").write_text(json.dumps(document))
    return prepare(read_flow(folder / "outer.json"))


def told(prepared: Any) -> list[str]:
    return [f"{problem.place}: {problem.sentence}" for problem in prepared.problems]


def test_a_subflow_is_put_in_its_place(tmp_path: Path) -> None:
    guard = {"type": "flow/guard", "limit": 20}
    prepared = outer(tmp_path, "inject guard", "guard.alarm show", guard=guard)
    assert told(prepared) == []
    assert prepared.graph.order == ["inject", "guard/readings", "guard/low", "guard/alarm", "show"]
    low = prepared.nodes["guard/low"]
    assert (low.below, low.hysteresis, low.text) == (20.0, 2.0, "below 20 %")


def test_two_uses_are_apart(tmp_path: Path) -> None:
    nodes = {name: {"type": "flow/guard", "limit": limit} for name, limit in (("a", 20), ("b", 5))}
    prepared = outer(tmp_path, "inject a", "inject b", "a show", "b show", **nodes)
    assert [prepared.nodes[f"{name}/low"].below for name in "ab"] == [20.0, 5.0]


def test_wrong_parameters_are_told(tmp_path: Path) -> None:
    guard = {"type": "flow/guard", "limt": 20}
    assert told(outer(tmp_path, "inject guard", "guard show", guard=guard))[:2] == [
        'nodes.guard.limt: "limt" is not a parameter of flow/guard. Did you mean "limit"?',
        'nodes.guard: flow/guard needs the parameter "limit".',
    ]


def test_a_wrong_port_is_told(tmp_path: Path) -> None:
    guard = {"type": "flow/guard", "limit": 20}
    assert told(outer(tmp_path, "inject guard", "guard.alram show", guard=guard)) == [
        'wires[1].from: "guard" has no output "alram". Did you mean "alarm"?'
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    problems = told(outer(tmp_path, guard={"type": "flow/gaurd"}))
    assert problems == [
        f"nodes.guard.type: {tmp_path}/gaurd.json: cannot be read: No such file or directory. "
        'Did you mean "flow/guard"?'
    ]


def test_a_ring_of_subflows_is_told(tmp_path: Path) -> None:
    ring = {"flowrt": 1, "name": "ring", "nodes": {"again": {"type": "flow/ring"}}}
    (tmp_path / "ring.json").write_text(json.dumps(ring))
    problems = told(outer(tmp_path, ring={"type": "flow/ring"}))
    assert len(problems) == 1
    assert "nested more than 8 deep. Is it a ring?" in problems[0]


def test_a_subflow_does_not_run_by_itself(tmp_path: Path) -> None:
    (tmp_path / "guard.json").write_text(json.dumps(GUARD))
    engine = Engine(tmp_path / "data")
    asyncio.run(engine.start_files([tmp_path / "guard.json"]))
    assert (engine.flows, engine.failed) == ({}, {})
    assert check_file(tmp_path / "guard.json") == []


def test_a_subflow_of_a_pack_needs_no_file_beside(tmp_path: Path) -> None:
    node = {"type": "flow/soc-guard", "signal": "SOC"}
    assert outer(tmp_path, "inject guard", "guard show", guard=node).problems == []
