"""Logging in as a browser does it, and what that session may and may not."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, CookieJar, WSMsgType

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.role import Role
from flowrt.message import Event
from flowrt.running.engine import Engine
from tests.support.gateway import TICK, answer, problem_of, serve, token

WORDS = "blue tram over nine hills"
OTHER = "seven quiet lamps in rain"
NOISY = {
    **TICK,
    "nodes": {**TICK["nodes"], "inject": {**TICK["nodes"]["inject"], "every": "100 ms"}},
}


def user(folder: Path, name: str, role: str = "operator") -> Accounts:
    accounts = Accounts.of(folder / "data")
    if not accounts.users:
        accounts.first()
    accounts.accept(accounts.add(name, Role.named(role)), WORDS)
    return accounts


def browser(http: ClientSession) -> ClientSession:
    """One that keeps cookies of an address without a name."""
    return ClientSession(str(http._base_url), cookie_jar=CookieJar(unsafe=True))


async def log_in(http: ClientSession, name: str, password: str = WORDS) -> dict[str, Any]:
    async with http.post("/api/login", json={"user": name, "password": password}) as response:
        found: dict[str, Any] = await answer(response)
        return found


def test_a_browser_logs_in_and_out(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        async with browser(http) as page:
            assert await log_in(page, "ana") == {"user": "ana", "role": "operator"}
            (cookie,) = page.cookie_jar
            assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
            async with page.get("/api/session") as response:
                assert await answer(response) == {
                    "user": "ana",
                    "role": "operator",
                    "by": "session",
                    "flows": None,
                }
            code = cookie.value
            async with page.post("/api/logout") as response:
                assert response.status == 204
            async with page.get("/api/session") as response:
                await problem_of(response, 401)
            old = {"Cookie": f"{cookie.key}={code}"}
            async with http.get("/api/session", headers=old) as response:
                await problem_of(response, 401)

    serve(tmp_path, scenario, guarded=True)


def test_the_first_link_sets_the_password_and_lets_in(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        accounts = Accounts.of(tmp_path / "data")
        body = {"invite": accounts.first(), "password": WORDS}
        async with browser(http) as page:
            async with page.post("/api/invite", json=body) as response:
                assert await answer(response) == {"user": "admin", "role": "administrator"}
            async with page.get("/api/users") as response:
                assert (await answer(response))["users"] == [
                    {"name": "admin", "role": "administrator", "has_password": True}
                ]
        async with http.post("/api/invite", json=body) as response:
            assert "used already" in (await problem_of(response, 400))["detail"]

    serve(tmp_path, scenario, guarded=True)


@pytest.mark.parametrize(("name", "password"), [("ana", OTHER), ("bob", WORDS), ("", "")])
def test_a_wrong_name_and_a_wrong_password_look_the_same(
    name: str, password: str, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        body = {"user": name, "password": password}
        async with http.post("/api/login", json=body) as response:
            assert (await problem_of(response, 401))["detail"] == "name or password is wrong."
            assert "Set-Cookie" not in response.headers

    serve(tmp_path, scenario, guarded=True)


def test_an_unknown_user_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    accounts = user(tmp_path, "ana")

    def seconds(name: str) -> float:
        begun = time.process_time()
        accounts.verify(name, OTHER)
        return time.process_time() - begun

    known, unknown = (min(seconds(name) for _ in range(3)) for name in ("ana", "nobody"))
    assert 0.5 < known / unknown < 2


def test_guessing_is_slowed_down_also_for_the_right_password(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        statuses = []
        for password in 6 * [OTHER] + [WORDS]:
            body = {"user": "ana", "password": password}
            async with http.post("/api/login", json=body) as response:
                statuses.append(response.status)
        assert statuses[:5] == 5 * [401]
        assert statuses[6] == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 2
        await asyncio.sleep(float(response.headers["Retry-After"]))
        await log_in(http, "ana")

    serve(tmp_path, scenario, guarded=True)


def test_a_crowd_of_logins_is_bounded(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        body = {"user": "ana", "password": WORDS}

        async def attempt() -> int:
            async with http.post("/api/login", json=body) as response:
                return response.status

        statuses = await asyncio.gather(*(attempt() for _ in range(20)))
        assert set(statuses) == {401, 503}
        assert statuses.count(401) == 8

    serve(tmp_path, scenario, guarded=True)


def test_a_new_password_ends_the_other_sessions(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        async with browser(http) as here, browser(http) as elsewhere:
            for page in (here, elsewhere):
                await log_in(page, "ana")
            body = {"old": WORDS, "new": OTHER}
            async with here.put("/api/session/password", json=body) as response:
                await answer(response)
            async with here.get("/api/session") as response:
                await answer(response)
            async with elsewhere.get("/api/session") as response:
                await problem_of(response, 401)
        async with browser(http) as page:
            await log_in(page, "ana", OTHER)

    serve(tmp_path, scenario, guarded=True)


def test_the_old_password_is_needed_for_a_new_one(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        async with browser(http) as page:
            await log_in(page, "ana")
            body = {"old": OTHER, "new": OTHER}
            async with page.put("/api/session/password", json=body) as response:
                await problem_of(response, 401)
        key = token(tmp_path, "viewer")
        async with http.put("/api/session/password", json=body, headers=key) as response:
            assert "came in by a token" in (await problem_of(response, 409))["detail"]

    serve(tmp_path, scenario, guarded=True)


def test_a_restart_logs_nobody_out(tmp_path: Path) -> None:
    kept: dict[str, str] = {}

    async def before(http: ClientSession, _engine: Engine) -> None:
        user(tmp_path, "ana")
        async with browser(http) as page:
            await log_in(page, "ana")
            kept.update({cookie.key: cookie.value for cookie in page.cookie_jar})

    async def after(http: ClientSession, _engine: Engine) -> None:
        header = "; ".join(f"{name}={value}" for name, value in kept.items())
        async with http.get("/api/session", headers={"Cookie": header}) as response:
            assert (await answer(response))["user"] == "ana"

    serve(tmp_path, before, guarded=True)
    serve(tmp_path, after, guarded=True)


def test_the_live_socket_ends_with_the_session(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        accounts = user(tmp_path, "ana")
        async with browser(http) as page:
            await log_in(page, "ana")
            async with page.ws_connect("/api/live") as live:
                await live.receive_json()
                accounts.remove("ana")
                async with asyncio.timeout(10):
                    while (await live.receive()).type is WSMsgType.TEXT:
                        pass
                assert live.close_code == 1008

    serve(tmp_path, scenario, guarded=True)


def test_what_was_done_is_the_accounts_whatever_the_client_says(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        user(tmp_path, "ana", "integrator")
        engine.watch.events("tick", [Event(0.0, "State", "low", "raised")], "inject")
        async with browser(http) as page:
            await log_in(page, "ana")
            async with page.post("/api/flows/tick/deploy", json={"author": "eve"}) as response:
                await answer(response)
            async with page.get("/api/flows/tick/revisions") as response:
                assert (await answer(response))["revisions"][0]["author"] == "ana"
            seen = {"flow": "tick", "source": "State", "name": "low", "by": "eve"}
            async with page.post("/api/alarms/acknowledge", json=seen) as response:
                assert response.status == 204
            async with page.get("/api/alarms") as response:
                assert (await answer(response))[0]["acknowledged"]["by"] == "ana"
        key = token(tmp_path, "integrator")
        async with http.post("/api/flows/tick/rollback", json={"author": "eve"}, headers=key):
            pass
        async with http.post("/api/flows/tick/deploy", headers=key) as response:
            await answer(response)
        async with http.get("/api/flows/tick/revisions", headers=key) as response:
            authors = [row["author"] for row in (await answer(response))["revisions"]]
        assert authors[0] == "integrator-0 (token)"

    serve(tmp_path, scenario, guarded=True)


def test_a_damaged_file_of_accounts_lets_nobody_in_and_flows_run(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        (tmp_path / "data" / "accounts.json").write_text("{")
        for request in (
            http.get("/api/flows", headers={"Authorization": "Bearer flowrt_x_" + "0" * 48}),
            http.post("/api/login", json={"user": "a", "password": "b"}),
        ):
            async with request as response:
                assert "accounts.json" in (await problem_of(response, 503))["detail"]
        async with http.get("/readyz") as response:
            assert response.status == 200
        assert set(engine.flows) == {"tick"}

    serve(tmp_path, scenario, NOISY, guarded=True)


def test_there_is_no_login_where_the_doors_are_open(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/session") as response:
            found = await answer(response)
            assert (found["role"], found["by"]) == ("administrator", "open")
        async with http.post("/api/login", json={"user": "a", "password": "b"}) as response:
            assert "--open" in (await problem_of(response, 409))["detail"]

    serve(tmp_path, scenario)


# --- where a request comes from


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8420", "10.0.0.7", "[x"])
def test_open_doors_are_for_names_of_this_machine_only(host: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/state", headers={"Host": host}) as response:
            assert response.status in (400, 403)

    serve(tmp_path, scenario)


@pytest.mark.parametrize("host", ["localhost", "localhost:1234", "127.0.0.1", "[::1]:8420"])
def test_names_of_this_machine_are_let_in(host: str, tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.get("/api/state", headers={"Host": host}) as response:
            assert response.status == 200

    serve(tmp_path, scenario)


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_sites_pages_change_and_watch_nothing(
    headers: dict[str, str], guarded: bool, tmp_path: Path
) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/tick/stop", headers=headers) as response:
            await problem_of(response, 403)
        socket = {**headers, "Connection": "Upgrade", "Upgrade": "websocket"}
        async with http.get("/api/live", headers=socket) as response:
            await problem_of(response, 403)

    serve(tmp_path, scenario, guarded=guarded)
