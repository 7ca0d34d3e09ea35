"""Flows that are stored over the API: every version has a tag, and nobody overwrites another's."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.flow.file import parse_flow
from flowrt.running.engine import Engine
from tests.support.gateway import TICK, answer, flow_file, problem_of, serve

NEW = {"If-None-Match": "*"}


def test_a_stored_flow_comes_with_the_tag_of_its_file(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tock", json={**TICK, "name": "tock"}, headers=NEW) as put:
            assert await answer(put, 201) == {"name": "tock"}
        async with http.get("/api/flows/tock") as response:
            assert put.headers["ETag"] == response.headers["ETag"]
        changed = {**TICK, "name": "tock", "description": "mine"}
        match = {"If-Match": put.headers["ETag"]}
        async with http.put("/api/flows/tock", json=changed, headers=match) as second:
            await answer(second)
        assert second.headers["ETag"] != put.headers["ETag"]

    serve(tmp_path, scenario)


def test_a_new_flow_does_not_replace_one(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        other = {**TICK, "description": "another one"}
        async with http.put("/api/flows/tick", json=other, headers=NEW) as response:
            body = await problem_of(response, 412)
        assert body["title"] == "There already"
        assert body["detail"].startswith("tick.json is there already.")

    serve(tmp_path, scenario)
    assert json.loads((tmp_path / "flows" / "tick.json").read_text()) == TICK


def test_a_new_flow_does_not_take_the_file_of_a_flow_with_another_name(tmp_path: Path) -> None:
    flow_file(tmp_path, "tock.json").write_text(json.dumps({**TICK, "name": "clock"}))

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tock", json={**TICK, "name": "tock"}) as response:
            await problem_of(response, 412)

    serve(tmp_path, scenario)
    assert json.loads((tmp_path / "flows" / "tock.json").read_text())["name"] == "clock"


def test_a_change_of_a_flow_that_was_removed_is_told(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        gone = {"If-Match": '"0123"'}
        async with http.put(
            "/api/flows/tock", json={**TICK, "name": "tock"}, headers=gone
        ) as response:
            assert "has been removed by somebody" in (await problem_of(response, 412))["detail"]

    serve(tmp_path, scenario)


def test_of_two_that_store_at_once_one_is_told(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick") as response:
            match = {"If-Match": response.headers["ETag"]}

        async def put(description: str) -> int:
            flow = {**TICK, "description": description}
            async with http.put("/api/flows/tick", json=flow, headers=match) as response:
                return response.status

        assert sorted(await asyncio.gather(*map(put, "abcd"))) == [200, 412, 412, 412]

    serve(tmp_path, scenario)


def test_flows_run_on_while_one_that_is_stored_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[int] = []

    def noted(data: bytes, file: Path) -> object:
        readers.append(threading.get_ident())
        return parse_flow(data, file)

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        monkeypatch.setattr("flowrt.web.api.parse_flow", noted)
        monkeypatch.setattr("flowrt.gateway.read_flow", lambda file: noted(file.read_bytes(), file))
        async with http.put("/api/flows/tock", json={**TICK, "name": "tock"}, headers=NEW) as put:
            await answer(put, 201)
        async with http.post("/api/flows/tock/deploy", json={"health_seconds": 0}) as deployed:
            await answer(deployed)
        assert len(readers) == 2
        assert threading.get_ident() not in readers

    serve(tmp_path, scenario)
