"""Subflows of packs as node types."""

from __future__ import annotations

from flowrt.flow.subflow_types import shipped_types


def test_a_shipped_subflow_has_its_parameters_as_settings_and_its_ports() -> None:
    guard = {one["type"]: one for one in shipped_types()}["flow/soc-guard"]
    assert (guard["kind"], guard["available"]) == ("transform", True)
    assert guard["inputs"] == [{"name": "readings", "accepts": "any", "help": ""}]
    assert guard["outputs"] == [{"name": "alarm", "carries": "any", "help": ""}]
    assert guard["settings"]["required"] == []
    assert guard["settings"]["properties"]["low"] == {
        "description": "Alarm below this, in percent.",
        "default": 15,
        "type": "number",
    }
