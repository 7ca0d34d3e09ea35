"""Connected sinks of a site's flow write what its record has, whatever happens in between."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowrt.message import Frame
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.post import Post
from flowrt.sites.shard import Shard
from tests.support.mosquitto import Mosquitto, running_mosquitto
from tests.support.sites import FLOW, await_that, frames


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with running_mosquitto(tmp_path) as running:
        yield running


def write_flow(folder: Path) -> Path:
    """The example, with a topic of the site, QoS 1, and a history beside it."""
    flow = json.loads(FLOW.read_text())
    flow["resources"]["cloud"]["port"] = "${MQTT_PORT}"
    flow["nodes"]["publish"] |= {"topic": "${SITE}/{source}", "qos": 1}
    flow["nodes"]["history"] = {"type": "storage/sqlite", "file": "${SITE}.db"}
    flow["wires"].append({"from": "minute", "to": "history"})
    file = folder / "flow.json"
    file.write_text(json.dumps(flow))
    return file


def post(folder: Path, port: int, *connect: str) -> Post:
    environment = {"MQTT_HOST": "127.0.0.1", "MQTT_PORT": str(port), "SITE": "north"}
    return Post(write_flow(folder), "north", folder / "data", 0, 1, environment, connect)


def feed(shard: Shard, some: list[Frame]) -> None:
    for at in range(0, len(some), 250):
        batch = msgspec.msgpack.encode([Piece("north", some[at : at + 250])])
        shard.take(at // 250 + 1, batch)


def recorded(post: Post, node: str) -> list[dict[str, Any]]:
    lines = map(json.loads, post.record.read_text().splitlines())
    return [line for line in lines if line["node"] == node]


def heard(broker: Mosquitto, count: int) -> Any:
    """A subscriber that ends after so many messages, or in 60 s."""
    return broker.subscriber("north/#", "-C", str(count), "-W", "60", "-q", "1")


def payloads(subscriber: Any) -> list[dict[str, Any]]:
    lines = subscriber.communicate()[0].splitlines()
    return [json.loads(line.partition(b" ")[2]) for line in lines]


def test_what_is_recorded_is_published_and_stored(broker: Mosquitto, tmp_path: Path) -> None:
    here = post(tmp_path, broker.port, "publish", "history")
    with heard(broker, 230) as subscriber:
        shard = Shard(here)
        feed(shard, list(frames(0, 4000)))
        facts = shard.close()
        published = recorded(here, "publish")
        subscriber.terminate()
        got = payloads(subscriber)
    assert len(published) > 50
    assert [one["time"] for one in got] == [one["time"] for one in published]
    assert facts["delivered"] == {
        "publish": len(published),
        "history": len(recorded(here, "history")),
    }
    with sqlite3.connect(tmp_path / "north.db") as database:
        times = [row[0] for row in database.execute("SELECT DISTINCT time FROM signals ORDER BY 1")]
    assert times == [one["time"] for one in recorded(here, "history")]


def test_a_sink_goes_on_where_it_was_left(broker: Mosquitto, tmp_path: Path) -> None:
    """The broker is away at first, and the shard is begun anew meanwhile."""
    broker.stop()
    here = post(tmp_path, broker.port, "publish")
    shard = Shard(here)
    feed(shard, list(frames(0, 1500)))
    assert shard.close()["delivered"] == {"publish": 0}
    assert len(recorded(here, "publish")) > 20
    broker.start()
    with heard(broker, len(recorded(here, "publish"))) as subscriber:
        again = Shard(here)
        await_that(lambda: subscriber.poll() is not None)
        again.close()
        assert [one["time"] for one in payloads(subscriber)] == [
            one["time"] for one in recorded(here, "publish")
        ]
    assert Shard(here).close()["delivered"] == {"publish": 0}


def test_a_sink_that_is_not_named_stays_recorded(broker: Mosquitto, tmp_path: Path) -> None:
    here = post(tmp_path, broker.port, "publish")
    shard = Shard(here)
    feed(shard, list(frames(0, 1500)))
    assert shard.close()["delivered"].keys() == {"publish"}
    assert not (tmp_path / "north.db").exists()
    assert recorded(here, "history")
