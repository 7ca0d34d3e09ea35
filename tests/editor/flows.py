"""Flows that the editor's tests begin with."""

from __future__ import annotations

from typing import Any

__all__ = ["guard", "simulated_rack"]


def simulated_rack(start_soc: float = 24) -> dict[str, Any]:
    """A rack that speaks Pylontech's protocol on a bus inside the gateway."""
    return {
        "flowrt": 1,
        "name": "simulated-rack",
        "resources": {"rack_bus": {"type": "can/bus", "interface": "virtual", "channel": "rack"}},
        "nodes": {
            "rack": {"type": "bess/simulator", "start_soc": start_soc, "every": "200 ms"},
            "encode": {"type": "can/encode", "database": "dbc/pylontech-lv.dbc"},
            "send": {"type": "can/send", "bus": "rack_bus"},
        },
        "wires": [{"from": "rack", "to": "encode"}, {"from": "encode", "to": "send"}],
    }


def guard(below: float = 90) -> dict[str, Any]:
    """Frames of that rack, decoded and judged: an alarm stands while SOC is below the limit."""
    return {
        "flowrt": 1,
        "name": "guard",
        "description": "Judges the rack",
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "rack"}},
        "nodes": {
            "frames": {"type": "can/receive", "bus": "bus"},
            "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
            "soc_low": {"type": "logic/threshold", "signal": "SOC", "below": below},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [
            {"from": "frames", "to": "decode"},
            {"from": "decode", "to": "soc_low"},
            {"from": "soc_low", "to": "show"},
        ],
    }
