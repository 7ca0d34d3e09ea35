"""Control of flows over the API: started, stopped, and listed as such."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from flowrt.running.engine import Engine
from tests.support.gateway import TICK, answer, flow_file, problem_of, serve

BROKEN = {**TICK, "name": "broken", "nodes": {"x": {"type": "core/injct"}}, "wires": []}
GUARD = {
    "flowrt": 1,
    "name": "guard",
    "description": "Watches a limit",
    "parameters": {"limit": {}},
    "nodes": {},
}


async def row_of(http: ClientSession, name: str) -> dict[str, Any]:
    async with http.get("/api/flows") as response:
        rows: list[dict[str, Any]] = await answer(response)
    return next(row for row in rows if row["name"] == name)


def test_a_flow_is_stopped_and_started(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        for _ in range(2):
            async with http.post("/api/flows/tick/stop") as response:
                assert await answer(response) == {"state": "stopped"}
        assert (engine.flows, (await row_of(http, "tick"))["state"]) == ({}, "stopped")
        for _ in range(2):
            async with http.post("/api/flows/tick/start") as response:
                assert await answer(response) == {"state": "running"}
        assert (set(engine.flows), (await row_of(http, "tick"))["state"]) == ({"tick"}, "running")

    serve(tmp_path, scenario)


def test_rows_say_what_each_flow_is_and_why_it_failed(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/guard") as response:
            tag = response.headers["ETag"]
        assert await row_of(http, "guard") == {
            "name": "guard",
            "file": "guard.json",
            "state": "stopped",
            "description": "Watches a limit",
            "subflow": True,
            "etag": tag,
            "problems": [],
        }
        broken = await row_of(http, "broken")
        assert (broken["state"], broken["subflow"]) == ("failed", False)
        assert [problem["place"] for problem in broken["problems"]] == ["nodes.x.type"]

    serve(tmp_path, scenario, GUARD, BROKEN)


def test_a_flow_that_failed_goes_by_the_name_it_says(tmp_path: Path) -> None:
    flow_file(tmp_path, "other.json").write_text(json.dumps(BROKEN))

    async def scenario(http: ClientSession, engine: Engine) -> None:
        assert (await row_of(http, "broken"))["state"] == "failed"
        assert set(engine.failed) == {"broken"}

    serve(tmp_path, scenario)


def test_a_file_that_cannot_be_read_has_a_row(tmp_path: Path) -> None:
    flow_file(tmp_path, "half.json").write_text("{")

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        row = await row_of(http, "half")
        assert (row["state"], row["description"]) == ("failed", "")
        assert "line 1, column 2" in row["problems"][0]["sentence"]

    serve(tmp_path, scenario)


def test_a_flow_with_problems_is_not_started(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.post("/api/flows/broken/start") as response:
            await problem_of(response, 422)
        async with http.post("/api/flows/broken/stop") as response:
            assert await answer(response) == {"state": "stopped"}
        assert engine.failed == {}

    serve(tmp_path, scenario, BROKEN)


def test_a_subflow_is_not_started(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/guard/start") as response:
            assert "is a subflow" in (await problem_of(response, 409))["detail"]

    serve(tmp_path, scenario, GUARD)


@pytest.mark.parametrize("action", ["start", "stop"])
def test_an_unknown_flow_is_not_found(action: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post(f"/api/flows/tock/{action}") as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario)


# --- buttons

BUTTONS = {
    **TICK,
    "nodes": {
        "press": {"type": "core/inject", "values": {"SOC": 50}, "count": 0},
        "off": {"type": "core/inject", "values": {"SOC": 50}, "enabled": False},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [{"from": "press", "to": "show"}],
}


def test_a_button_sends_a_message_now(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        steps = engine.flows["tick"].circuit.steps
        bodies: tuple[dict[str, Any] | None, ...] = (None, {})
        for body in bodies:
            async with http.post("/api/flows/tick/nodes/press/inject", json=body) as response:
                assert (response.status, await response.read()) == (204, b"")
        assert steps["press"].counters.sent == 2
        while steps["show"].counters.sent < 2:
            await asyncio.sleep(0.01)

    serve(tmp_path, scenario, BUTTONS)


def test_a_button_inside_of_a_subflow_is_pressed_by_its_whole_id(tmp_path: Path) -> None:
    inner = {**BUTTONS, "name": "inner", "parameters": {}}
    outer = {"flowrt": 1, "name": "tick", "nodes": {"one": {"type": "flow/inner"}}, "wires": []}

    async def scenario(http: ClientSession, engine: Engine) -> None:
        path = URL("/api/flows/tick/nodes/one%2Fpress/inject", encoded=True)
        async with http.post(path) as response:
            assert response.status == 204
        assert engine.flows["tick"].circuit.steps["one/press"].counters.sent == 1

    serve(tmp_path, scenario, inner, outer)


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("tick/nodes/show", 409, '"show" is a core/debug, which has no button.'),
        ("tick/nodes/off", 409, '"off" is switched off. Enable and deploy it, then press again.'),
        ("tick/nodes/pres", 404, '"tick" runs without a node "pres". Did you mean "press"?'),
        ("tock/nodes/press", 404, 'there is no flow "tock".'),
        ("broken/nodes/x", 409, '"broken" does not run. Start or deploy it, then press again.'),
    ],
)
def test_what_cannot_be_pressed_is_told(
    path: str, status: int, detail: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post(f"/api/flows/{path}/inject") as response:
            assert (await problem_of(response, status))["detail"] == detail

    serve(tmp_path, scenario, BUTTONS, BROKEN)


def test_types_say_whether_they_have_a_button(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/nodes") as response:
            types = await answer(response)
        assert [one["type"] for one in types if one.get("button")] == [
            "core/inject",
            "storage/report",
        ]

    serve(tmp_path, scenario)
