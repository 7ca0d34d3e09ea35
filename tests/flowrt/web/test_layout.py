"""Layouts over the API: stored beside the flow, bounded, and never a flow."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import answer, flow_file, problem_of, serve

LAYOUT = {"nodes": {"inject": {"x": 10, "y": -20.5}}, "notes": [{"text": "Grüße"}], "pins": []}


def test_a_layout_is_kept_beside_the_flow(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/layout", json=LAYOUT) as response:
            assert (response.status, await response.read()) == (204, b"")
        async with http.get("/api/flows/tick/layout") as response:
            assert await answer(response) == LAYOUT
        async with http.get("/api/flows") as response:
            assert [flow["name"] for flow in await answer(response)] == ["tick"]

    serve(tmp_path, scenario)
    assert json.loads((tmp_path / "flows" / "tick.layout.json").read_text()) == LAYOUT


def test_a_flow_that_was_never_drawn_has_an_empty_layout(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/flows/tick/layout") as response:
            assert await answer(response) == {}

    serve(tmp_path, scenario)


def test_a_layout_goes_with_its_flow(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/layout", json=LAYOUT) as response:
            assert response.status == 204
        async with http.delete("/api/flows/tick") as response:
            assert response.status == 204

    serve(tmp_path, scenario)
    assert list((tmp_path / "flows").glob("*.json")) == []


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_the_layout_of_an_unknown_flow_is_not_found(method: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.request(method, "/api/flows/tock/layout", json={}) as response:
            assert (await problem_of(response, 404))["detail"] == 'there is no flow "tock".'

    serve(tmp_path, scenario)
    assert not (tmp_path / "flows" / "tock.layout.json").exists()


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b"[]", 400, "must be a JSON object such as {}, not list"),
        (b'{"nodes": ', 400, "is not JSON"),
        (b"", 400, "is not JSON"),
        (b'{"a":' * 300 + b"1" + b"}" * 300, 400, "cannot be stored: Recursion limit reached"),
        (json.dumps({"text": "x" * 1024**2}).encode(), 413, "1,024 kB at most"),
    ],
)
def test_what_is_no_layout_is_refused_in_words(
    body: bytes, status: int, says: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/layout", data=BytesIO(body)) as response:
            assert says in (await problem_of(response, status))["detail"]

    serve(tmp_path, scenario)
    assert not (tmp_path / "flows" / "tick.layout.json").exists()


def test_a_disk_that_refuses_is_told(tmp_path: Path) -> None:
    flow_file(tmp_path, "tick.layout.json").mkdir()  # a folder where the file should be

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/tick/layout", json=LAYOUT) as response:
            body = await problem_of(response, 500)
        assert (body["title"], "Is a directory" in body["detail"]) == ("The disk refuses", True)

    serve(tmp_path, scenario)
