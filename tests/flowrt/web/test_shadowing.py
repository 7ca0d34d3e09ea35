"""A new version beside the running one over the API: on the same messages, its sinks off."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import answer, document, problem_of, serve

PATH = "/api/flows/rack/shadow"
FLOW = document(
    "rack",
    {
        "tick": {"type": "core/inject", "values": {"SOC": 50}, "every": "5 ms"},
        "half": {"type": "logic/change", "compute": {"half": "SOC / 2"}},
        "pace": {"type": "core/rate-limit", "limit": 10, "per": "1 h"},
        "record": {"type": "storage/jsonl", "file": "record.jsonl", "flush_every": "50 ms"},
        "few": {"type": "storage/jsonl", "file": "few.jsonl"},
    },
    *("tick half", "half record", "tick pace", "pace few"),
)


def changed(**nodes: Any) -> dict[str, Any]:
    return {**FLOW, "nodes": {**FLOW["nodes"], **nodes}}


async def shadow(http: ClientSession, draft: dict[str, Any] | None = None) -> Any:
    """The result of a shadow of half a second."""
    body = {"seconds": 0.5} | ({"document": draft} if draft else {})
    async with http.post(PATH, json=body) as response:
        assert (await answer(response, 202))["state"] == "running"
    while True:
        await asyncio.sleep(0.05)
        async with http.get(PATH) as response:
            row = await answer(response)
        if row["state"] != "running":
            return row


def test_the_same_version_tells_the_same(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        targets = _targets(engine)
        row = await shadow(http)
        assert row["state"] == "done"
        record = row["sinks"]["record"]
        assert record["running"] == record["shadow"] == record["same"] > 20
        assert (record["differ"], record["differences"], row["errors"]) == (0, [], {})
        assert row["sinks"]["few"]["running"] == row["sinks"]["few"]["shadow"]
        assert _targets(engine) == targets

    serve(tmp_path, scenario, FLOW)


def _targets(engine: Engine) -> list[int]:
    steps = engine.flows["rack"].circuit.steps.values()
    return [len(outlet.targets) for step in steps for outlet in step.outlets]


def test_what_differs_is_shown_side_by_side_and_nothing_is_written(tmp_path: Path) -> None:
    draft = changed(half={"type": "logic/change", "compute": {"half": "SOC / 5"}})

    async def scenario(http: ClientSession, engine: Engine) -> None:
        record = (await shadow(http, draft))["sinks"]["record"]
        assert (record["same"], record["differ"]) == (0, record["running"])
        assert len(record["differences"]) == 10
        first = record["differences"][0]
        assert (first["running"]["values"]["half"], first["shadow"]["values"]["half"]) == (25, 10)
        assert first["running"]["time"] == first["shadow"]["time"]
        assert engine.flows["rack"].prepared.flow.document == FLOW

    serve(tmp_path, scenario, FLOW)
    written = (tmp_path / "flows" / "record.jsonl").read_text()
    assert '"half":10' not in written
    assert '"half":25' in written


def test_errors_new_sinks_and_silent_sources_are_named(tmp_path: Path) -> None:
    draft = changed(
        half={"type": "logic/change", "compute": {"half": "SOC / (SOC - 50)"}},
        frames={"type": "can/receive", "bus": "bus"},
        show={"type": "core/debug", "to": "none"},
    )
    draft["resources"] = {"bus": {"type": "can/bus", "interface": "virtual", "channel": "x"}}
    draft["wires"] = [*FLOW["wires"], {"from": "tick", "to": "show"}]

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        row = await shadow(http, draft)
        assert "division by zero" in row["errors"]["half"]["last"]
        assert row["errors"]["half"]["count"] == row["sinks"]["record"]["running"]
        assert row["only_shadow"]["show"] > 20
        assert row["silent_sources"] == ["frames"]

    serve(tmp_path, scenario, FLOW)


def test_a_deploy_meanwhile_ends_a_shadow_and_a_second_one_waits(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post(PATH, json={"seconds": 60}) as response:
            await answer(response, 202)
        async with http.post(PATH, json={"seconds": 1}) as response:
            assert "runs already" in (await problem_of(response, 409))["detail"]
        async with http.put("/api/flows/rack", json=changed(), headers={"If-Match": "*"}) as put:
            await answer(put)
        async with http.post("/api/flows/rack/deploy") as response:
            await answer(response)
        await asyncio.sleep(0.2)
        async with http.get(PATH) as response:
            row = await answer(response)
        assert (row["state"], "deployed or stopped" in row["why"]) == ("failed", True)

    serve(tmp_path, scenario, FLOW)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"seconds": 0}, 400, "seconds"),
        ({"second": 1}, 400, "second"),
        ({"document": {**FLOW, "nodes": {"x": {"type": "no/node"}}}}, 422, "no pack has a node"),
    ],
)
def test_what_cannot_be_run_is_told(
    body: dict[str, Any], status: int, says: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post(PATH, json=body) as response:
            assert says in (await problem_of(response, status))["detail"]
        async with http.get(PATH) as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario, FLOW)
