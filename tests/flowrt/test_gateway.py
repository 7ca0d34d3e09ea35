"""Flows on disk and running: what a boot starts and keeps, and what a full disk may not stop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flowrt.errors import WrongState
from flowrt.files.revisions import revision_id
from flowrt.files.store import NotFound, Store
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from tests.support.gateway import TICK

GUARD = {"flowrt": 1, "name": "guard", "parameters": {"limit": {}}, "nodes": {}}
CHANGED = {**TICK, "description": "changed by hand"}


def boot(folder: Path, scenario: Callable[[Gateway, list[str]], Awaitable[None]]) -> None:
    """Boot a gateway on the flows of a folder."""

    async def run() -> None:
        gateway = Gateway(Engine(folder / "data"), Store((folder,)))
        try:
            await scenario(gateway, await gateway.boot())
        finally:
            await gateway.engine.stop_all()

    asyncio.run(run())


def write(folder: Path, *flows: dict[str, object]) -> None:
    for flow in flows:
        (folder / f"{flow['name']}.json").write_text(json.dumps(flow))


def test_a_boot_keeps_what_came_as_a_file_once(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        seen.append([(one.id, one.author) for one in gateway.revisions.of("tick")])

    seen: list[list[tuple[str, str]]] = []
    write(tmp_path, TICK, GUARD)
    boot(tmp_path, scenario)
    boot(tmp_path, scenario)
    write(tmp_path, CHANGED)
    boot(tmp_path, scenario)
    first, changed = (revision_id(TICK), "file"), (revision_id(CHANGED), "file")
    assert seen == [[first], [first], [changed, first]]
    assert not (tmp_path / "data" / "revisions" / "guard").exists()


def test_a_stopped_flow_stays_stopped_until_it_is_started(tmp_path: Path) -> None:
    async def stop(gateway: Gateway, stopped: list[str]) -> None:
        assert (stopped, set(gateway.engine.flows)) == ([], {"tick"})
        await gateway.stop("tick")
        await gateway.stop("tick")

    async def start(gateway: Gateway, stopped: list[str]) -> None:
        assert (stopped, set(gateway.engine.flows)) == (["tick"], set())
        await gateway.start("tick")
        await gateway.start("tick")

    write(tmp_path, TICK)
    boot(tmp_path, stop)
    boot(tmp_path, start)
    boot(tmp_path, stop)


def test_a_deploy_starts_a_stopped_flow_for_good(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        await gateway.stop("tick")
        await gateway.deploy("tick", author="ana", note="")
        assert set(gateway.engine.flows) == {"tick"}
        assert gateway.stopped.names() == frozenset()

    write(tmp_path, TICK)
    boot(tmp_path, scenario)


def test_deploys_at_the_same_time_leave_one_flow_running(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        deploys = (gateway.deploy("tick", author="ana", note=str(n)) for n in range(3))
        await asyncio.gather(*deploys)
        tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("tick.show")]
        assert len(tasks) == 1
        assert [one.note for one in gateway.revisions.of("tick")] == ["2", "1", "0", ""]

    write(tmp_path, TICK)
    boot(tmp_path, scenario)


def test_a_disk_that_takes_nothing_keeps_no_flow_from_running_or_stopping(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        assert await gateway.deploy("tick", author="ana", note="") is None
        assert set(gateway.engine.flows) == {"tick"}
        await gateway.stop("tick")
        assert gateway.engine.flows == {}
        assert {news.flow for news in gateway.engine.watch.faults} == {"tick"}

    write(tmp_path, TICK)
    (tmp_path / "data" / "stopped.json").mkdir(parents=True)  # a folder where a file should be
    (tmp_path / "data" / "revisions").write_text("a file where a folder should be")
    boot(tmp_path, scenario)


def test_a_subflow_is_not_run_by_itself(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        for change in (gateway.start("guard"), gateway.deploy("guard", author="", note="")):
            with pytest.raises(WrongState, match='"guard" is a subflow'):
                await change

    write(tmp_path, GUARD)
    boot(tmp_path, scenario)


def test_a_flow_whose_file_was_removed_by_hand_can_be_stopped(tmp_path: Path) -> None:
    async def scenario(gateway: Gateway, _stopped: list[str]) -> None:
        (tmp_path / "tick.json").unlink()
        await gateway.stop("tick")
        assert gateway.engine.flows == {}
        with pytest.raises(NotFound):
            await gateway.stop("tick")

    write(tmp_path, TICK)
    boot(tmp_path, scenario)
