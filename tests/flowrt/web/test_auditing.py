"""What is done over the API stands in the audit log when the answer comes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from flowrt.accounts.accounts import Accounts
from flowrt.accounts.role import Role
from flowrt.audit import records, verify
from flowrt.message import Event
from flowrt.running.engine import Engine
from flowrt.web.access import ACCESS
from flowrt.web.auditing import UNTOLD, WORDS
from tests.support.command import flowrt
from tests.support.gateway import answer, document, flow_file, problem_of, serve, token, until
from tests.support.modbus import device

PASSWORD = "blue tram over nine hills"


def noted(folder: Path) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for record in records(folder / "data" / "audit"):
        assert record["details"].pop("at") == "127.0.0.1"
        found.append((record["who"], record["what"], record["details"]))
    return found


def test_every_route_that_changes_something_is_told_or_named_as_not_worth_it() -> None:
    changing = {route for route in ACCESS if not route.startswith("GET ")}
    assert changing == WORDS.keys() | UNTOLD
    assert not WORDS.keys() & UNTOLD


def test_deploys_and_acknowledgements_are_told_with_what_they_did(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, engine: Engine) -> None:
        key = token(tmp_path, "integrator")
        engine.watch.events("tick", [Event(0.0, "State", "low", "raised")], "inject")
        async with http.post("/api/flows/tick/deploy", headers=key) as response:
            revision = (await answer(response))["revision"]
        who = "integrator-0 (token)"
        assert noted(tmp_path) == [(who, "deploy", {"name": "tick", "revision": revision})]
        alarm = {"flow": "tick", "source": "State", "name": "low"}
        async with http.post("/api/alarms/acknowledge", json=alarm, headers=key) as response:
            assert response.status == 204
        async with http.post("/api/flows/tock/deploy", headers=key) as response:
            await problem_of(response, 404)
        assert noted(tmp_path)[1:] == [
            (who, "alarm acknowledged", alarm),
            (who, "deploy", {"name": "tock", "failed": 404}),
        ]

    serve(tmp_path, scenario, guarded=True)


def test_what_somebody_may_not_is_told_and_looking_is_not(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        key = token(tmp_path, "viewer")
        async with http.post("/api/flows/tick/stop", headers=key) as response:
            await problem_of(response, 403)
        async with http.get("/api/flows", headers=key) as response:
            await answer(response)
        async with http.post("/api/flows/tick/stop") as response:
            await problem_of(response, 401)
        assert noted(tmp_path) == [("viewer-0 (token)", "stop", {"name": "tick", "failed": 403})]

    serve(tmp_path, scenario, guarded=True)


def test_logins_are_told_also_wrong_ones_and_no_password(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        accounts = Accounts.of(tmp_path / "data")
        accounts.first()
        code = accounts.add("ana", Role.VIEWER)
        body = {"invite": code, "password": PASSWORD}
        async with http.post("/api/invite", json=body) as response:
            await answer(response)
        for password, status in (("wrong wrong wrong", 401), (PASSWORD, 200)):
            body = {"user": "ana", "password": password}
            async with http.post("/api/login", json=body) as response:
                assert response.status == status
        assert noted(tmp_path) == [
            ("ana", "password set by a link", {}),
            ("ana", "wrong password", {"untold": 0}),
            ("ana", "login", {}),
        ]

    serve(tmp_path, scenario, guarded=True)
    log = (tmp_path / "data" / "audit" / "000001.jsonl").read_text()
    assert "wrong wrong" not in log
    assert PASSWORD not in log
    assert verify(tmp_path / "data" / "audit").problems == []


def test_an_administrator_reads_it_and_a_shell_checks_it(tmp_path: Path) -> None:
    async def scenario(http: ClientSession, _engine: Engine) -> None:
        async with http.post("/api/flows/tick/stop") as response:
            await answer(response)
        async with http.get("/api/audit?limit=1") as response:
            (record,) = await answer(response)
        assert (record["who"], record["what"]) == ("anybody", "stop")
        assert record["details"] == {"at": "127.0.0.1", "name": "tick"}

    serve(tmp_path, scenario)
    data = tmp_path / "data"
    shown = flowrt("audit", "show", "--data", data)
    assert "anybody" in shown.stdout
    assert "name=tick" in shown.stdout
    checked = flowrt("audit", "verify", "--data", data)
    assert (checked.returncode, checked.stdout[:9]) == (0, "1 records")
    file = data / "audit" / "000001.jsonl"
    file.write_bytes(file.read_bytes().replace(b"anybody", b"nobody!"))
    checked = flowrt("audit", "verify", "--data", data)
    assert checked.returncode == 1
    assert "000001.jsonl: line 1 was changed" in checked.stderr


def test_a_set_point_that_a_flow_writes_is_told(tmp_path: Path) -> None:
    async def scenario(_http: ClientSession, engine: Engine) -> None:
        async with device() as inverter:
            link = {"type": "modbus/link", "host": "127.0.0.1", "port": inverter.port}
            registers = [{"address": 3, "signal": "Charge"}]
            nodes = {
                "inject": {"type": "core/inject", "values": {"Charge": 12}},
                "write": {"type": "modbus/write", "link": "pcs", "unit": 1, "registers": registers},
            }
            flow = document("pcs", nodes, "inject write", resources={"pcs": link})
            file = flow_file(tmp_path, "pcs.json")
            file.write_text(json.dumps(flow))
            await engine.start_files([file])
            await until(lambda: inverter.registers[3] == 12)
            folder = tmp_path / "data" / "audit"
            await until(lambda: any(one["what"] == "set-point written" for one in records(folder)))
            (record,) = records(folder)
            assert record["who"] == "flow pcs"
            assert record["details"] == {"node": "write", "set_point": "Charge", "value": 12.0}
            await engine.stop("pcs")

    serve(tmp_path, scenario)
