"""A gateway at full bus load for a long time, while things around it break.

Two minutes in CI, half an hour by `make soak`, SOAK_SECONDS otherwise. 9,000 frames a second by a
virtual bus are decoded, judged, aggregated, published to a broker that comes and goes, and shown
to a Modbus client that comes and goes; the flow is redeployed now and then. Memory must be flat,
and every message that is not there must be among the drops.
"""

from __future__ import annotations

import contextlib
import json
import random
import socket
import statistics
import subprocess
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.soak.traffic import TRAFFIC
from tests.support.made_pack import make_pack
from tests.support.mosquitto import Mosquitto, running_mosquitto
from tests.support.ports import free_port
from tests.support.rounds import soak_seconds
from tests.support.running_gateway import RunningGateway

RATE = 9000
LEAST_SHARE = 0.5
"""Of that rate, on a machine that other tests use, too."""
READ_HOLDING = bytes.fromhex("000100000006010300000002")
ANSWER_BYTES = 13
MOST_GROWTH = 10e6
"""Bytes; a leak of 100 bytes a frame would be 100 MB in CI's two minutes."""
BUS = {"bus": {"type": "can/bus", "interface": "virtual", "channel": "soak"}}


def sender() -> dict[str, Any]:
    return {
        "flowrt": 1,
        "name": "sender",
        "resources": BUS,
        "nodes": {
            "traffic": {"type": "soak/traffic", "per_second": RATE},
            "send": {"type": "can/send", "bus": "bus"},
        },
        "wires": [{"from": "traffic", "to": "send", "overflow": "block"}],
    }


def rack(broker: int, modbus: int, below: int = 20) -> dict[str, Any]:
    return {
        "flowrt": 1,
        "name": "rack",
        "resources": {
            **BUS,
            "cloud": {"type": "mqtt/broker", "host": "127.0.0.1", "port": broker},
        },
        "nodes": {
            "frames": {"type": "can/receive", "bus": "bus"},
            "decode": {"type": "can/decode", "database": "dbc/pylontech-lv.dbc"},
            "low": {"type": "logic/threshold", "signal": "SOC", "below": below, "hysteresis": 2},
            "window": {
                "type": "logic/aggregate",
                "signals": ["SOC", "PackVoltage"],
                "every": "200 ms",
                "functions": ["min", "max", "mean"],
            },
            "silent": {"type": "logic/stale-watch", "sources": ["State"], "after": "10 s"},
            "publish": {"type": "mqtt/publish", "broker": "cloud", "topic": "soak/{source}"},
            "alarms": {"type": "mqtt/publish", "broker": "cloud", "topic": "soak/a", "qos": 1},
            "ems": {
                "type": "modbus/server",
                "host": "127.0.0.1",
                "port": modbus,
                "registers": [{"address": 0, "signal": "SOC"}, {"address": 1, "alarm": "low"}],
            },
        },
        "wires": [
            {"from": "frames", "to": "decode"},
            *({"from": "decode", "to": id} for id in ("low", "window", "silent", "ems")),
            {"from": "window", "to": "publish", "overflow": "spill"},
            {"from": "low", "to": "alarms", "overflow": "spill"},
            {"from": "low", "to": "ems"},
        ],
    }


@dataclass
class Course:
    """What was seen: seconds, resident bytes."""

    times: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    polls: int = 0
    deploys: list[str] = field(default_factory=list)
    """`kept`, or why the gateway went back by itself."""

    def growth(self) -> float:
        """Bytes by which memory grew from the first third's end to now, by a straight line."""
        first = len(self.times) // 3
        times, memory = self.times[first:], self.memory[first:]
        slope, _ = statistics.linear_regression(times, memory)
        return slope * (times[-1] - times[0])


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[RunningGateway]:
    site = tmp_path / "site"
    make_pack(site, "soak", {"traffic": TRAFFIC})
    gateway = RunningGateway(tmp_path / "gateway", environment={"PYTHONPATH": str(site)})
    yield gateway
    gateway.stop()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_is_flat_and_drops_are_accounted(gateway: RunningGateway, tmp_path: Path) -> None:
    seconds, modbus = soak_seconds(120), free_port()
    with running_mosquitto(tmp_path) as broker:
        gateway.put(sender())
        gateway.put(rack(broker.port, modbus))
        gateway.start()
        course = _keep_up(gateway, broker, modbus, seconds)
        gateway.ask("api/flows/sender/nodes/traffic/inject", "POST")
        _await_quiet(gateway)
        state = gateway.ask("api/state")[0]["flows"]
    print(json.dumps(_figures(course, seconds, state)))
    _all_accounted(state)
    assert course.growth() < MOST_GROWTH
    assert state["rack"]["nodes"]["decode"]["received"] > RATE * seconds * LEAST_SHARE
    assert course.polls > seconds / 2
    assert "kept" in course.deploys


