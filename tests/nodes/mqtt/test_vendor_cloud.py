"""A broker as clouds have it: TLS, a certificate for each device, and topics of its own only."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from flowrt.flow.file import read_flow
from flowrt.message import Signals
from flowrt.running.engine import Engine
from nodes.mqtt.broker import Broker
from nodes.mqtt.publish import Publish
from tests.support.certificates import Authority, Pair
from tests.support.live_node import eventually, running
from tests.support.mosquitto import Mosquitto, program, running_mosquitto

OWN = (
    *("$oc/devices/%u/#", "devices/%u/#", "$aws/things/%u/shadow/#"),
    *("/sys/rack/%u/thing/#", "v1/devices/me/#"),
)
"""What a device may use, by its certificate's name; the clouds' own rules have the same form."""
ROW = re.compile(r"^\| ([^|]+) \| `([^`|]+)` \| `([^`]+)` \|$", re.MULTILINE)
EXAMPLE = Path(__file__).parents[3] / "examples" / "rack-to-vendor-cloud.json"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "cloud-ca")


@pytest.fixture
def cloud(tmp_path: Path, authority: Authority) -> Iterator[Mosquitto]:
    """A broker that wants certificates of that authority, and gives each device its own topics."""
    own = authority.sign("127.0.0.1")
    rights = tmp_path / "rights"
    rights.write_text("".join(f"pattern readwrite {topic}\n" for topic in OWN))
    settings = (
        *(f"cafile {authority.file}", f"certfile {own.certificate}", f"keyfile {own.key}"),
        *("require_certificate true", "use_identity_as_username true", f"acl_file {rights}"),
    )
    with running_mosquitto(tmp_path, *settings) as broker:
        yield broker


def broker_of(cloud: Mosquitto, authority: Authority, pair: Pair | None) -> Broker:
    files: dict[str, Any] = {"certificate": pair.certificate, "key": pair.key} if pair else {}
    return Broker(
        host="127.0.0.1",
        port=cloud.port,
        tls=True,
        ca_file=authority.file,
        **files,
        longest_pause=1.0,
    )


async def listening(
    cloud: Mosquitto,
    authority: Authority,
    pair: Pair,
    topics: Sequence[str] = ("devices/gateway7/#",),
) -> Any:
    """A device that listens to its own topics, by mosquitto_sub, for a message each."""
    return await asyncio.create_subprocess_exec(
        *(program("mosquitto_sub"), "-h", "127.0.0.1", "-p", str(cloud.port)),
        *("-C", str(len(topics)), "-W", "8", "-v"),
        *("--cafile", str(authority.file), "--cert", str(pair.certificate), "--key", str(pair.key)),
        *(part for topic in topics for part in ("-t", topic)),
        stdout=asyncio.subprocess.PIPE,
    )


def test_a_device_with_its_certificate_publishes_in_the_clouds_shape(
    cloud: Mosquitto, authority: Authority
) -> None:
    pair = authority.sign("gateway7")

    async def run() -> tuple[bytes, bytes]:
        broker = broker_of(cloud, authority, pair)
        publish = Publish(
            broker=broker,
            topic="devices/gateway7/{source}",
            qos=1,
            shape='{"params": "{values}", "id": "{number}"}',
        )
        listener = await listening(cloud, authority, pair)
        await asyncio.sleep(0.3)
        async with running(broker, publish):
            await eventually(lambda: broker.connected)
            await publish.write([Signals(1.5, "rack1", {"SOC": 55})])
            out, _ = await listener.communicate()
        topic, _, payload = out.strip().partition(b" ")
        return topic, payload

    topic, payload = asyncio.run(run())
    assert topic == b"devices/gateway7/rack1"
    assert json.loads(payload) == {"params": {"SOC": 55}, "id": "1"}


def test_each_cloud_of_the_table_gets_its_topic_and_its_json(
    cloud: Mosquitto, authority: Authority
) -> None:
    """The table of examples/README.md, row by row, by a device that has rights to its own only."""
    table = (EXAMPLE.parent / "README.md").read_text(encoding="utf-8")
    rows = {
        topic.replace("DEVICE", "gateway7").replace("PRODUCT", "rack"): shape
        for _, topic, shape in ROW.findall(table)
        if "{values}" in shape
    }
    assert len(rows) == 5
    pair = authority.sign("gateway7")

    async def run() -> bytes:
        broker = broker_of(cloud, authority, pair)
        nodes = [Publish(broker=broker, topic=t, qos=1, shape=shape) for t, shape in rows.items()]
        listener = await listening(cloud, authority, pair, list(rows))
        await asyncio.sleep(0.3)
        async with running(broker, *nodes):
            await eventually(lambda: broker.connected)
            for node in nodes:
                await node.write([Signals(1.5, "rack1", {"SOC": 55})])
            out, _ = await listener.communicate()
        return bytes(out)

    came = dict(line.split(b" ", 1) for line in asyncio.run(run()).splitlines())
    assert {topic.decode() for topic in came} == set(rows)
    for topic, shape in rows.items():
        wanted = json.loads(shape.replace('"{values}"', '{"SOC": 55}'))
        told = json.loads(came[topic.encode()])
        assert told.keys() == wanted.keys()
        assert '{"SOC": 55}' in json.dumps(told), topic


@pytest.mark.parametrize("which", ["none", "foreign", "expired"])
def test_who_has_no_sound_certificate_is_told_why(
    cloud: Mosquitto, authority: Authority, tmp_path: Path, which: str
) -> None:
    pairs = {
        "foreign": lambda: Authority(tmp_path, "other-ca").sign("gateway7"),
        "expired": lambda: authority.sign("gateway7", days=-1),
    }
    pair = pairs[which]() if which in pairs else None

    async def run() -> list[str]:
        broker = broker_of(cloud, authority, pair)
        async with running(broker) as live:
            await eventually(lambda: live.faults)
            assert not broker.connected
        return live.faults

    assert f"127.0.0.1:{cloud.port}: " in asyncio.run(run())[0]


def test_a_broker_of_another_authority_is_not_trusted(
    cloud: Mosquitto, authority: Authority, tmp_path: Path
) -> None:
    async def run() -> list[str]:
        broker = broker_of(cloud, Authority(tmp_path, "other-ca"), authority.sign("gateway7"))
        async with running(broker) as live:
            await eventually(lambda: live.faults)
        return live.faults

    assert "certificate is not trusted" in asyncio.run(run())[0]


def with_certificate(folder: Path, authority: Authority, pair: Pair) -> Path:
    """The example, as a device that has a certificate instead of a name."""
    flow = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    broker = flow["resources"]["cloud"]
    del broker["username"]
    files = {"ca_file": authority.file, "certificate": pair.certificate, "key": pair.key}
    broker.update({name: str(file) for name, file in files.items()})
    file = folder / EXAMPLE.name
    file.write_text(json.dumps(flow), encoding="utf-8")
    return file


def test_the_example_reports_to_such_a_cloud(
    cloud: Mosquitto, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = authority.sign("gateway7")
    for name, value in {
        "CLOUD_HOST": "127.0.0.1",
        "CLOUD_PORT": str(cloud.port),
        "DEVICE": "gateway7",
        "CLOUD_TOPIC": "devices/gateway7/report",
    }.items():
        monkeypatch.setenv(name, value)

    async def run() -> bytes:
        listener = await listening(cloud, authority, pair)
        await asyncio.sleep(0.3)
        engine = Engine(tmp_path / "data")
        await engine.start(read_flow(with_certificate(tmp_path, authority, pair)))
        out, _ = await listener.communicate()
        await engine.stop_all()
        found: bytes = out
        return found

    topic, _, payload = asyncio.run(run()).strip().partition(b" ")
    assert topic == b"devices/gateway7/report"
    (service,) = json.loads(payload)["services"]
    assert service["service_id"] == "rack1"
    assert {"SOC", "PackVoltage"} <= set(service["properties"])
