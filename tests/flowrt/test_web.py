"""The web API against a real engine: health, flows, conflicts, checks, state."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from flowrt.message import Event
from flowrt.running.engine import Engine
from tests.support.gateway import TICK, flow_file, problem_of, serve


def test_health(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/healthz") as response:
            assert (response.status, await response.json()) == (200, {"status": "ok"})
        async with http.get("/readyz") as response:
            assert (await response.json())["status"] == "ready"

    serve(tmp_path, scenario)


def test_a_flow_that_failed_is_not_ready(tmp_path: Path) -> None:
    flow_file(tmp_path, "broken.json").write_text("{")

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/readyz") as response:
            assert (response.status, (await response.json())["failed"]) == (503, ["broken"])
        async with http.get("/api/flows") as response:
            states = {flow["name"]: flow["state"] for flow in await response.json()}
            assert states == {"broken": "failed", "tick": "running"}

    serve(tmp_path, scenario)


def test_a_flow_is_read_changed_and_conflicts_are_told(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick") as response:
            tag = response.headers["ETag"]
            assert await response.json() == TICK
        changed = {**TICK, "description": "mine"}
        async with http.put("/api/flows/tick", json=changed, headers={"If-Match": tag}) as response:
            assert response.status == 200
        async with http.put("/api/flows/tick", json=TICK, headers={"If-Match": tag}) as response:
            assert response.status == 412
            assert "changed by somebody else" in (await problem_of(response))["detail"]
        async with http.put("/api/flows/tick", json=TICK) as response:
            assert response.status == 428

    serve(tmp_path, scenario)


def test_a_new_flow_is_stored_deployed_and_deleted(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.put("/api/flows/second", json={**TICK, "name": "second"}) as response:
            assert response.status == 201
        async with http.post("/api/flows/second/deploy") as response:
            assert (await response.json())["state"] == "running"
        assert set(engine.flows) == {"tick", "second"}
        async with http.delete("/api/flows/second") as response:
            assert response.status == 204
        assert (set(engine.flows), (tmp_path / "flows" / "second.json").exists()) == (
            {"tick"},
            False,
        )

    serve(tmp_path, scenario)


def test_a_bad_deploy_leaves_the_running_flow_alone(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = engine.flows["tick"]
        bad = {**TICK, "wires": [{"from": "inject", "to": "shw"}]}
        async with http.put("/api/flows/tick", json=bad, headers={"If-Match": "*"}) as response:
            assert response.status == 200
        async with http.post("/api/flows/tick/deploy") as response:
            assert response.status == 422
            rows = (await problem_of(response))["problems"]
        assert [(row["place"], row["sentence"]) for row in rows] == [
            ("wires[0].to", 'there is no node "shw". Did you mean "show"?')
        ]
        assert engine.flows["tick"] is before

    serve(tmp_path, scenario)


def test_a_draft_is_checked_without_being_stored(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        draft = {**TICK, "nodes": {"x": {"type": "core/injct"}}, "wires": []}
        async with http.post("/api/flows/draft/check", json=draft) as response:
            rows = (await response.json())["problems"]
        assert [row["place"] for row in rows] == ["nodes.x.type"]
        async with http.post("/api/flows/tick/check", json=TICK) as response:
            signals = (await response.json())["signals"]["show"]
        assert [(one["source"], one["name"]) for one in signals] == [("State", "SOC")]
        async with http.get("/api/flows/tick/check") as response:
            assert (await response.json())["problems"] == []

    serve(tmp_path, scenario)


def test_what_is_not_json_is_told_in_words(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/draft/check", data=b"\xff\x00") as response:
            assert response.status == 400
            assert "is not UTF-8 text" in (await problem_of(response))["detail"]
        async with http.get("/api/nothing") as response:
            assert response.status == 404
            await problem_of(response)

    serve(tmp_path, scenario)


def test_state_and_metrics_count_messages(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        step = engine.flows["tick"].circuit.steps["show"]
        while not step.counters.sent:
            await asyncio.sleep(0.01)
        async with http.get("/api/state") as response:
            nodes = (await response.json())["flows"]["tick"]["nodes"]
        assert nodes["inject"]["outputs"]["out"]["last"]["values"] == {"SOC": 50}
        assert (nodes["inject"]["sent"], nodes["show"]["received"]) == (1, 1)
        assert nodes["inject"]["figures"] == {}
        async with http.get("/metrics") as response:
            lines = (await response.text()).splitlines()
        labels = '{flow="tick",node="show",type="core/debug"}'
        assert f"flowrt_node_received_total{labels} 1.0" in lines

    serve(tmp_path, scenario)


def test_node_types_come_with_their_schema(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/nodes") as response:
            types = {one["type"]: one for one in await response.json()}
        inject = types["core/inject"]
        assert (inject["kind"], inject["available"]) == ("source", True)
        assert inject["settings"]["properties"]["every"]["x-type"] == "duration"

    serve(tmp_path, scenario)


def test_pages_forbid_foreign_content(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/") as response:
            assert response.status == 200
            assert "default-src 'self'" in response.headers["Content-Security-Policy"]
            assert "flowrt" in await response.text()

    serve(tmp_path, scenario)


def test_a_watcher_gets_state_and_news(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.ws_connect("/api/live") as socket:
            first = await socket.receive_json(timeout=5)
            assert first["kind"] == "state"
            assert first["flows"]["tick"]["nodes"]["inject"]["type"] == "core/inject"
            engine.watch.events("tick", [Event(0.0, "State", "soc_low", "raised", "alarm", 19)])
            while (news := await socket.receive_json(timeout=5))["kind"] != "alarm":
                pass
        assert (news["kind"], news["data"]["name"]) == ("alarm", "soc_low")
        async with http.get("/api/alarms") as response:
            assert [alarm["name"] for alarm in await response.json()] == ["soc_low"]

    serve(tmp_path, scenario)


def test_a_watcher_that_leaves_is_forgotten(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        async with http.ws_connect("/api/live") as socket:
            await socket.receive_json(timeout=5)
            assert len(engine.watch._subscriptions) == 1
        while engine.watch._subscriptions:
            await asyncio.sleep(0.01)

    serve(tmp_path, scenario)


def test_a_flows_tests_run_over_the_api(tmp_path: Path) -> None:
    test = {"name": "one", "given": [], "expect": [{"port": "show", "count": 7}]}
    flow_file(tmp_path, "tick.test.json").write_text(json.dumps({"tests": [test]}))

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/tick/tests") as response:
            answer = await response.json()
        assert (answer["passed"], answer["tests"][0]["name"]) == (False, "one")
        assert answer["tests"][0]["failures"][0]["wanted"] == "7 messages"

    serve(tmp_path, scenario)


def test_pages_of_other_sites_can_change_and_watch_nothing(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before, foreign = engine.flows["tick"], {"Origin": "http://evil.example"}
        async with http.post("/api/flows/tick/deploy", headers=foreign) as response:
            assert response.status == 403
            assert "evil.example" in (await problem_of(response))["detail"]
        assert engine.flows["tick"] is before
        with pytest.raises(WSServerHandshakeError):
            await http.ws_connect("/api/live", headers=foreign)
        async with http.post("/api/flows/tick/deploy", headers=own(http)) as response:
            assert response.status == 200

    serve(tmp_path, scenario)


def own(http: ClientSession) -> dict[str, str]:
    return {"Origin": str(http._base_url).rstrip("/")}
