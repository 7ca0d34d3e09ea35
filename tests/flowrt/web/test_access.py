"""Every route, tried by every role and by nobody, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from flowrt.accounts.role import Role
from flowrt.files.store import Store
from flowrt.running.engine import Engine
from flowrt.web.access import ACCESS, UNSCOPED, unlisted
from flowrt.web.app import make_app
from flowrt.web.doors import Doors
from tests.support.gateway import problem_of, serve, token

NOBODY = "nobody"
NAMES = {"name": "tick", "id": "inject", "path": "x.csv"}
ALARM = {"flow": "tick", "source": "", "name": "x"}
ANSWERS_NOW = 20


def allowed(route: str, role: str) -> bool:
    needed = ACCESS[route]
    return needed is None or (role != NOBODY and Role.named(role) >= needed)


def tries() -> Iterator[tuple[str, str]]:
    """Every route with every role; what changes the flow comes after what needs it."""
    routes = sorted(ACCESS, key=lambda route: route.startswith(("DELETE", "POST /api/logout")))
    for role in (NOBODY, *map(str, Role)):
        for route in routes:
            yield route, role


async def status_of(http: ClientSession, route: str, headers: dict[str, str]) -> int:
    method, path = route.split(" ")
    address = path.format(**NAMES)
    if path == "/{name}":
        address = "/icon.svg"
    if path == "/api/live" and headers.get("Authorization"):
        headers = {**headers, "Connection": "Upgrade", "Upgrade": "websocket"}
    body = ALARM if path.endswith(("acknowledge", "unshelve")) else None
    async with asyncio.timeout(ANSWERS_NOW):
        async with http.request(method, address, headers=headers, json=body) as response:
            if response.status in (401, 403):
                await problem_of(response)
            return response.status


def test_every_route_asks_for_its_role_and_lets_it_in(tmp_path: Path) -> None:
    wrong: list[tuple[str, str, int]] = []

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        keys = {str(role): token(tmp_path, str(role)) for role in Role}
        for route, role in tries():
            status = await status_of(http, route, keys.get(role, {}))
            wanted = 401 if role == NOBODY else 403
            is_login = route in ("POST /api/login", "POST /api/invite")
            refused = status in (401, 403) and not (is_login and status == 400)
            if refused is allowed(route, role) or (refused and status != wanted):
                wrong.append((route, role, status))

    serve(tmp_path, scenario, guarded=True)
    assert wrong == []
    assert len(list(tries())) == 5 * len(ACCESS)


def test_a_route_that_the_table_forgot_keeps_the_server_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowrt.web.access.ACCESS", {**ACCESS, "GET /api/gone": None})
    with pytest.raises(RuntimeError, match=r"access\.py and the routes differ: GET /api/gone"):
        make_app(Engine(tmp_path), Store((tmp_path,)), Doors.of(tmp_path))

    async def handler(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/api/new", handler)
    assert "GET /api/new" in unlisted(app)


def test_head_needs_what_get_does(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.head("/api/flows") as response:
            assert response.status == 401
        async with http.head("/api/flows", headers=token(tmp_path, "viewer")) as response:
            assert response.status == 200
        async with http.head("/healthz") as response:
            assert response.status == 200

    serve(tmp_path, scenario, guarded=True)


@pytest.mark.parametrize("path", ["/api/nothing", "/api/flows/tick/nothing", "/../etc/passwd"])
def test_what_is_not_there_tells_nobody_anything(path: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get(path) as response:
            await problem_of(response, 404)

    serve(tmp_path, scenario, guarded=True)


def test_a_token_for_one_flow_reaches_no_other(tmp_path: Path) -> None:
    wrong: list[tuple[str, int]] = []

    async def scenario(http: ClientSession, _engine: Engine) -> None:
        key = token(tmp_path, "administrator", "tock")
        for route, role in ACCESS.items():
            if role is not None:
                status = await status_of(http, route, key)
                if (status == 403) is (route in UNSCOPED):
                    wrong.append((route, status))
        async with http.get("/api/flows/tock", headers=key) as response:
            await problem_of(response, 404)  # there is none, but it may look

    serve(tmp_path, scenario, guarded=True)
    assert wrong == []


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer x", "Basic YTpi", "bearer \0", "Bearer " + "x" * 4000]
)
def test_a_token_that_is_none_is_refused(header: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        try:
            async with http.get("/api/flows", headers={"Authorization": header}) as response:
                assert response.status in (400, 401)
        except ValueError:
            assert "\0" in header  # the client does not send it

    serve(tmp_path, scenario, guarded=True)
