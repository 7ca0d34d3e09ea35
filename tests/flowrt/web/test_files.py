"""Data files over the API: beside flows and in packs."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from yarl import URL

from flowrt.running.engine import Engine
from tests.support.gateway import TICK, problem_of, serve

DBC = b'VERSION ""\nBU_:\nBO_ 853 State: 8 X\n SG_ SOC : 0|16@1+ (1,0) [0|100] "%" X\n'
SHIPPED = "dbc/pylontech-lv.dbc"


async def listed(http: ClientSession) -> dict[str, Any]:
    async with http.get("/api/flows/tick/files") as response:
        assert response.status == 200
        return {row["path"]: row for row in (await response.json())["files"]}


def test_a_file_is_put_listed_read_and_removed(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        url = "/api/flows/tick/files/dbc/my%20rack.dbc"
        async with http.put(url, data=DBC) as response:
            body = await response.json()
            assert (response.status, body) == (201, {"path": "dbc/my rack.dbc", "bytes": len(DBC)})
        assert (tmp_path / "flows/dbc/my rack.dbc").read_bytes() == DBC
        async with http.put(url, data=DBC * 2) as response:
            assert response.status == 200
        expected = {"path": "dbc/my rack.dbc", "bytes": 2 * len(DBC), "pack": False}
        assert (await listed(http))["dbc/my rack.dbc"] == expected
        async with http.get(url) as response:
            assert await response.read() == DBC * 2
        async with http.delete(url) as response:
            assert response.status == 204
        async with http.get(url) as response:
            assert "my rack.dbc" in (await problem_of(response, 404))["detail"]

    serve(tmp_path, scenario)


def test_files_of_packs_are_listed_and_read_but_stay(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        assert (await listed(http))[SHIPPED]["pack"] is True
        async with http.get(f"/api/flows/tick/files/{SHIPPED}") as response:
            assert b"BO_ 853 State" in await response.read()
        async with http.delete(f"/api/flows/tick/files/{SHIPPED}") as response:
            await problem_of(response, 409)
        async with http.put(f"/api/flows/tick/files/{SHIPPED}", data=DBC) as response:
            assert response.status == 201
        assert (await listed(http))[SHIPPED] == {
            "path": SHIPPED, "bytes": len(DBC), "pack": False
        }  # fmt: skip

    serve(tmp_path, scenario)


def test_a_flow_that_is_not_stored_yet_may_have_files(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/draft/files/maps/rack.json", data=b"{}") as response:
            assert response.status == 201
        assert (await listed(http))["maps/rack.json"]["bytes"] == 2
        async with http.get("/api/flows/No%20Name/files") as response:
            await problem_of(response, 400)

    serve(tmp_path, scenario)


def test_flows_tests_links_and_hidden_files_are_no_data(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    (flows / "old").mkdir(parents=True)
    (flows / ".git").mkdir()
    (tmp_path / "outside.csv").write_text("1")
    for name in ("tick.test.json", "tick.layout.json", "key.pem", ".hidden.csv", ".git/x.csv"):
        (flows / name).write_text("{}")
    (flows / "old" / "tick.json").write_text('{"flowrt": 1}')
    (flows / "link.csv").symlink_to(tmp_path / "outside.csv")
    (flows / "table.csv").write_text("1,2")

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        own = {path for path, row in (await listed(http)).items() if not row["pack"]}
        assert own == {"table.csv"}

    serve(tmp_path, scenario)


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2fetc%2fpasswd.csv",
        "dbc%2f..%2f..%2fx.dbc",
        "%2fetc%2fx.dbc",
        ".hidden.dbc",
        "dbc//x.dbc",
        "a/b/c/d/e.dbc",
        "x.exe",
        "key.pem",
        "other.json",
        "maps/tick.test.json",
        "bad%00.dbc",
        "bad%09.dbc",
        "c:x.dbc",
        "links/x.dbc",
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "flows" / "links").symlink_to(tmp_path / "outside")

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        base = str(http._base_url).rstrip("/")
        url = URL(f"{base}/api/flows/tick/files/{path}", encoded=True)
        for method in ("PUT", "GET", "DELETE"):
            async with http.request(method, url, data=DBC) as response:
                await problem_of(response, 400)
        assert list((tmp_path / "outside").iterdir()) == []

    serve(tmp_path, scenario)


def test_a_file_that_nodes_name_is_kept(tmp_path: Path) -> None:
    reader = {"type": "can/decode", "database": "${FOLDER:-dbc}/own.dbc"}
    flow = {**TICK, "name": "reader", "nodes": {"decode": reader}, "wires": []}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/reader/files/dbc/own.dbc", data=DBC) as response:
            assert response.status == 201
        async with http.put("/api/flows/reader", json=flow) as response:
            assert response.status == 201
        async with http.delete("/api/flows/tick/files/dbc/own.dbc") as response:
            refusal = await problem_of(response, 409)
        assert refusal["uses"] == [
            {"flow": "reader", "place": "nodes.decode.database", "node": "decode"}
        ]
        assert (tmp_path / "flows/dbc/own.dbc").read_bytes() == DBC

    serve(tmp_path, scenario)


def test_a_file_that_a_running_flow_names_is_kept(tmp_path: Path) -> None:
    reader = {"type": "can/decode", "database": "own.dbc"}
    flow = {**TICK, "name": "reader", "nodes": {"decode": reader}, "wires": []}
    empty = {**flow, "nodes": {}}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/reader/files/own.dbc", data=DBC) as response:
            assert response.status == 201
        async with http.put("/api/flows/reader", json=flow) as response:
            assert response.status == 201
        async with http.post("/api/flows/reader/deploy") as response:
            assert response.status == 200
        async with http.put("/api/flows/reader", json=empty, headers={"If-Match": "*"}) as response:
            assert response.status == 200
        async with http.delete("/api/flows/reader/files/own.dbc") as response:
            assert [row["flow"] for row in (await problem_of(response, 409))["uses"]] == ["reader"]

    serve(tmp_path, scenario)


@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_a_file_over_the_limit_is_refused(tmp_path: Path, told: bool) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = bytes(16 * 1024**2 + 1)

        async def parts() -> Any:
            yield data

        body = BytesIO(data) if told else parts()
        async with http.put("/api/flows/tick/files/big.csv", data=body) as response:
            assert "16 MB at most" in (await problem_of(response, 413))["detail"]
        assert not (tmp_path / "flows/big.csv").exists()

    serve(tmp_path, scenario)


def test_the_largest_file_fits(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = bytes(16 * 1024**2)
        async with http.put("/api/flows/tick/files/big.csv", data=BytesIO(data)) as response:
            assert (response.status, (await response.json())["bytes"]) == (201, len(data))

    serve(tmp_path, scenario)


def test_the_files_of_a_folder_have_a_limit_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowrt.web.files.MOST_DATA", 1024**2)

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        half = bytes(600_000)
        for status in (201, 200):  # one that takes the place of itself counts once
            async with http.put("/api/flows/tick/files/a.csv", data=half) as response:
                assert response.status == status
        async with http.put("/api/flows/tick/files/b.csv", data=half) as response:
            detail = (await problem_of(response, 413))["detail"]
        assert "may have 1 MB in all, these would have 1.1 MB" in detail
        assert not (tmp_path / "flows" / "b.csv").exists()

    serve(tmp_path, scenario)


def test_a_flows_name_has_no_line_end(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tock%0A/files/a.csv", data=b"1") as response:
            assert "cannot be a flow's name" in (await problem_of(response, 400))["detail"]

    serve(tmp_path, scenario)
