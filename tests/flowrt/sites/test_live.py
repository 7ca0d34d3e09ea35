"""Many sites live: each has a record of its own, and a kill leaves no trace in it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowrt.message import Frame, to_record
from flowrt.sites.shard import Shard
from tests.support.killing import kill_a_worker
from tests.support.mosquitto import Mosquitto, program, running_mosquitto

FLOW = Path(__file__).parents[3] / "examples" / "rack-to-cloud.json"


def frames(seed: int, count: int) -> Iterator[Frame]:
    """A rack whose charge crosses the limit often."""
    for index in range(count):
        soc = 21 + round(6 * ((index // 20 + seed) % 7 - 3) / 3)
        yield Frame(index * 0.1, "can0", 0x355, bytes((soc, 0, 100, 0)))
        yield Frame(index * 0.1 + 0.05, "can0", 0x356, bytes((index % 256, 19, 1, 0, 1, 0)))


def fed(folder: Path, given: list[list[Frame]], stops: tuple[int, ...] = ()) -> bytes:
    """The record of a shard that is dropped, without a word, after some batches."""
    folder.mkdir()
    shard = Shard(str(FLOW), "north", str(folder))
    number = 0
    while number < len(given):
        number += 1
        shard.take(number, msgspec.msgpack.encode(given[number - 1]))
        if number in stops:
            stops = tuple(stop for stop in stops if stop != number)
            shard._file.close()  # what is beyond the checkpoint may have reached the disk or not
            shard._standing._runner.close()
            shard = Shard(str(FLOW), "north", str(folder))
            assert shard.offset() < number
            number = shard.offset()
    shard.close()
    return (folder / "north.jsonl").read_bytes()


def test_a_shard_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    all_frames = list(frames(0, 3000))
    given = [all_frames[first : first + 250] for first in range(0, len(all_frames), 250)]
    whole = fed(tmp_path / "whole", given)
    assert whole.count(b"\n") > 40
    assert fed(tmp_path / "broken", given, stops=(3, 11, 20)) == whole


def test_what_was_taken_is_not_taken_twice(tmp_path: Path) -> None:
    shard = Shard(str(FLOW), "north", str(tmp_path))
    batch = msgspec.msgpack.encode(list(frames(0, 10)))
    shard.take(1, batch)
    shard.take(1, batch)
    assert shard.facts()["frames"] == 20
    shard.close()


def lines(count: int) -> bytes:
    """Frames of two sites in turn, as `flowrt sites` takes them."""
    pairs = zip(frames(0, count), frames(3, count), strict=True)
    return b"".join(
        json.dumps({"site": site, **to_record(frame)}).encode() + b"\n"
        for pair in pairs
        for site, frame in zip(("north", "south"), pair, strict=True)
    )


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "flowrt", "sites", str(FLOW), "--data", str(folder), *options]


def run_here(folder: Path, given: bytes) -> dict[str, Any]:
    done = subprocess.run(command(folder), input=given, capture_output=True, check=True)
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def records(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.glob("*.jsonl")}


def test_lines_that_are_no_frames_are_told_and_counted(tmp_path: Path) -> None:
    given = lines(5) + b"nonsense\n" + b'{"site": "north", "kind": "signals"}\n'
    facts = run_here(tmp_path, given)
    assert facts["malformed_lines"] == 2
    assert {name: one["frames"] for name, one in facts["sites"].items()} == {
        "north": 10,
        "south": 10,
    }


@pytest.mark.timeout(240)
def test_a_killed_actor_of_ray_changes_nothing(tmp_path: Path) -> None:
    given = lines(20_000)
    run_here(tmp_path / "here", given)
    folder = tmp_path / "ray"
    options = ("--executor", "ray", "--workers", "2")
    with subprocess.Popen(
        command(folder, *options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        half = given.index(b"\n", len(given) // 2) + 1
        running.stdin.write(given[:half])
        running.stdin.flush()
        killed = kill_a_worker(running.pid, folder, "*.checkpoint")
        stdout, stderr = running.communicate(given[half:], timeout=200)
    assert killed, "no actor was caught at work"
    assert running.returncode == 0, stderr.decode()
    assert json.loads(stdout)["restarts"] == 1
    assert records(folder) == records(tmp_path / "here")
    assert all(record.count(b"\n") > 100 for record in records(folder).values())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path, "allow_anonymous true", "log_type all") as running:
        yield running


def test_frames_come_by_a_shared_subscription_of_mqtt_5(broker: Mosquitto, tmp_path: Path) -> None:
    given = [json.dumps(to_record(frame)) for frame in frames(0, 500)]
    at = ("-h", "127.0.0.1", "-p", str(broker.port), "-V", "5", "-q", "1")
    listen = (program("mosquitto_sub"), *at, "-t", "$share/centre/+/frames", "-F", "%t %p")
    pipe = f"{shlex.join([*listen, '-C', '1000'])} | {shlex.join(command(tmp_path / 'data'))}"
    with subprocess.Popen(["sh", "-c", pipe], stdout=subprocess.PIPE) as running:
        await_subscriber(broker)
        publish = [program("mosquitto_pub"), *at, "-t", "north/frames", "-l"]
        subprocess.run(publish, input="\n".join(given).encode(), check=True)
        stdout, _ = running.communicate(timeout=50)
    facts = json.loads(stdout)
    assert facts["sites"]["north/frames"]["frames"] == 1000
    assert facts["malformed_lines"] == 0


def await_subscriber(broker: Mosquitto) -> None:
    """Return when the broker has taken a subscription."""
    log = broker.folder / f"mosquitto-{broker.port}.log"
    for _ in range(2000):
        if "Sending SUBACK" in log.read_text(errors="replace"):
            return
        time.sleep(0.01)
    raise AssertionError("nobody has subscribed")
