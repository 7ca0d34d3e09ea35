"""The history over the API."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import document, problem_of, serve

TICK = document(
    "tick",
    {
        "inject": {
            "type": "core/inject",
            "values": {"SOC": 50.5},
            "source": "State",
            "every": "100 ms",
        },
        "show": {"type": "core/debug", "to": "none"},
    },
    "inject show",
)
SOC = {"node": "inject", "port": "out", "signal": "State.SOC"}


def test_a_flow_has_a_history_of_its_signals(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with asyncio.timeout(10):
            while True:
                async with http.get("/api/flows/tick/history") as response:
                    listed = await response.json()
                if listed["series"]:
                    break
                await asyncio.sleep(0.05)
        assert SOC in listed["series"]
        assert listed["refused"] == 0
        async with http.get("/api/flows/tick/history", params={**SOC, "seconds": 10}) as response:
            series = await response.json()
        assert series["step"] == 1.0
        assert series["values"][-1] == 50.5
        assert time.time() - 5 < series["start"] <= time.time()

    serve(tmp_path, scenario, TICK)


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("tock/history", 404, 'no flow "tock"'),
        ("tick/history?node=inject", 400, "port and signal must be given, too"),
        ("tick/history?node=inject&port=out&signal=SOH", 404, 'no history of "SOH"'),
        ("tick/history?node=a&port=b&signal=c&seconds=3601", 400, "from 1 to 3600"),
    ],
)
def test_what_cannot_be_shown_is_told(path: str, status: int, told: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get(f"/api/flows/{path}") as response:
            assert response.status == status
            assert told in (await problem_of(response))["detail"]

    serve(tmp_path, scenario, TICK)