def _keep_up(gateway: RunningGateway, broker: Mosquitto, modbus: int, seconds: float) -> Course:
    """Watch, and break something every few seconds."""
    assert isinstance(gateway.process, subprocess.Popen)
    process, course, begun = psutil.Process(gateway.process.pid), Course(), time.monotonic()
    last = 0
    while (passed := time.monotonic() - begun) < seconds:
        time.sleep(0.5)
        assert gateway.process.poll() is None, (gateway.folder / "log").read_text()[-4000:]
        course.times.append(passed)
        course.memory.append(process.memory_info().rss)
        course.polls += _poll(modbus)
        if int(passed) // 10 != last:
            last = int(passed) // 10
            _break(gateway, broker, modbus, last, course)
    if broker.process is None:
        broker.start()
    return course


def _poll(port: int) -> int:
    """One poll of the EMS; 0 where the server is being redeployed."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(READ_HOLDING)
        return int(len(client.recv(100)) == ANSWER_BYTES)
    return 0


def _redeploy(gateway: RunningGateway, changed: dict[str, Any]) -> str:
    """Deploy another threshold; its health gate may well find the troubles of this test."""
    _, headers = gateway.ask("api/flows/rack")
    gateway.ask("api/flows/rack", "PUT", changed, **{"If-Match": headers["ETag"]})
    try:
        gateway.ask("api/flows/rack/deploy", "POST")
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.CONFLICT:
            raise
        return str(json.loads(error.read())["detail"])
    return "kept"


def _break(
    gateway: RunningGateway, broker: Mosquitto, modbus: int, turn: int, course: Course
) -> None:
    """Four troubles in turn."""
    match turn % 4:
        case 0:
            course.deploys.append(_redeploy(gateway, rack(broker.port, modbus, 20 + turn % 3)))
        case 1:
            broker.stop()
        case 2:
            broker.start()
        case 3:
            address = ("127.0.0.1", modbus)
            with contextlib.suppress(OSError), socket.create_connection(address, 5) as client:
                client.sendall(random.Random(turn).randbytes(200))


def _await_quiet(gateway: RunningGateway) -> None:
    """Return when nothing is queued any more; the broker has 20 s to come back."""
    deadline = time.monotonic() + 60
    while True:
        flows = gateway.ask("api/state")[0]["flows"].values()
        if not any(wire["queued"] for flow in flows for wire in flow["wires"]):
            time.sleep(1)
            return
        assert time.monotonic() < deadline, "queues do not empty"
        time.sleep(0.5)


def _all_accounted(state: dict[str, Any]) -> None:
    """Every frame and every window is where it should be, or among the drops."""
    sender, rack = state["sender"]["nodes"], state["rack"]["nodes"]
    sent = sender["send"]["sent"] - _dropped(sender["send"])
    assert sender["traffic"]["sent"] == sender["send"]["received"]
    assert sent == rack["frames"]["sent"] + _dropped(rack["frames"])
    assert rack["frames"]["sent"] == rack["decode"]["received"]
    assert rack["decode"]["sent"] + _dropped(rack["decode"]) == rack["decode"]["received"]
    (spilled,) = [w for w in state["rack"]["wires"] if w["to"] == "publish"]
    assert rack["window"]["sent"] == rack["publish"]["sent"] + _dropped(rack["publish"])
    assert spilled["dropped"] == 0
    assert [node["errors"] for node in rack.values()] == [0] * len(rack)


def _dropped(node: dict[str, Any]) -> int:
    return sum(node["drops"].values())


def _figures(course: Course, seconds: float, state: dict[str, Any]) -> dict[str, Any]:
    """What a reader of the log wants to know."""
    nodes = state["rack"]["nodes"]
    third = len(course.memory) // 3
    return {
        "seconds": seconds,
        "frames_per_second": round(nodes["decode"]["received"] / seconds),
        "memory_mb": [round(course.memory[index] / 1e6, 1) for index in (third, -1)],
        "growth_mb": round(course.growth() / 1e6, 2),
        "polls": course.polls,
        "deploys": course.deploys,
        "published": nodes["publish"]["sent"],
        "drops": {id: node["drops"] for id, node in nodes.items() if node["drops"]},
    }
