"""Deploys that go back by themselves: why, what then runs, what is on disk, what is not lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import can  # noqa: F401  loaded before the clock runs
import pytest

from flowrt.deploy.wishes import Wishes
from flowrt.errors import RolledBack, TestsFailed
from flowrt.files.revisions import revision_id
from flowrt.files.store import Store
from flowrt.gateway import Gateway
from flowrt.running.engine import Engine
from tests.support.gateway import document, until

SLOW = Wishes(health_seconds=20.0)
GOOD = document(
    "rack",
    {
        "tick": {"type": "core/inject", "values": {"SOC": 50}, "every": "5 ms"},
        "sum": {"type": "logic/change", "compute": {"half": "SOC / 2"}},
        "record": {"type": "storage/jsonl", "file": "record.jsonl", "flush_every": "50 ms"},
    },
    "tick sum",
    "sum record",
)


def changed(**nodes: Any) -> dict[str, Any]:
    return {**GOOD, "nodes": {**GOOD["nodes"], **nodes}}


RAISES = changed(sum={**GOOD["nodes"]["sum"], "compute": {"half": "SOC / (SOC - 50)"}})
NO_BUS = {
    **changed(frames={"type": "can/receive", "bus": "bus"}),
    "resources": {"bus": {"type": "can/bus", "interface": "socketcan", "channel": "none9"}},
}


def gateway(
    folder: Path, scenario: Callable[[Gateway], Awaitable[None]], first: dict[str, Any] = GOOD
) -> None:
    """Run a scenario on a gateway that runs a flow."""

    async def run() -> None:
        write(folder, first)
        made = Gateway(Engine(folder / "data"), Store((folder,)))
        await made.boot()
        try:
            await scenario(made)
        finally:
            await made.engine.stop_all()

    asyncio.run(run())


def write(folder: Path, flow: dict[str, Any], tests: list[Any] | None = None) -> None:
    (folder / "rack.json").write_text(json.dumps(flow))
    if tests is not None:
        (folder / "rack.test.json").write_text(json.dumps({"flowrt": 1, "tests": tests}))


def stored(folder: Path) -> Any:
    return json.loads((folder / "rack.json").read_bytes())


@pytest.mark.parametrize(
    ("bad", "place", "words"),
    [(RAISES, "nodes.sum", "division by zero"), (NO_BUS, "resources.bus", "none9")],
)
def test_a_version_that_fails_goes_back_and_says_why(
    bad: dict[str, Any], place: str, words: str, tmp_path: Path
) -> None:
    async def scenario(made: Gateway) -> None:
        running = made.engine.flows["rack"]
        steps, resources = dict(running.circuit.steps), dict(running.circuit.resources)
        write(tmp_path, bad)
        with pytest.raises(RolledBack) as refusal:
            await made.deploy("rack", author="ana", note="", wishes=SLOW)
        (problem,) = refusal.value.problems
        assert (problem.place, words in problem.sentence) == (place, True)
        assert made.engine.flows["rack"] is running
        assert (running.circuit.steps, running.circuit.resources) == (steps, resources)
        assert running.prepared.flow.document == GOOD
        here = steps["sum"].counters.sent
        await until(lambda: steps["sum"].counters.sent > here + 20)
        assert stored(tmp_path) == GOOD
        failed, first = made.revisions.of("rack")
        assert (failed.id, first.id) == (revision_id(bad), revision_id(GOOD))
        assert words in failed.failed
        assert made.running_revision("rack") == first.id

    gateway(tmp_path, scenario)


def test_only_what_the_new_version_raised_at_is_lost(tmp_path: Path) -> None:
    seen: dict[str, int] = {}

    async def scenario(made: Gateway) -> None:
        running = made.engine.flows["rack"]
        steps = running.circuit.steps
        await until(lambda: steps["sum"].counters.sent > 20)
        write(tmp_path, RAISES)
        with pytest.raises(RolledBack):
            await made.deploy("rack", author="ana", note="", wishes=SLOW)
        await asyncio.sleep(0.2)
        await made.stop("rack")
        seen["sent"] = steps["tick"].counters.sent
        seen["received"] = steps["sum"].counters.received

    gateway(tmp_path, scenario)
    rows = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    halves = [row for row in rows if "half" in row["values"]]
    assert len(halves) == seen["received"]
    assert 0 < seen["sent"] - len(halves) < 60


def test_a_version_is_kept_at_once_where_that_is_asked_for(tmp_path: Path) -> None:
    async def scenario(made: Gateway) -> None:
        write(tmp_path, NO_BUS)
        await made.deploy("rack", author="ana", note="", wishes=Wishes(health_seconds=0.0))
        assert made.running_revision("rack") == revision_id(NO_BUS)

    gateway(tmp_path, scenario)


def test_a_rollback_that_fails_leaves_the_file_alone(tmp_path: Path) -> None:
    async def scenario(made: Gateway) -> None:
        write(tmp_path, RAISES)
        await made.deploy("rack", author="ana", note="", wishes=Wishes(health_seconds=0.0))
        write(tmp_path, GOOD)
        await made.deploy("rack", author="ana", note="")
        with pytest.raises(RolledBack):
            await made.rollback("rack", None, author="ana", wishes=SLOW)
        assert stored(tmp_path) == GOOD
        assert made.running_revision("rack") == revision_id(GOOD)

    gateway(tmp_path, scenario)


def test_a_revision_tells_what_it_changed(tmp_path: Path) -> None:
    async def scenario(made: Gateway) -> None:
        write(tmp_path, changed(sum={**GOOD["nodes"]["sum"], "compute": {"half": "SOC * 0.5"}}))
        revision = await made.deploy("rack", author="ana", note="")
        assert revision is not None
        assert revision.changes == "changed: sum"
        assert made.revisions.of("rack")[0] == revision

    gateway(tmp_path, scenario)


# --- the flow's own tests

CASE = {
    "name": "half",
    "given": [{"port": "tick", "source": "inject", "signals": {"SOC": 50}}],
    "expect": [{"port": "sum", "contains": {"values": {"half": 25.0}}}],
}


def test_tests_that_fail_refuse_a_deploy_unless_they_are_skipped(tmp_path: Path) -> None:
    third = changed(sum={**GOOD["nodes"]["sum"], "compute": {"half": "SOC / 3"}})

    async def scenario(made: Gateway) -> None:
        news = made.engine.watch.subscribe()
        before = made.engine.flows["rack"].circuit.steps["sum"]
        write(tmp_path, third, [CASE])
        with pytest.raises(TestsFailed) as refusal:
            await made.deploy("rack", author="ana", note="")
        (problem,) = refusal.value.problems
        assert problem.place == "tests[0]"
        assert problem.sentence.startswith('"half" fails: ')
        assert made.engine.flows["rack"].circuit.steps["sum"] is before
        await made.deploy("rack", author="ana", note="", wishes=Wishes(skip_tests=True))
        write(tmp_path, GOOD)
        await made.deploy("rack", author="ana", note="")
        told = [one.data["text"] for one in await news.get() if one.data.get("step") == "test"]
        assert told == ["the tests are skipped, as was asked for", "1 test passed"]
        assert list((tmp_path / "data" / "deploying").iterdir()) == []

    gateway(tmp_path, scenario)
