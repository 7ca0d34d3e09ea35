"""What cards say: a node's own phrase, else its settings, whatever is wrong with the draft."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import parse_flow
from flowrt.flow.summary import summaries

RESOURCES = {
    "bus": {"type": "can/bus", "interface": "virtual", "channel": "rack"},
    "cloud": {"type": "mqtt/broker", "host": "localhost"},
    "ems": {"type": "modbus/link", "host": "10.0.0.2"},
}
DECODE = {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"}
REGISTER = {"address": 1, "signal": "SOC", "type": "u16"}


def summaries_of(nodes: dict[str, Any], *wires: str) -> dict[str, str]:
    """The summaries of some nodes joined by wires such as "a b"."""
    ends = [wire.split() for wire in wires]
    drawn = [{"from": source, "to": target} for source, target in ends]
    flow = {"flowrt": 1, "name": "r", "resources": RESOURCES, "nodes": nodes, "wires": drawn}
    draft = parse_flow(json.dumps(flow).encode(), Path("r.json"))
    return summaries(draft, prepare(draft))


def summary_of(**settings: Any) -> str:
    return summaries_of({"one": settings})["one"]


def test_units_come_from_the_database() -> None:
    nodes = {
        "decode": DECODE,
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20, "hysteresis": 2},
        "thin": {"type": "logic/deadband", "signal": "PackVoltage", "width": 0.1},
    }
    assert summaries_of(nodes, "decode low", "decode thin") == {
        "decode": "pylontech-lv.dbc, 7 messages",
        "low": "SOC < 20 %, clears at 22 %",
        "thin": "PackVoltage moves 0.1 V",
    }


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({**DECODE, "source": "rack2", "messages": ["State"]}, "as rack2, 1 message"),
        ({"type": "can/receive", "bus": "bus"}, "virtual rack"),
        ({"type": "can/receive", "bus": "bus", "ids": ["0x355", 854]}, "rack, 0x355, 0x356"),
        ({"type": "can/receive", "bus": "bus", "ids": [1, 2, 3, 4, 5]}, "rack, 5 ids"),
        ({"type": "mqtt/publish", "broker": "cloud", "topic": "a/{source}"}, "a/{source}, QoS 0"),
        ({"type": "modbus/write", "link": "ems", "registers": [REGISTER]}, "unit 1, 1 value"),
        (
            {"type": "logic/aggregate", "signals": ["A", "B", "C"], "every": "60 s"},
            "of 3 signals each 60 s",
        ),
    ],
)
def test_a_node_says_what_matters(settings: dict[str, Any], phrase: str) -> None:
    assert summary_of(**settings).endswith(phrase)


@pytest.mark.parametrize(
    ("settings", "phrase"),
    [
        ({"type": "logic/threshold", "signal": "SOC", "below": "low"}, "SOC"),
        ({"type": "can/decode", "database": "none.dbc"}, "none.dbc"),
        ({"type": "can/receive", "bus": "none"}, "none"),
        ({"type": "core/debug", "keep": "all", "to": True}, "keep all, to true"),
        ({"type": "no/such", "text": "two\nlines", "list": [1, 2]}, "text two lines, list 1, 2"),
        ({"type": "mqtt/publish", "password": {"secret": "x"}}, ""),
        ({"type": "core/delay", "by": "5 s", "enabled": False}, "by 5 s"),
        ({"type": "flow/none", "limit": 20}, "limit 20"),
        ({"type": "core/input"}, ""),
    ],
)
def test_a_node_that_cannot_be_made_is_told_by_its_settings(
    settings: dict[str, Any], phrase: str
) -> None:
    assert summary_of(**settings) == phrase


def test_a_long_phrase_is_cut() -> None:
    phrase = summary_of(type="logic/switch", condition=" and ".join(["SOC < 20"] * 9))
    assert phrase == "SOC < 20 and SOC < 20 and SOC < 20 and SOC < 20…"
    assert len(phrase) == 48
