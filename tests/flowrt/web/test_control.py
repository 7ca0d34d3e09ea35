"""Control of flows over the API: started, stopped, and listed as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from flowrt.engine import Engine
from tests.support.served import TICK, answer, problem_of, serve

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
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick", json=TICK) as response:
            await answer(response, 201)
        (tmp_path / "broken.json").rename(tmp_path / "other.json")

    async def again(http: ClientSession, _engine: Engine) -> None:
        assert (await row_of(http, "broken"))["state"] == "failed"

    serve(tmp_path, scenario, BROKEN)
    (tmp_path / "other.json").rename(tmp_path / "a.json")
    serve(tmp_path, again, TICK)


def test_a_file_that_cannot_be_read_has_a_row(tmp_path: Path) -> None:
    (tmp_path / "half.json").write_text("{")

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
