"""The last log lines over the API."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from flowrt.running.engine import Engine
from tests.support.gateway import problem_of, serve


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    before = logging.getLogger().level
    logging.getLogger().setLevel(logging.INFO)
    yield
    logging.getLogger().setLevel(before)


def test_lines_tell_flow_level_and_the_steps_of_a_deploy(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        first = await (await http.get("/api/logs?flow=tick")).json()
        assert [line["message"] for line in first["lines"]] == ["running"]
        await http.post("/api/flows/tick/deploy")
        later = await (await http.get(f"/api/logs?flow=tick&after={first['next']}")).json()
        steps = [line["step"] for line in later["lines"] if "step" in line]
        assert (steps[0], steps[-1]) == ("check", "done")
        assert (later["boot"], later["missed"]) == (first["boot"], 0)
        warnings = await (await http.get("/api/logs?flow=tick&level=warning")).json()
        assert warnings["lines"] == []

    serve(tmp_path, scenario)


@pytest.mark.parametrize("query", ["level=loud", "after=-1", "after=x", "limit=0"])
def test_what_cannot_be_understood_is_refused(query: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        name = query.partition("=")[0]
        refusal = await problem_of(await http.get(f"/api/logs?{query}"), 400)
        assert refusal["detail"].startswith(f"{name} is ")

    serve(tmp_path, scenario)


def test_nobody_listens_once_the_server_has_ended(tmp_path: Path) -> None:
    async def scenario(_http: ClientSession, _engine: Engine) -> None:
        assert len(logging.getLogger().handlers) == before + 1

    before = len(logging.getLogger().handlers)
    serve(tmp_path, scenario)
    assert len(logging.getLogger().handlers) == before
