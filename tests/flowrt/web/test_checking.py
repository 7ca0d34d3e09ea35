"""Checks over the API: problems, and what an editor shows beside them."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import TICK, answer, flow_file, serve

GUARD = {
    "flowrt": 1,
    "name": "guard",
    "parameters": {"limit": {}},
    "nodes": {
        "in": {"type": "core/input"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": "${limit}"},
    },
    "wires": [{"from": "in", "to": "low"}],
}


def test_a_stored_flow_is_checked_with_signals_summaries_and_hints(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick/check") as response:
            stored = await answer(response)
        async with http.post("/api/flows/tick/check") as response:
            assert await answer(response) == stored
        async with http.post("/api/flows/tick/check", json=TICK) as response:
            assert await answer(response) == stored
        assert [one["name"] for one in stored.pop("signals")["show"]] == ["SOC"]
        assert stored == {
            "problems": [],
            "summaries": {"inject": "SOC = 50", "show": "last 100"},
            "hints": [],
            "delivery": {},
        }

    serve(tmp_path, scenario)


def test_a_draft_with_problems_gives_what_it_can(tmp_path: Path) -> None:
    nodes = {"inject": {"type": "core/inject", "values": 7}, "other": {"type": "core/debug"}}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/tick/check", json={**TICK, "nodes": nodes}) as response:
            found = await answer(response)
        places = [problem["place"] for problem in found["problems"]]
        assert places == ["nodes.inject.values", "wires[0].to"]
        assert found["summaries"] == {"inject": "values 7", "other": "last 100, logged"}
        assert found["hints"] == [
            "nodes.other: nothing is wired into it.",
        ]

    serve(tmp_path, scenario)


def test_signals_reach_a_node_that_is_not_set_yet(tmp_path: Path) -> None:
    """A threshold without a signal cannot be made, but whoever sets it must see what is there."""
    nodes = {**TICK["nodes"], "low": {"type": "logic/threshold", "below": 20}}
    wires = [{"from": "inject", "to": "low"}, {"from": "inject.no", "to": "low"}]

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        draft = {**TICK, "nodes": nodes, "wires": wires}
        async with http.post("/api/flows/tick/check", json=draft) as response:
            found = await answer(response)
        assert "nodes.low" in [problem["place"] for problem in found["problems"]]
        assert [one["name"] for one in found["signals"]["low"]] == ["SOC"]

    serve(tmp_path, scenario)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    flow_file(tmp_path, "half.json").write_text("{")

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/half/check") as response:
            found = await answer(response)
        assert "line 1, column 2" in found["problems"][0]["sentence"]
        assert (found["signals"], found["summaries"], found["hints"]) == ({}, {}, [])

    serve(tmp_path, scenario)


def test_a_subflow_is_checked_as_far_as_its_parameters_allow(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        for draft in (None, GUARD):
            async with http.post("/api/flows/guard/check", json=draft) as response:
                found = await answer(response)
            assert (found["problems"], found["hints"]) == ([], [])
            assert found["summaries"]["low"] == "SOC"

    serve(tmp_path, scenario, GUARD)
