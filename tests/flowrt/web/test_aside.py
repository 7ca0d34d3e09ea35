"""Work in a child process: one at once, bounded, modest, and over when nobody wants it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import psutil
from aiohttp import ClientSession, web

from flowrt.files.store import Store
from flowrt.running.engine import Engine
from flowrt.web.app import Server
from flowrt.web.aside import Aside
from flowrt.web.doors import Doors
from tests.support.gateway import TICK, problem_of, serve

URL = "/api/flows/tick/tests"
_BUSY = {"inject": {**TICK["nodes"]["inject"], "every": "1 ms"}, "show": TICK["nodes"]["show"]}
ENDLESS: dict[str, Any] = {
    "document": {**TICK, "nodes": _BUSY},
    "tests": [
        {"name": "x", "given": [], "until": "100 d", "expect": [{"port": "show", "count": 1}]}
    ],
}


def does_a_job(process: psutil.Process) -> bool:
    try:
        return "flowrt.jobs.job" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def children() -> list[psutil.Process]:
    """The child processes that do a job; other tests may have children of their own."""
    return [process for process in psutil.Process().children() if does_a_job(process)]


async def child() -> psutil.Process:
    """The one child process, as soon as it is modest: then it has begun its work."""
    while True:
        for process in children():
            if process.nice() == 10:
                return process
        await asyncio.sleep(0.01)


async def no_child() -> None:
    while children():
        await asyncio.sleep(0.01)


def jobs(folder: Path) -> int:
    aside = folder / "data" / "aside"
    return len(list(aside.iterdir())) if aside.exists() else 0


def test_a_client_that_leaves_takes_its_job_along(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        asking = asyncio.create_task(http.post(URL, json=ENDLESS))
        await child()
        asking.cancel()
        await no_child()
        while jobs(tmp_path):
            await asyncio.sleep(0.01)

    serve(tmp_path, scenario)


def test_one_works_four_wait_and_more_are_refused(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        asking = [asyncio.create_task(http.post(URL, json=ENDLESS)) for _ in range(5)]
        while jobs(tmp_path) < 5:
            await asyncio.sleep(0.01)
        await child()
        assert len(children()) == 1
        async with http.post(URL, json=ENDLESS) as response:
            assert "Try again" in (await problem_of(response, 503))["detail"]
            assert response.headers["Retry-After"] == "60"
        for one in asking:
            one.cancel()
        while jobs(tmp_path):
            await asyncio.sleep(0.01)
        async with http.post(URL, json={**ENDLESS, "tests": {"tests": []}}) as response:
            await problem_of(response, 422)

    serve(tmp_path, scenario)


def test_a_child_that_is_killed_is_told(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        asking = asyncio.create_task(http.post(URL, json=ENDLESS))
        (await child()).kill()
        async with await asking as response:
            assert "broke down" in (await problem_of(response, 500))["detail"]

    serve(tmp_path, scenario)


def test_a_server_that_stops_does_not_wait_for_a_job(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        doors = Doors.of(tmp_path, is_open=True)
        other = Server(Engine(tmp_path / "other"), Store((tmp_path / "flows",)), doors)
        await other.start()
        asking = asyncio.create_task(http.post(f"{other.url}{URL}", json=ENDLESS))
        await child()
        async with asyncio.timeout(5):
            await other.stop()
            await no_child()
        async with await asking as response:
            await problem_of(response, 503)

    serve(tmp_path, scenario)


def test_a_job_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    aside = Aside(tmp_path / "aside", time_limit=1.0)
    (tmp_path / "tick.json").write_text("{}")
    job = {"kind": "tests", "file": str(tmp_path / "tick.json"), **ENDLESS}
    job["tests"] = {"tests": ENDLESS["tests"]}

    async def handler(request: web.Request) -> web.Response:
        async with aside.place() as folder:
            return web.Response(body=await aside.run(folder, job, request))

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/", handler)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with (
            ClientSession() as http,
            http.post(f"http://127.0.0.1:{runner.addresses[0][1]}/") as response,
        ):
            assert response.status == 504
            assert "more than 1 s" in await response.text()
        await no_child()
        await runner.cleanup()

    asyncio.run(run())


def test_what_a_crash_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / "data" / "aside" / "left"
    left.mkdir(parents=True)

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post(URL, json={"tests": {}}) as response:
            await problem_of(response, 422)
        assert not left.exists()

    serve(tmp_path, scenario)
