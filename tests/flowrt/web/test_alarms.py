"""Alarms over the API, raised by a real threshold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from flowrt.message import Event, Signals
from flowrt.running.engine import Engine
from tests.support.gateway import document, problem_of, serve

LATCHED = {"type": "logic/threshold", "signal": "SOC", "below": 20, "latch": True}
RACK = document(
    "rack",
    {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "source": "State", "count": 0},
        "low": LATCHED,
        "show": {"type": "core/debug", "to": "none"},
    },
    "inject low",
    "low.alarm show",
)
ALARM = {"flow": "rack", "source": "State", "name": "low", "by": "anna"}


def reading(engine: Engine, soc: float, time: float) -> None:
    engine.flows["rack"].circuit.steps["inject"].send(Signals(time, "State", {"SOC": soc}))


async def rows(http: ClientSession, path: str = "") -> list[dict[str, Any]]:
    async with http.get(f"/api/alarms{path}") as response:
        assert response.status == 200
        found: list[dict[str, Any]] = await response.json()
        return found


def test_a_standing_alarm_is_acknowledged(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        (row,) = await rows(http)
        assert (row["flow"], row["name"], row["acknowledged"]) == ("rack", "low", None)
        async with http.post("/api/alarms/acknowledge", json=ALARM) as response:
            assert response.status == 204
        (row,) = await rows(http)
        assert (row["state"], row["acknowledged"]["by"]) == ("raised", "anna")
        assert [r["state"] for r in await rows(http, "/history")] == ["acknowledged", "raised"]

    serve(tmp_path, scenario, RACK)


def test_a_latched_alarm_whose_condition_has_gone_clears(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        reading(engine, 50, 2.0)
        assert len(await rows(http)) == 1
        async with http.post("/api/alarms/acknowledge", json=ALARM) as response:
            assert response.status == 204
        assert await rows(http) == []
        states = [row["state"] for row in await rows(http, "/history?limit=2")]
        assert states == ["cleared", "acknowledged"]

    serve(tmp_path, scenario, RACK)


def test_watchers_hear_of_an_acknowledgement_once(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        subscription = engine.watch.subscribe()
        async with http.post("/api/alarms/acknowledge", json=ALARM) as response:
            assert response.status == 204
        news = [(one.node, one.data["state"]) for one in await subscription.get()]
        assert news == [("low", "acknowledged")]

    serve(tmp_path, scenario, RACK)


def test_an_alarm_of_a_node_without_such_an_input_is_marked_all_the_same(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        engine.watch.events("rack", [Event(0.0, "State", "old", "raised")], "gone")
        async with http.post("/api/alarms/acknowledge", json={**ALARM, "name": "old"}) as response:
            assert response.status == 204
        (row,) = await rows(http)
        assert (row["node"], row["acknowledged"]["by"]) == ("gone", "anna")

    serve(tmp_path, scenario, RACK)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (ALARM, 409, 'no alarm "low" of "State" stands in the flow "rack"'),
        ({**ALARM, "flow": "rck"}, 404, 'no flow "rck" is running'),
        ({**ALARM, "by": ""}, 400, "length >= 1 - at `$.by`"),
        ({"flow": "rack"}, 400, "Send a JSON object of: flow, source, name, by."),
        ({**ALARM, "sourc": "State"}, 400, "sourc"),
        ([1], 400, "Expected `object`"),
    ],
)
def test_what_cannot_be_acknowledged_is_told(
    body: Any, status: int, told: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/alarms/acknowledge", json=body) as response:
            assert response.status == status
            assert told in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, RACK)


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "", "1e3"])
def test_a_limit_must_be_one(limit: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/alarms/history", params={"limit": limit}) as response:
            assert response.status == 400
            assert "from 1 to 1000" in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, RACK)


def test_a_deploy_without_the_node_ends_its_alarm(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        assert len(await rows(http)) == 1
        async with http.get("/api/flows/rack") as response:
            tag = response.headers["ETag"]
        nodes = {id: item for id, item in RACK["nodes"].items() if id != "low"}
        other = document("rack", nodes, "inject show")
        async with http.put("/api/flows/rack", json=other, headers={"If-Match": tag}) as response:
            assert response.status == 200
        async with http.post("/api/flows/rack/deploy") as response:
            assert response.status == 200
        assert await rows(http) == []
        (last, *_) = await rows(http, "/history")
        assert (last["state"], last["text"]) == ("cleared", "low is no longer there")

    serve(tmp_path, scenario, RACK)


# --- shelving

SHELVE = {**ALARM, "duration": "30 min", "reason": "sensor is changed"}


def test_an_alarm_is_shelved_for_a_while_and_taken_back(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        async with http.post("/api/alarms/shelve", json=SHELVE) as response:
            assert response.status == 204
        (row,) = await rows(http)
        shelved = row["shelved"]
        assert (shelved["by"], shelved["reason"]) == ("anna", "sensor is changed")
        assert shelved["until"] - shelved["time"] == 1800
        (row,) = await rows(http, "/shelved")
        assert row == {"flow": "rack", "source": "State", "name": "low", **shelved}
        async with http.post("/api/alarms/unshelve", json=ALARM) as response:
            assert response.status == 204
        assert await rows(http, "/shelved") == []
        states = [r["state"] for r in await rows(http, "/history")]
        assert states == ["unshelved", "shelved", "raised"]

    serve(tmp_path, scenario, RACK)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({**SHELVE, "duration": "2 d"}, 400, "1 s to 24 h, not 172800 s"),
        ({**SHELVE, "duration": "soon"}, 400, "is no duration"),
        ({**SHELVE, "reason": ""}, 400, "reason"),
        ({**SHELVE, "name": "other"}, 404, "or did lately"),
    ],
)
def test_what_cannot_be_shelved_is_told(
    tmp_path: Path, body: dict[str, Any], status: int, told: str
) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        reading(engine, 10, 1.0)
        async with http.post("/api/alarms/shelve", json=body) as response:
            assert response.status in (status, 409)
            assert told in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, RACK)
