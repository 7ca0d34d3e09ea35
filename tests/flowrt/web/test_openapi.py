"""The API's description misses no route, holds together, and tells the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData
from jsonschema import Draft202012Validator

from flowrt.files.store import Store
from flowrt.running.engine import Engine
from flowrt.web.app import make_app
from flowrt.web.doors import Doors
from flowrt.web.openapi import described
from flowrt.web.operations import OPERATIONS
from tests.support.gateway import TICK, serve

FLOW = "/api/flows/{name}"
TESTS = {"tests": [{"name": "x", "given": [], "expect": [{"port": "show", "count": 7}]}]}


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    return described(make_app(Engine(tmp_path / "data"), Store((tmp_path,)), Doors.of(tmp_path)))


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from references(item)


def test_every_route_has_its_line_and_no_line_is_left_over(document: dict[str, Any]) -> None:
    assert set(operations(document)) == set(OPERATIONS)


def test_every_operation_has_a_summary_and_an_id_of_its_own(document: dict[str, Any]) -> None:
    found = operations(document)
    assert [name for name, operation in found.items() if not operation["summary"]] == []
    assert len({operation["operationId"] for operation in found.values()}) == len(found)
    one = found[f"DELETE {FLOW}/files/{{path}}"]
    assert one["operationId"] == "delete_flows_name_files_path"
    assert [parameter["name"] for parameter in one["parameters"]] == ["name", "path"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    there = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) == there


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def replay_form() -> FormData:
    reader = {
        **TICK,
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "none"}},
        "nodes": {"frames": {"type": "can/receive", "bus": "bus"}},
        "wires": [],
    }
    form = FormData({"document": json.dumps(reader)})
    form.add_field("log", b"(1.0) can0 355#5A006400\n", filename="x.log")
    return form


REQUESTS: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    ("GET", "/healthz", {}, {}),
    ("GET", "/readyz", {}, {}),
    ("GET", "/api/openapi.json", {}, {}),
    ("GET", "/api/health", {}, {}),
    ("GET", "/api/nodes", {}, {}),
    ("GET", "/api/state", {}, {}),
    ("GET", "/api/alarms", {}, {}),
    ("GET", "/api/alarms/history", {}, {}),
    ("GET", "/api/logs", {}, {}),
    ("GET", "/api/examples", {}, {}),
    ("GET", "/api/examples/{name}", {"name": "two-racks"}, {}),
    ("GET", "/api/examples/{name}/layout", {"name": "peak-shaving"}, {}),
    ("GET", "/api/flows", {}, {}),
    ("GET", FLOW, {}, {}),
    ("PUT", FLOW, {"name": "new"}, {"json": {**TICK, "name": "new"}}),
    ("GET", f"{FLOW}/check", {}, {}),
    ("POST", f"{FLOW}/check", {}, {"json": TICK}),
    ("GET", f"{FLOW}/layout", {}, {}),
    ("PUT", f"{FLOW}/layout", {}, {"json": {}}),
    ("POST", f"{FLOW}/deploy", {}, {"json": {"note": "x"}}),
    ("GET", f"{FLOW}/revisions", {}, {}),
    ("POST", f"{FLOW}/shadow", {}, {"json": {"seconds": 0.2}}),
    ("GET", f"{FLOW}/shadow", {}, {}),
    ("POST", f"{FLOW}/stop", {}, {}),
    ("POST", f"{FLOW}/start", {}, {}),
    ("POST", f"{FLOW}/nodes/{{id}}/inject", {"id": "inject"}, {}),
    ("GET", f"{FLOW}/history", {}, {}),
    ("GET", f"{FLOW}/files", {}, {}),
    ("PUT", f"{FLOW}/files/{{path}}", {"path": "dbc/x.csv"}, {"data": b"1,2"}),
    ("DELETE", f"{FLOW}/files/{{path}}", {"path": "dbc/x.csv"}, {}),
    ("GET", f"{FLOW}/databases/{{path}}", {"path": "dbc/pylontech-lv.dbc"}, {}),
    ("GET", f"{FLOW}/tests", {}, {}),
    ("PUT", f"{FLOW}/tests", {}, {"json": TESTS}),
    ("GET", f"{FLOW}/tests", {}, {}),
    ("POST", f"{FLOW}/tests", {}, {}),
    ("POST", f"{FLOW}/replay", {}, {"data": replay_form()}),
    ("DELETE", FLOW, {"name": "new"}, {}),
]


def test_what_is_answered_fits_what_is_told(tmp_path: Path, document: dict[str, Any]) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        for method, path, names, body in REQUESTS:
            address = path.format(**{"name": "tick", **names})
            async with http.request(method, address, **body) as response:
                told = document["paths"][path][method.lower()]["responses"][str(response.status)]
                if "content" in told:
                    schema = told["content"][response.content_type]["schema"]
                    whole = {**schema, "components": document["components"]}
                    answer = await response.json()
                    errors = [
                        f"{method} {path}: {error.json_path}: {error.message[:200]}"
                        for error in Draft202012Validator(whole).iter_errors(answer)
                    ]
                    assert errors == []

    serve(tmp_path, scenario)


def test_a_refusal_fits_what_is_told(tmp_path: Path, document: dict[str, Any]) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/tests", json={"tests": 1}) as response:
            told = document["paths"][f"{FLOW}/tests"]["put"]["responses"]["default"]
            schema = told["content"][response.content_type]["schema"]
            refusal = await response.json()
        assert refusal["problems"]
        Draft202012Validator({**schema, "components": document["components"]}).validate(refusal)

    serve(tmp_path, scenario)
