"""Deploys over the API: a revision each, told step by step, and a way back."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import can  # noqa: F401  loaded before the clock runs
import pytest
from aiohttp import ClientSession

from flowrt.files.revisions import revision_id
from flowrt.running.engine import Engine
from tests.support.gateway import TICK, answer, flow_file, problem_of, serve

SECOND = {**TICK, "description": "second"}
BROKEN = {**TICK, "wires": [{"from": "inject", "to": "shw"}]}
ANY = {"If-Match": "*"}


async def deploy(http: ClientSession, document: dict[str, Any], **fields: Any) -> Any:
    async with http.put("/api/flows/tick", json=document, headers=ANY) as put:
        await answer(put)
    async with http.post("/api/flows/tick/deploy", json=fields) as response:
        assert response.headers["ETag"] == put.headers["ETag"]
        return await answer(response)


async def revisions(http: ClientSession) -> list[dict[str, Any]]:
    async with http.get("/api/flows/tick/revisions") as response:
        rows: list[dict[str, Any]] = (await answer(response))["revisions"]
        return rows


def test_a_deploy_is_kept_as_a_revision(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        id = revision_id(SECOND)
        deployed = await deploy(http, SECOND, author="ana", note="new limit")
        assert deployed == {"state": "running", "revision": id}
        rows = await revisions(http)
        assert [(row["author"], row["note"], row["running"]) for row in rows] == [
            ("ana", "new limit", True),
            ("file", "", False),
        ]
        assert rows[0]["time"] > rows[1]["time"] > 1.7e9
        async with http.get(f"/api/flows/tick/revisions/{rows[1]['id']}") as response:
            assert await answer(response) == TICK

    serve(tmp_path, scenario)


def test_a_rollback_makes_the_revision_before_the_flows_file(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        await deploy(http, SECOND)
        async with http.post("/api/flows/tick/rollback") as response:
            first = revision_id(TICK)
            assert await answer(response) == {"state": "running", "revision": first}
        assert engine.flows["tick"].prepared.flow.document == TICK
        async with http.get("/api/flows/tick") as stored:
            assert (await answer(stored), stored.headers["ETag"]) == (
                TICK,
                response.headers["ETag"],
            )
        assert [(row["note"], row["running"]) for row in await revisions(http)] == [
            (f"rollback to {first}", True),
            ("", False),
            ("", False),
        ]

    serve(tmp_path, scenario)


def test_a_rollback_to_a_named_revision(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        await deploy(http, SECOND)
        await deploy(http, {**TICK, "description": "third"})
        body = {"revision": revision_id(TICK)}
        async with http.post("/api/flows/tick/rollback", json=body) as response:
            assert (await answer(response))["revision"] == revision_id(TICK)
        assert engine.flows["tick"].prepared.flow.document == TICK

    serve(tmp_path, scenario)


def test_what_cannot_be_rolled_back_to_is_told(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = engine.flows["tick"]
        async with http.post("/api/flows/tick/rollback") as response:
            assert "no revision before" in (await problem_of(response, 409))["detail"]
        body = {"revision": "0123456789ab"}
        async with http.post("/api/flows/tick/rollback", json=body) as response:
            assert 'no revision "0123456789ab"' in (await problem_of(response, 404))["detail"]
        async with http.get("/api/flows/tick/revisions/0123456789ab") as response:
            await problem_of(response, 404)
        assert engine.flows["tick"] is before

    serve(tmp_path, scenario)


def test_a_revision_that_no_longer_fits_changes_neither_file_nor_flow(tmp_path: Path) -> None:
    flow_file(tmp_path, "guard.json").write_text('{"flowrt": 1, "name": "guard", "nodes": {}}')
    guarded = {**TICK, "nodes": {**TICK["nodes"], "guard": {"type": "flow/guard"}}}

    async def scenario(http: ClientSession, engine: Engine) -> None:
        await deploy(http, TICK)
        now = engine.flows["tick"]
        (tmp_path / "flows" / "guard.json").unlink()
        body = {"revision": revision_id(guarded)}
        async with http.post("/api/flows/tick/rollback", json=body) as response:
            rows = (await problem_of(response, 422))["problems"]
        assert [row["place"] for row in rows] == ["nodes.guard.type"]
        assert engine.flows["tick"] is now

    serve(tmp_path, scenario, guarded)
    assert json.loads((tmp_path / "flows" / "tick.json").read_text()) == TICK


def test_watchers_are_told_each_step_of_a_deploy(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.ws_connect("/api/live") as socket:
            await socket.receive_json(timeout=5)
            await deploy(http, SECOND)
            told = await steps(socket)
            told["swap"] = re.sub(r"[0-9.]+ ms", "0.0 ms", told["swap"])
            assert told == {
                "check": "checking 2 nodes",
                "build": "nothing has changed",
                "swap": "in place of the running flow, in 0.0 ms",
                "health": "2 nodes run",
                "done": f"revision {revision_id(SECOND)} runs",
            }

    serve(tmp_path, scenario)


def test_a_deploy_with_problems_is_told_and_leaves_no_revision(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick", json=BROKEN, headers=ANY) as response:
            await answer(response)
        async with http.ws_connect("/api/live") as socket:
            await socket.receive_json(timeout=5)
            async with http.post("/api/flows/tick/deploy") as response:
                await problem_of(response, 422)
            told = await steps(socket)
        assert list(told) == ["check", "failed"]
        assert 'there is no node "shw"' in told["failed"]
        assert [row["author"] for row in await revisions(http)] == ["file"]

    serve(tmp_path, scenario)


async def steps(socket: Any) -> dict[str, str]:
    """The steps of a deploy that a watcher hears, up to the last one."""
    told: dict[str, str] = {}
    async with asyncio.timeout(10):
        while not {"done", "failed"} & told.keys():
            news = await socket.receive_json()
            if news["kind"] == "deploy":
                assert (news["flow"], news["node"]) == ("tick", "")
                told[news["data"]["step"]] = news["data"]["text"]
    return told


def test_a_node_that_does_not_start_is_named_in_the_deploys_health(tmp_path: Path) -> None:
    unreachable = {
        **TICK,
        "resources": {"bus": {"type": "can/bus", "interface": "socketcan", "channel": "none9"}},
        "nodes": {**TICK["nodes"], "frames": {"type": "can/receive", "bus": "bus"}},
    }

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.ws_connect("/api/live") as socket:
            await socket.receive_json(timeout=5)
            assert (await deploy(http, unreachable, health_seconds=0))["state"] == "running"
            told = await steps(socket)
        assert told["health"].startswith("bus: ")
        assert "none9" in told["health"]

    serve(tmp_path, scenario)


def test_a_version_that_fails_is_refused_with_the_reason_and_the_file_put_back(
    tmp_path: Path,
) -> None:
    silent = {
        **TICK,
        "nodes": {
            **TICK["nodes"],
            "sum": {"type": "logic/change", "compute": {"x": "1 / (SOC - 50)"}},
            "inject": {**TICK["nodes"]["inject"], "every": "10 ms"},
        },
        "wires": [{"from": "inject", "to": "sum"}, {"from": "sum", "to": "show"}],
    }

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick", json=silent, headers=ANY) as response:
            await answer(response)
        async with http.post("/api/flows/tick/deploy", json={"health_seconds": 20}) as response:
            body = await problem_of(response, 409)
        assert [row["place"] for row in body["problems"]] == ["nodes.sum"]
        assert body["title"] == "Rolled back"
        async with http.get("/api/flows/tick") as stored:
            assert await answer(stored) == TICK
        rows = await revisions(http)
        assert [(row["running"], bool(row["failed"])) for row in rows] == [
            (False, True),
            (True, False),
        ]
        assert rows[0]["changes"].startswith("changed: inject; new: sum; wires: +2 -1")

    serve(tmp_path, scenario)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("[]", "must be a JSON object"),
        ('{"note": 7}', "note: must be a text"),
        ('{"nte": "x"}', '"nte"'),
        (json.dumps({"note": "x" * 1001}), "1000 characters at most"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_in_words(body: str, says: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        before = engine.flows["tick"]
        async with http.post("/api/flows/tick/deploy", data=body) as response:
            assert says in (await problem_of(response, 400))["detail"]
        assert engine.flows["tick"] is before

    serve(tmp_path, scenario)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "deploy"),
        ("GET", "revisions"),
        ("GET", "revisions/0123456789ab"),
        ("POST", "rollback"),
    ],
)
def test_an_unknown_flow_is_not_found(method: str, path: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.request(method, f"/api/flows/tock/{path}") as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario)
