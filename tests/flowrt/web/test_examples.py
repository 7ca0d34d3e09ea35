"""Each example can be begun from: stored under another name it has no problem."""

from __future__ import annotations

import json
from pathlib import Path

from aiohttp import ClientSession

from flowrt.flow.file import flow_files
from flowrt.running.engine import Engine
from flowrt.web.examples import EXAMPLES
from tests.support.gateway import problem_of, serve


def test_every_example_is_sound_under_a_new_name(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/examples") as response:
            rows = await response.json()
        stems = {file.stem for file in flow_files(EXAMPLES)}
        assert {row["name"] for row in rows} == stems
        assert all(row["description"] for row in rows)
        for name in stems:
            async with http.get(f"/api/examples/{name}") as response:
                document = {**await response.json(), "name": f"my-{name}"}
            url = f"/api/flows/my-{name}"
            async with http.post(f"{url}/check", json=document) as response:
                assert (await response.json())["problems"] == []
            async with http.put(url, json=document) as response:
                assert response.status == 201
            async with http.get(f"{url}/check") as response:
                assert (await response.json())["problems"] == []

    serve(tmp_path, scenario)


def test_an_example_that_is_not_there(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/examples/..%2Fflows%2Frack-to-ems") as response:
            assert "rack-to-cloud" in (await problem_of(response, 404))["detail"]

    serve(tmp_path, scenario)


def test_an_example_is_drawn_as_its_layout_says_where_it_has_one(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/examples/peak-shaving/layout") as response:
            kept = json.loads((EXAMPLES / "peak-shaving.layout.json").read_text())
            assert await response.json() == kept
        async with http.get("/api/examples/two-buses/layout") as response:
            assert await response.json() == {}
        async with http.get("/api/examples/nowhere/layout") as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario)


def test_the_subflow_of_an_example_is_there_to_be_seen_and_changed(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/nodes") as response:
            types = {one["type"]: one for one in await response.json()}
        assert types["flow/soc-guard"]["available"] is True
        async with http.get("/api/flows") as response:
            assert [row["name"] for row in await response.json()] == ["tick"]
        async with http.get("/api/flows/soc-guard") as response:
            tag, document = response.headers["ETag"], await response.json()
        async with http.delete("/api/flows/soc-guard") as response:
            await problem_of(response, 404)
        async with http.get("/api/flows/soc-guard/layout") as response:
            assert await response.json() == {}
        async with http.put("/api/flows/soc-guard/layout", json={}) as response:
            await problem_of(response, 404)
        changed = {**document, "description": "mine"}
        matched = {"If-Match": tag}
        async with http.put("/api/flows/soc-guard", json=changed, headers=matched) as response:
            assert response.status == 201
        async with http.get("/api/flows/soc-guard") as response:
            assert (await response.json())["description"] == "mine"
        async with http.delete("/api/flows/soc-guard") as response:
            assert response.status == 204
        async with http.get("/api/flows/soc-guard") as response:
            assert await response.json() == document

    serve(tmp_path, scenario)
