"""`flowrt nodes`, `flowrt schema` and the printed pages."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from flowrt.describe import all_types, full_flow_schema
from flowrt.pages import pages
from flowrt.registry import further_pages
from tests.support.command import flowrt

ROOT = Path(__file__).parents[3]


def test_every_type_is_listed() -> None:
    result = flowrt("nodes", COLUMNS="200")
    assert result.returncode == 0
    assert all(one["type"] in result.stdout for one in all_types())


def test_one_type_is_explained() -> None:
    result = flowrt("nodes", "logic/threshold", COLUMNS="120")
    for word in ("hysteresis", "How far the signal must come back", "Example", '"below": 20'):
        assert word in result.stdout


def test_an_unknown_type_is_a_usage_error_with_a_near_name() -> None:
    result = flowrt("nodes", "logic/treshold")
    assert result.returncode == 2
    assert 'Did you mean "logic/threshold"?' in result.stderr


def test_json_has_what_an_editor_needs() -> None:
    one = json.loads(flowrt("nodes", "logic/threshold", "--json").stdout)
    assert (one["kind"], one["pack"]) == ("transform", "logic")
    assert [port["name"] for port in one["inputs"]] == ["in", "acknowledge"]
    assert one["outputs"][0] == {
        "name": "alarm",
        "carries": "event",
        "help": "The alarm: raised, acknowledged, cleared.",
    }
    assert one["settings"]["properties"]["signal"]["x-signal"] is True


def test_the_schema_is_one_and_takes_every_flow_that_ships() -> None:
    schema = json.loads(flowrt("schema").stdout)
    assert schema == full_flow_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for name in ("rack-to-ems", "simulated-rack"):
        flow = json.loads((ROOT / "flows" / f"{name}.json").read_text())
        assert [error.message for error in validator.iter_errors(flow)] == []


def test_a_number_may_come_from_the_environment_but_not_from_any_text() -> None:
    validator = Draft202012Validator(full_flow_schema())
    for keep, sound in (("${KEEP:-5}", True), ("many", False)):
        nodes = {"x": {"type": "core/debug", "keep": keep}}
        assert validator.is_valid({"flowrt": 1, "name": "x", "nodes": nodes}) is sound


def test_the_schema_refuses_an_unknown_setting() -> None:
    nodes = {"x": {"type": "core/debug", "keeep": 3}}
    flow = {"flowrt": 1, "name": "x", "nodes": nodes}
    errors = [e.message for e in Draft202012Validator(full_flow_schema()).iter_errors(flow)]
    assert errors == ["Additional properties are not allowed ('keeep' was unexpected)"]


def test_the_printed_pages_are_fresh() -> None:
    folder = ROOT / "docs" / "nodes"
    printed = {file.name: file.read_text() for file in folder.glob("*.md")}
    assert printed == {**pages(all_types()), **further_pages()}, "the nodes have changed: make docs"
