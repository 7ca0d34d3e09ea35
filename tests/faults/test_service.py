"""The service as systemd sees it: READY, a watchdog that starves, a trace, safe mode, the end."""

from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import flowrt
from tests.support.made_pack import make_pack
from tests.support.service_manager import ServiceManager

WATCHDOG = 1.2
WEDGE = '''"""A node that blocks the event loop from the fifth message on."""

import time

from flowrt.node import Signals, Transform, node, state


@node("faulty/wedge")
class Wedge(Transform):
    """Blocks."""

    _count: int = state(0)

    def on_message(self, message: Signals) -> Signals:
        self._count += 1
        if self._count > 5:
            time.sleep(3600)
        return message
'''


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[ServiceManager]:
    (tmp_path / "flows").mkdir()
    manager = ServiceManager(tmp_path, WATCHDOG)
    yield manager
    manager.close()


def put(manager: ServiceManager, name: str, *middle: dict[str, Any]) -> None:
    nodes: dict[str, Any] = {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "every": "20 ms"},
        **{f"middle{index}": node for index, node in enumerate(middle)},
        "show": {"type": "core/debug", "to": "none"},
    }
    wires = [{"from": a, "to": b} for a, b in pairwise(nodes)]
    flow = {"flowrt": 1, "name": name, "nodes": nodes, "wires": wires}
    (manager.folder / "flows" / f"{name}.json").write_text(json.dumps(flow))


@pytest.fixture
def faulty_pack(manager: ServiceManager, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack with a node that blocks."""
    site = manager.folder / "site"
    make_pack(site, "faulty", {"wedge": WEDGE})
    monkeypatch.setenv("PYTHONPATH", str(site))


def ask(manager: ServiceManager, path: str) -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(f"{manager.url}{path}", timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_the_watchdog_is_fed_from_ready_until_the_end(manager: ServiceManager) -> None:
    put(manager, "well")
    manager.start()
    manager.await_word("READY=1")
    beats = manager.listen(4 * WATCHDOG).count("WATCHDOG=1")
    assert beats >= 4
    times = [time for time, text in manager.news if text == "WATCHDOG=1"]
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert max(gaps) < WATCHDOG
    assert manager.end(signal.SIGTERM) == 0
    assert manager.listen(1)[-1] == "STOPPING=1"
    assert [text for _, text in manager.news if text.startswith("STATUS=")] == [
        "STATUS=1 flows run, 0 failed"
    ]


@pytest.mark.usefixtures("faulty_pack")
def test_a_wedged_loop_starves_it_and_leaves_a_trace_of_where(manager: ServiceManager) -> None:
    put(manager, "wedged", {"type": "faulty/wedge"})
    manager.start()
    manager.await_word("READY=1")
    manager.listen(1)
    assert "WATCHDOG=1" not in manager.listen(3 * WATCHDOG)
    assert manager.end(signal.SIGABRT) == -signal.SIGABRT  # as systemd does then
    manager.start()
    manager.await_word("READY=1")
    past = json.loads((manager.folder / "data" / "boots.json").read_bytes())
    assert past["crashes"] == 1
    assert past["reason"].startswith("Fatal Python error: Aborted, in File ")
    assert "wedge.py" in past["reason"]
    assert "on_message" in past["reason"]


@pytest.mark.usefixtures("faulty_pack")
def test_the_fourth_start_after_three_crashes_runs_no_flow(manager: ServiceManager) -> None:
    put(manager, "wedged", {"type": "faulty/wedge"})
    put(manager, "well")
    for _ in range(3):
        manager.start()
        manager.await_word("READY=1")
        assert manager.end(signal.SIGKILL) == -signal.SIGKILL
    manager.start()
    manager.await_word("READY=1")
    status, ready = ask(manager, "/readyz")
    assert (status, ready["status"]) == (503, "safe mode")
    assert ready["reason"].startswith("the last 3 starts crashed; the last one: it was killed")
    assert {flow["state"] for flow in ask(manager, "/api/flows")[1]} == {"stopped"}
    assert ask(manager, "/healthz") == (200, {"status": "ok"})
    assert "WATCHDOG=1" in manager.listen(WATCHDOG)
    told = flowrt("status", "--to", manager.url)
    assert (told.returncode, "safe mode: the last 3 starts crashed" in told.stdout) == (1, True)
    request = urllib.request.Request(f"{manager.url}/api/flows/well/start", method="POST")
    urllib.request.urlopen(request, timeout=10).close()
    assert ask(manager, "/readyz")[0] == 200


def test_what_crashed_is_forgotten_by_doctor(manager: ServiceManager) -> None:
    put(manager, "well")
    data = manager.folder / "data"
    data.mkdir()
    (data / "boots.json").write_text('{"crashes": 5, "reason": "x"}')
    told = json.loads(flowrt("doctor", "--json", "--data", data).stdout)
    assert "5 starts in a row crashed; the last one: x" in [row["found"] for row in told]
    cleared = flowrt("doctor", "--clear-safe-mode", "--data", data)
    assert "forgotten: the next start runs its flows" in cleared.stderr
    manager.start()
    manager.await_word("READY=1")
    assert ask(manager, "/readyz")[0] == 200


def test_safe_mode_can_be_asked_for(manager: ServiceManager) -> None:
    put(manager, "well")
    manager.start("--safe-mode")
    manager.await_word("READY=1")
    assert ask(manager, "/readyz")[1]["reason"] == "asked for by --safe-mode"
    assert "safe mode" in (manager.folder / "log").read_text()
