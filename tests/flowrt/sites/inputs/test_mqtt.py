"""Sites by a real broker of MQTT 5: nothing is lost, and nothing taken twice."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from flowrt.message import to_record
from tests.support.killing import kill_a_worker
from tests.support.mosquitto import Mosquitto, program, running_mosquitto
from tests.support.sites import (
    FLOW,
    SEEDS,
    await_that,
    frames,
    lines,
    records,
    run_here,
    sites_command,
    size_of,
    stopped,
)

COUNT = 6000


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    """It keeps sessions when it is stopped."""
    settings = ("allow_anonymous true", "log_type all", "persistence true", "autosave_interval 1")
    place = f"persistence_location {tmp_path}/"
    with running_mosquitto(tmp_path, *settings, "autosave_on_changes true", place) as running:
        yield running


def write_sites(broker: Mosquitto, folder: Path, **mqtt: Any) -> Path:
    file = folder / "sites.json"
    server = {"host": "127.0.0.1", "port": broker.port, "client_id": "centre"}
    written = {"flowrt_sites": 1, "flow": str(FLOW), "input": {"mqtt": {**server, **mqtt}}}
    file.write_text(json.dumps({**written, "sites": {name: {} for name in SEEDS}}))
    return file


@contextmanager
def centre(broker: Mosquitto, file: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    """A centre that has subscribed; it is killed at the end, if it is still there."""
    log = broker.folder / f"mosquitto-{broker.port}.log"
    before = log.read_bytes().count(b"Sending SUBACK")
    pipe = subprocess.PIPE
    with subprocess.Popen(sites_command(file, *options), stdout=pipe, stderr=pipe) as running:
        try:
            await_that(lambda: log.read_bytes().count(b"Sending SUBACK") > before, 100)
            yield running
        finally:
            running.kill()


def publish(broker: Mosquitto, begin: int, end: int, size: int = 250) -> None:
    """Publish frames of both sites, so many a message, QoS 1."""
    for site, seed in SEEDS.items():
        some = [to_record(frame) for frame in frames(seed, COUNT)][begin:end]
        messages = [orjson.dumps(some[at : at + size]) for at in range(0, len(some), size)]
        at = ("-h", "127.0.0.1", "-p", str(broker.port), "-V", "5", "-q", "1")
        command = [program("mosquitto_pub"), *at, "-t", f"sites/{site}/frames", "-l"]
        subprocess.run(command, input=b"\n".join(messages), check=True)


def test_a_kill_of_the_centre_and_a_stop_of_the_broker_leave_no_trace(
    broker: Mosquitto, tmp_path: Path
) -> None:
    run_here(tmp_path / "whole", lines(COUNT))
    file, data = write_sites(broker, tmp_path), tmp_path / "sites"
    with centre(broker, file):
        publish(broker, 0, 5000)
        await_that(lambda: len(list(data.glob("*.checkpoint"))) == 2)
    publish(broker, 5000, 8000)  # while nobody is there
    with centre(broker, file) as running:
        await_that(lambda: size_of(data) > 0.5 * size_of(tmp_path / "whole"))
        assert broker.process is not None
        broker.process.terminate()
        broker.process.wait()
        broker.start()
        publish(broker, 8000, 2 * COUNT)
        await_that(lambda: size_of(data) >= size_of(tmp_path / "whole"))
        facts = stopped(running)
    assert records(data) == records(tmp_path / "whole")
    assert (facts["connections_lost"], facts["sessions_forgotten"]) == (1, 0)


@pytest.mark.timeout(240)
def test_a_killed_actor_of_ray_leaves_no_trace(broker: Mosquitto, tmp_path: Path) -> None:
    run_here(tmp_path / "whole", lines(COUNT))
    file, data = write_sites(broker, tmp_path), tmp_path / "sites"
    with centre(broker, file, "--executor", "ray", "--workers", "2") as running:
        publish(broker, 0, 8000)
        assert kill_a_worker(running.pid, data, "*.checkpoint"), "no actor was caught at work"
        publish(broker, 8000, 2 * COUNT)
        await_that(lambda: size_of(data) >= size_of(tmp_path / "whole"), 100)
        facts = stopped(running)
    assert records(data) == records(tmp_path / "whole")
    assert facts["restarts"] == 1


def test_a_message_is_acknowledged_only_when_it_is_safe(broker: Mosquitto, tmp_path: Path) -> None:
    """More frames than may be unacknowledged come through, one a message."""
    file, data = write_sites(broker, tmp_path, receive_maximum=100), tmp_path / "sites"
    log = broker.folder / f"mosquitto-{broker.port}.log"
    with centre(broker, file) as running:
        publish(broker, 0, 400, size=1)
        await_that(lambda: log.read_bytes().count(b"Received PUBACK from centre") == 800)
        facts = stopped(running)
    assert {name: one["frames"] for name, one in facts["sites"].items()} == dict.fromkeys(
        SEEDS, 400
    )
    assert sum(json.loads(file.read_bytes())["offset"] for file in data.glob("*.checkpoint")) > 0


def test_what_is_published_twice_is_taken_once(broker: Mosquitto, tmp_path: Path) -> None:
    """A gateway that has missed the broker's answer sends again."""
    file = write_sites(broker, tmp_path)
    log = broker.folder / f"mosquitto-{broker.port}.log"
    with centre(broker, file) as running:
        publish(broker, 0, 500)
        publish(broker, 0, 500)
        await_that(lambda: log.read_bytes().count(b"Received PUBACK from centre") == 8)
        facts = stopped(running)
    told = {name: (one["frames"], one["pieces_again"]) for name, one in facts["sites"].items()}
    assert told == {"north": (500, 2), "south": (500, 2)}


def test_what_is_no_frame_and_what_is_not_listed_is_counted(
    broker: Mosquitto, tmp_path: Path
) -> None:
    file = write_sites(broker, tmp_path)
    log = broker.folder / f"mosquitto-{broker.port}.log"
    with centre(broker, file) as running:
        for topic, payload in (("north", "nonsense"), ("north", '[{"kind": "signals"}]')):
            broker.publish(f"sites/{topic}/frames", payload, "-q", "1")
        publish(broker, 0, 2, size=2)
        await_that(lambda: log.read_bytes().count(b"Received PUBACK from centre") == 4)
        facts = stopped(running)
    assert facts["malformed_messages"] == 2
    assert facts["sites"]["north"]["frames"] == 2
