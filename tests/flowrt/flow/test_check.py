"""Every problem of a flow is told at once, with place and remedy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow

RESOURCES = {"bus": {"type": "can/bus", "interface": "virtual", "channel": "x"}}
NODES: dict[str, Any] = {
    "frames": {"type": "can/receive", "bus": "bus"},
    "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
    "soc_low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
    "show": {"type": "core/debug"},
}
WIRES = ["frames decode", "decode soc_low", "soc_low show"]


def told(
    wires: list[str] | None = None, folder: Path = Path(), **changed: Any
) -> list[tuple[str, str]]:
    """The problems of the flow above with some nodes changed (None removes one)."""
    nodes = {id: node for id, node in {**NODES, **changed}.items() if node is not None}
    document = {
        "flowrt": 1,
        "name": "x",
        "resources": RESOURCES,
        "nodes": nodes,
        "wires": [
            dict(zip(("from", "to"), wire.split(" "), strict=True))
            for wire in (WIRES if wires is None else wires)
        ],
    }
    flow = parse_flow(json.dumps(document).encode(), folder / "x.json")
    return [(problem.place, problem.sentence) for problem in prepare(flow, {}).problems]


def test_a_sound_flow_has_none() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("node", "place", "sentence"),
    [
        (
            {"type": "logic/treshold"},
            "nodes.soc_low.type",
            'no pack has a node "logic/treshold". Did you mean "logic/threshold"?',
        ),
        (
            {"type": "can/bus", "channel": "x"},
            "nodes.soc_low.type",
            'can/bus belongs under "resources".',
        ),
        (
            {"type": "logic/threshold", "signal": "SOC", "blow": 20},
            "nodes.soc_low.blow",
            '"blow" is not a setting of logic/threshold. Did you mean "below"?',
        ),
        (
            {"type": "logic/threshold", "signal": "SOC", "below": "20"},
            "nodes.soc_low.below",
            'must be a number, not "20".',
        ),
        (
            {"type": "logic/threshold", "signal": "SOC", "below": 20, "hysteresis": -2},
            "nodes.soc_low.hysteresis",
            "must be 0 or more, not -2.",
        ),
        (
            {"type": "logic/threshold", "below": 20},
            "nodes.soc_low",
            'logic/threshold needs "signal": Signal to watch: SOC, State.SOC where several '
            "sources have one, *.SOC for all of them.",
        ),
        (
            {"type": "logic/threshold", "signal": "SOCK", "below": 20},
            "nodes.soc_low.signal",
            'no signal "SOCK" reaches this node. Did you mean "SOC"?',
        ),
        (
            {"type": "logic/threshold", "signal": "SOC", "below": "${LIMIT}"},
            "nodes.soc_low.below",
            "the environment variable LIMIT is not set. Set it, or give a default: "
            "${LIMIT:-value}.",
        ),
    ],
)
def test_a_wrong_node(node: dict[str, Any], place: str, sentence: str) -> None:
    assert told(soc_low=node) == [(place, sentence)]


def test_an_ambiguous_signal_lists_the_choices() -> None:
    second = {"type": "can/decode", "database": "dbc/pylontech-lv.dbc", "source": "rack2"}
    wires = [*WIRES, "frames second", "second soc_low"]
    assert told(wires, second=second) == [
        (
            "nodes.soc_low.signal",
            '"SOC" comes from several sources. Say which: "State.SOC" or "rack2/State.SOC".',
        )
    ]


@pytest.mark.parametrize(
    ("wires", "place", "sentence"),
    [
        (
            [*WIRES, "decode shwo"],
            "wires[3].to",
            'there is no node "shwo". Did you mean "show"?',
        ),
        (
            [*WIRES, "decode.outt show"],
            "wires[3].from",
            '"decode" has no output "outt". Did you mean "out"?',
        ),
        ([*WIRES, "show decode"], "wires[3].from", '"show" has no output.'),
        ([*WIRES, "decode frames"], "wires[3].to", '"frames" has no input.'),
        (
            [*WIRES, "decode soc_low"],
            "wires[3]",
            "the same wire is there already. Remove one.",
        ),
        (
            [*WIRES, "frames soc_low"],
            "wires: frames.out to soc_low",
            "carries frame, but logic/threshold takes signals. "
            "Put a decoder between, such as can/decode.",
        ),
    ],
)
def test_a_wrong_wire(wires: list[str], place: str, sentence: str) -> None:
    assert (place, sentence) in told(wires)


def test_a_cycle_is_told_with_its_path() -> None:
    pass_on = {"type": "logic/sample"}
    wires = ["decode a", "a b", "b a", "b show", "frames decode"]
    found = told(wires, a=pass_on, b=pass_on, soc_low=None)
    assert [sentence for place, sentence in found if "cycle" in sentence] == [
        "a cycle without delay: a -> b -> a. Put a core/delay into it, or cut a wire."
    ]


def test_a_missing_resource_is_told_with_those_there_are() -> None:
    assert told(frames={"type": "can/receive", "bus": "buss"})[0] == (
        "nodes.frames.bus",
        'there is no resource "buss" of type can/bus. Did you mean "bus"?',
    )


def test_a_missing_database_is_told() -> None:
    (problem,) = told(decode={"type": "can/decode", "database": "none.dbc"})
    assert problem[0] == "nodes.decode.database"
    assert "none.dbc cannot be read: No such file or directory" in problem[1]


def test_a_broken_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.dbc").write_text('VERSION ""\nBO_ nonsense\n')
    (problem,) = told(folder=tmp_path, decode={"type": "can/decode", "database": "broken.dbc"})
    assert problem[0] == "nodes.decode.database"
    assert "broken.dbc" in problem[1]
    assert "line 2" in problem[1]


def test_an_id_that_no_database_has_is_told() -> None:
    frames = {"type": "can/receive", "bus": "bus", "ids": ["0x355", "0x999"]}
    assert told(frames=frames) == [
        (
            "nodes.frames.ids",
            "0x999 is in none of the databases behind it. "
            "Remove it, or decode it with a database that has it.",
        )
    ]


def test_a_secret_without_value_is_told_and_nothing_else_of_it() -> None:
    resources = {
        **RESOURCES,
        "cloud": {"type": "mqtt/broker", "host": "h", "password": {"secret": "cloud"}},
    }
    document = {"flowrt": 1, "name": "x", "resources": resources, "nodes": {}, "wires": []}
    flow = parse_flow(json.dumps(document).encode(), Path("x.json"))
    (problem,) = prepare(flow, {"HOME": "/nowhere"}).problems
    assert problem.place == "resources.cloud"
    assert problem.sentence.startswith('the secret "cloud" has no value here. Put it into')


def test_all_problems_come_at_once() -> None:
    found = told(
        [*WIRES, "decode nowhere"],
        frames={"type": "can/receive", "bus": "none"},
        soc_low={"type": "logic/threshold", "signal": "SOC", "belw": 3},
        show={"type": "core/debgu"},
    )
    assert [place for place, _ in found] == [
        "nodes.frames.bus",
        "nodes.soc_low.belw",
        "nodes.show.type",
        "wires[3].to",
    ]


def test_a_disabled_node_is_left_out_with_its_wires() -> None:
    off = {"type": "logic/threshold", "signal": "nonsense", "below": 1, "enabled": False}
    assert told(soc_low=off) == []
