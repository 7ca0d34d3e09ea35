"""What running nodes remember, over the API."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.message import Signals
from flowrt.running.engine import Engine
from tests.support.gateway import document, problem_of, serve

GUARD = document(
    "guard",
    {
        "feed": {"type": "core/inject", "values": {"SOC": 50}, "count": 0},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
    },
    "feed low",
)


def test_the_state_of_a_node_is_shown(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        path = "/api/flows/guard/nodes/low/state"
        async with http.get(path) as response:
            assert await response.json() == {"state": {"alarms": {}}}
        engine.flows["guard"].circuit.steps["feed"].send(Signals(1.0, "State", {"SOC": 7}))
        async with http.get(path) as response:
            state = (await response.json())["state"]
        assert state["alarms"]["State"]["raised"] is True

    serve(tmp_path, scenario, GUARD)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("guard/nodes/lew", 404, '"guard" runs without a node "lew". Did you mean "low"?'),
        ("gard/nodes/low", 404, "gard"),
    ],
)
def test_a_node_that_is_not_there_is_told(
    tmp_path: Path, path: str, status: int, words: str
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get(f"/api/flows/{path}/state") as response:
            assert response.status == status
            assert words in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, GUARD)


def test_a_flow_that_does_not_run_has_nothing_to_show(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        await (await http.post("/api/flows/guard/stop")).read()
        async with http.get("/api/flows/guard/nodes/low/state") as response:
            assert response.status == 409
            assert "does not run" in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, GUARD)
