"""Databases over the API."""

from __future__ import annotations

from pathlib import Path

from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import problem_of, serve


def test_a_database_of_a_pack_is_read(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick/databases/dbc/pylontech-lv.dbc") as response:
            messages = {one["name"]: one for one in (await response.json())["messages"]}
        assert (messages["State"]["id"], messages["State"]["extended"]) == (0x355, False)
        soc = messages["State"]["signals"][0]
        assert (soc["name"], soc["unit"], soc["bits"]) == ("SOC", "%", list(range(16)))

    serve(tmp_path, scenario)


def test_a_damaged_database_is_told_without_the_gateways_folders(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/files/dbc/bad.dbc", data=b"BO_ 1 X: eight Y") as put:
            assert put.status == 201
        async with http.get("/api/flows/tick/databases/dbc/bad.dbc") as response:
            refusal = await problem_of(response, 422)
        assert refusal["detail"].startswith("dbc/bad.dbc is no database that can be read")
        assert "Invalid syntax at line 1, column 10" in refusal["detail"]
        assert str(tmp_path) not in refusal["detail"]

    serve(tmp_path, scenario)


def test_a_database_that_is_missing_or_elsewhere(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick/databases/dbc/none.dbc") as response:
            await problem_of(response, 404)
        async with http.get("/api/flows/tick/databases/..%2Fx.dbc") as response:
            await problem_of(response, 400)

    serve(tmp_path, scenario)
