"""Large answers of text come compressed to clients that ask for it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import serve


@pytest.mark.parametrize(
    ("asked", "packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("gzip;q=0", False), ("identity", False)],
)
def test_node_types_are_compressed_as_the_client_wants(
    tmp_path: Path, asked: str, packed: bool
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/nodes", headers={"Accept-Encoding": asked}) as response:
            assert response.headers["Vary"] == "Accept-Encoding"
            assert ("Content-Encoding" in response.headers) is packed
            body = await response.read()
        types = json.loads(gzip.decompress(body) if packed else body)
        assert "core/inject" in {one["type"] for one in types}

    serve(tmp_path, scenario)


def test_a_small_answer_goes_as_it_is(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/healthz", headers={"Accept-Encoding": "gzip"}) as response:
            assert "Content-Encoding" not in response.headers
            assert await response.json() == {"status": "ok"}

    serve(tmp_path, scenario)


def test_a_compressed_flow_keeps_its_tag(tmp_path: Path) -> None:
    long = {"flowrt": 1, "name": "long", "description": "x" * 2000, "nodes": {}, "wires": []}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/long", json=long) as response:
            tag = response.headers["ETag"]
        async with http.get("/api/flows/long", headers={"Accept-Encoding": "gzip"}) as response:
            assert (response.headers["Content-Encoding"], response.headers["ETag"]) == ("gzip", tag)
        async with http.put("/api/flows/long", json=long, headers={"If-Match": tag}) as response:
            assert response.status == 200

    serve(tmp_path, scenario)
