"""Tests and replays over the API, against stored flows and drafts."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, FormData

from flowrt.jobs.job import MOST_RECORDS
from flowrt.running.engine import Engine
from tests.support.gateway import TICK, problem_of, serve

URL = "/api/flows/tick/tests"
READER: dict[str, Any] = {
    "flowrt": 1,
    "name": "reader",
    "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "none"}},
    "nodes": {
        "frames": {"type": "can/receive", "bus": "bus"},
        "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
        "show": {"type": "core/debug", "to": "none"},
    },
    "wires": [{"from": "frames", "to": "decode"}, {"from": "decode", "to": "show"}],
}


def wanting(count: int) -> dict[str, Any]:
    entry = {"name": "as many", "given": [], "expect": [{"port": "show", "count": count}]}
    return {"flowrt": 1, "tests": [entry]}


def form(log: bytes, name: str, document: Any = None) -> FormData:
    data = FormData()
    if document is not None:
        data.add_field("document", json.dumps(document))
    data.add_field("log", BytesIO(log), filename=name)
    return data


def candump(frames: int) -> bytes:
    lines = (f"({100 + index / 10:.6f}) can0 355#5A006400\n" for index in range(frames))
    return "".join(lines).encode()


def test_the_stored_tests_run_against_a_draft(tmp_path: Path) -> None:
    silent = {**TICK, "wires": []}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put(URL, json=wanting(1)) as response:
            assert response.status == 201
        async with http.post(URL) as response:
            answer = await response.json()
            assert (answer["passed"], answer["tests"][0]["error"]) == (True, None)
        async with http.post(URL, json={"document": silent}) as response:
            answer = await response.json()
        assert answer["passed"] is False
        (outcome,) = answer["tests"]
        assert (outcome["name"], outcome["passed"], outcome["given"]) == ("as many", False, 0)
        (failure,) = outcome["failures"]
        assert (failure["node"], failure["wanted"]) == ("show", "1 messages")
        assert failure["sentence"].startswith("at show.in: wanted 1 messages")

    serve(tmp_path, scenario)


def test_a_flow_and_tests_that_are_not_stored_run(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        body = {"document": {**TICK, "name": "draft"}, "tests": wanting(1)["tests"]}
        async with http.post("/api/flows/draft/tests", json=body) as response:
            assert (response.status, (await response.json())["passed"]) == (200, True)
        async with http.post("/api/flows/draft/tests", json={"tests": body["tests"]}) as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario)


def test_a_draft_with_problems_fails_its_tests_with_the_reason(tmp_path: Path) -> None:
    broken = {**TICK, "wires": [{"from": "inject", "to": "shw"}]}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        body = {"document": broken, "tests": wanting(1)}
        async with http.post(URL, json=body) as response:
            (outcome,) = (await response.json())["tests"]
        assert 'there is no node "shw"' in outcome["error"]

    serve(tmp_path, scenario)


def test_tests_are_stored_read_changed_and_removed(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get(URL) as response:
            assert await response.json() == {}
        async with http.put(URL, json=wanting(1)) as response:
            tag = response.headers["ETag"]
        async with http.get(URL) as response:
            assert (response.headers["ETag"], await response.json()) == (tag, wanting(1))
        async with http.put(URL, json=wanting(2), headers={"If-Match": tag}) as response:
            assert response.status == 200
        async with http.put(URL, json=wanting(3), headers={"If-Match": tag}) as response:
            await problem_of(response, 412)
        async with http.put(URL, json={}) as response:
            assert response.status == 200
        assert not (tmp_path / "flows" / "tick.test.json").exists()

    serve(tmp_path, scenario)


def test_tests_with_problems_are_not_stored_nor_run(tmp_path: Path) -> None:
    wrong = {"tests": [{"name": "x", "given": [], "expct": []}]}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put(URL, json=wrong) as response:
            rows = (await problem_of(response, 422))["problems"]
        assert "tests[0].expct" in {row["place"] for row in rows}
        async with http.post(URL, json={"tests": wrong}) as response:
            assert (await problem_of(response, 422))["problems"] == rows
        async with http.post(URL) as response:
            assert "is missing" in (await problem_of(response, 400))["detail"]

    serve(tmp_path, scenario)


def test_a_log_is_replayed_through_a_draft(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = form(candump(3), "field trip.LOG", READER)
        async with http.post("/api/flows/reader/replay", data=data) as response:
            assert response.status == 200
            answer = await response.json()
        assert answer["summary"]["frames_fed"] == 3
        assert (answer["recorded"], answer["cut"]) == (3, False)
        assert (answer["first"], answer["last"]) == (100.0, 100.2)
        assert answer["records"][0] == {
            "node": "show",
            "port": "in",
            "kind": "signals",
            "time": 100.0,
            "source": "State",
            "values": {"SOC": 90, "SOH": 100},
        }

    serve(tmp_path, scenario)


def test_a_long_record_is_cut(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.put("/api/flows/reader", json=READER) as response:
            assert response.status == 201
        data = form(candump(MOST_RECORDS + 1), "x.log")
        async with http.post("/api/flows/reader/replay", data=data) as response:
            answer = await response.json()
        assert (answer["recorded"], answer["cut"]) == (MOST_RECORDS + 1, True)
        assert [record["time"] for record in answer["records"][:2]] == [100.0, 100.1]
        assert len(answer["records"]) == MOST_RECORDS

    serve(tmp_path, scenario)


@pytest.mark.parametrize(
    ("log", "name", "words"),
    [
        (b"nothing", "x.xyz", "x.xyz has no known kind of log"),
        (b"\x00\xff" * 100, "broken.blf", "broken.blf cannot be read as a log"),
        (b"nothing", "../../etc/passwd", "passwd has no known kind of log"),
    ],
)
def test_a_log_that_cannot_be_read_is_told_by_its_own_name(
    tmp_path: Path, log: bytes, name: str, words: str
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = form(log, name, READER)
        async with http.post("/api/flows/reader/replay", data=data) as response:
            detail = (await problem_of(response, 400))["detail"]
        assert words in detail
        assert str(tmp_path) not in detail

    serve(tmp_path, scenario)


def test_a_draft_with_problems_is_not_replayed(tmp_path: Path) -> None:
    broken = {**READER, "wires": [{"from": "frames", "to": "shw"}]}

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = form(candump(1), "x.log", broken)
        async with http.post("/api/flows/reader/replay", data=data) as response:
            rows = (await problem_of(response, 422))["problems"]
        assert [row["place"] for row in rows] == ["wires[0].to"]

    serve(tmp_path, scenario)


def test_a_form_without_log_or_no_form_is_refused(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        url = "/api/flows/tick/replay"
        async with http.post(url, json={}) as response:
            await problem_of(response, 415)
        with_nothing = FormData({"document": "{}"}, default_to_multipart=True)
        async with http.post(url, data=with_nothing) as response:
            assert "has no log" in (await problem_of(response, 400))["detail"]
        with_more = FormData({"other": "{}"}, default_to_multipart=True)
        async with http.post(url, data=with_more) as response:
            assert "no other" in (await problem_of(response, 400))["detail"]
        head = {"Content-Type": "multipart/form-data; boundary=x"}
        async with http.post(url, data=b"no form", headers=head) as response:
            assert "cannot be read" in (await problem_of(response, 400))["detail"]

    serve(tmp_path, scenario)


def test_a_log_over_the_limit_is_refused(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        data = form(bytes(64 * 1024**2 + 1), "x.log", READER)
        async with http.post("/api/flows/reader/replay", data=data) as response:
            assert "64 MB at most" in (await problem_of(response, 413))["detail"]
        assert list((tmp_path / "data" / "aside").iterdir()) == []

    serve(tmp_path, scenario)
