"""The nodes in whole flows, started and stopped by the engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.check import prepare
from flowrt.flow.file import read_flow
from flowrt.running.engine import Engine
from flowrt.running.live import RunningFlow
from tests.support.live_node import eventually
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port


def flow(tmp_path: Path, **publish: Any) -> Path:
    """Twenty readings, published and received back."""
    body = {
        "flowrt": 1,
        "name": "there-and-back",
        "resources": {
            "cloud": {
                "type": "mqtt/broker",
                "host": "${MQTT_HOST:-embedded}",
                "port": "${MQTT_PORT:-18830}",
            }
        },
        "nodes": {
            "ticks": {"type": "core/inject", "values": {"n": 1}, "every": "1 ms", "count": 20},
            "publish": {"type": "mqtt/publish", "broker": "cloud", "topic": "{flow}/x", **publish},
            "back": {"type": "mqtt/subscribe", "broker": "cloud", "topics": ["there-and-back/#"]},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [{"from": "ticks", "to": "publish"}, {"from": "back", "to": "show"}],
    }
    file = tmp_path / "there-and-back.json"
    file.write_text(json.dumps(body))
    return file


async def run(file: Path, until: Any) -> RunningFlow:
    engine = Engine(file.parent / "data")
    running = await engine.start(read_flow(file))
    await eventually(lambda: until(running))
    await engine.stop_all()
    return running


def seen(running: RunningFlow) -> int:
    return getattr(running.circuit.steps["show"].node, "seen", -1)


@pytest.mark.parametrize("qos", [0, 1])
def test_readings_go_there_and_come_back(
    tmp_path: Path, shared_mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch, qos: int
) -> None:
    monkeypatch.setenv("MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("MQTT_PORT", str(shared_mosquitto.port))
    running = asyncio.run(run(flow(tmp_path, qos=qos), lambda running: seen(running) == 20))
    assert running.circuit.steps["publish"].counters.sent == 20
    assert [step.counters.drops for step in running.circuit.steps.values()] == [{}, {}, {}, {}]


def test_the_embedded_broker_needs_no_word_in_the_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MQTT_HOST", raising=False)
    monkeypatch.setenv("MQTT_PORT", str(free_port()))
    assert seen(asyncio.run(run(flow(tmp_path), lambda running: seen(running) == 20))) == 20


def test_what_an_absent_broker_never_got_is_counted_at_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MQTT_HOST", "127.0.0.1")
    monkeypatch.setenv("MQTT_PORT", str(free_port()))

    async def give_up() -> RunningFlow:
        engine = Engine(tmp_path / "data")
        running = await engine.start(read_flow(flow(tmp_path)))
        ticks = running.circuit.steps["ticks"]
        await eventually(lambda: ticks.counters.sent == 20)
        await running.stop(patience=0.05)
        return running

    running = asyncio.run(give_up())
    assert running.circuit.steps["publish"].counters.drops == {"stopped with messages queued": 20}
    assert running.circuit.resources["cloud"].state == ("not reached: connection refused", False)


def test_a_flow_with_a_wrong_topic_is_refused(tmp_path: Path) -> None:
    prepared = prepare(read_flow(flow(tmp_path, payload="values")), {})
    assert [(problem.place, problem.sentence) for problem in prepared.problems] == [
        ("nodes.publish.topic", "needs {signal}, as each value goes to a topic of its own. Add it.")
    ]
