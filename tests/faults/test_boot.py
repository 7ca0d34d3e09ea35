"""A boot in a field: no network, a CAN interface that is not there, a clock that says 1970."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.mosquitto import running_mosquitto
from tests.support.ports import free_port
from tests.support.running_gateway import RunningGateway

SETTABLE_CLOCK = '''"""A wall clock that a test sets: the file OFFSET holds seconds to add."""

import os
import time

_real, _file = time.time, os.environ["OFFSET"]


def _set() -> float:
    with open(_file) as handle:
        return _real() + float(handle.read())


time.time = _set
'''


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    gateway = RunningGateway(tmp_path / "gateway")
    yield gateway
    gateway.stop()


def flow(broker: int) -> dict[str, Any]:
    return {
        "flowrt": 1,
        "name": "field",
        "resources": {
            "cloud": {"type": "mqtt/broker", "host": "127.0.0.1", "port": broker},
            "missing": {"type": "can/bus", "interface": "socketcan", "channel": "can97"},
        },
        "nodes": {
            "frames": {"type": "can/receive", "bus": "missing"},
            "rack": {
                "type": "core/inject",
                "values": {"SOC": 15},
                "source": "State",
                "every": "50 ms",
            },
            "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
            "window": {"type": "logic/aggregate", "every": "500 ms", "functions": ["count"]},
            "publish": {"type": "mqtt/publish", "broker": "cloud", "topic": "field", "qos": 1},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [
            {"from": "rack", "to": "low"},
            {"from": "rack", "to": "window"},
            {"from": "low", "to": "show"},
            {"from": "frames", "to": "show"},
            {"from": "window", "to": "publish", "overflow": "spill"},
        ],
    }


def state(gateway: RunningGateway) -> dict[str, Any]:
    found: dict[str, Any] = gateway.ask("api/state")[0]["flows"]["field"]
    return found


def eventually(holds: Callable[[], bool], within: float = 20.0) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.1)


def sent(gateway: RunningGateway, node: str) -> int:
    flows = gateway.ask("api/state")[0]["flows"]  # it answers before the flows have started
    return int(flows["field"]["nodes"][node]["sent"]) if "field" in flows else 0


def test_flows_run_without_network_and_take_it_up_when_it_comes(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    port = free_port()
    gateway.put(flow(port))
    gateway.start()
    eventually(lambda: sent(gateway, "window") > 2)
    for resource in ("cloud", "missing"):
        eventually(lambda id=resource: not state(gateway)["resources"][id]["ok"])  # type: ignore[misc]
    assert gateway.ask("readyz")[0]["status"] == "ready"
    found = state(gateway)
    assert "can97" in found["resources"]["missing"]["status"]
    assert sent(gateway, "publish") == 0
    with running_mosquitto(tmp_path, port=port):
        eventually(lambda: sent(gateway, "publish") > 2, within=60)
        assert state(gateway)["resources"]["cloud"]["ok"]
        assert state(gateway)["nodes"]["publish"]["drops"] == {}


def test_a_boot_in_1970_goes_on_when_the_clock_is_set(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    site, offset = tmp_path / "site", tmp_path / "offset"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SETTABLE_CLOCK)
    offset.write_text(str(60 - time.time()))
    gateway.environment = {"PYTHONPATH": str(site), "OFFSET": str(offset)}
    port = free_port()
    gateway.put(flow(port))
    gateway.start()
    eventually(lambda: sent(gateway, "window") > 2)
    (raised,) = gateway.ask("api/alarms/history")[0]
    assert raised["time"] < 3600
    waiting = sent(gateway, "window")
    for step in ("0", "-3600"):  # to now, then back by an hour
        offset.write_text(step)
        before = sent(gateway, "window")
        eventually(lambda before=before: sent(gateway, "window") > before + 2)  # type: ignore[misc]
        assert gateway.ask("readyz")[0]["status"] == "ready"
    assert len(gateway.ask("api/alarms/history")[0]) == 1
    with running_mosquitto(tmp_path, port=port):
        eventually(lambda: sent(gateway, "publish") > waiting, within=60)
    assert state(gateway)["nodes"]["publish"]["drops"] == {}
    gateway.stop()
    offset.write_text(str(90 - time.time()))  # a boot without battery again
    gateway.start()
    eventually(lambda: sent(gateway, "window") > 2)
    log = (gateway.folder / "log").read_text()
    assert "Traceback" not in log, log[-3000:]
