"""Sites by a real JetStream of NATS: nothing is lost, nothing taken twice, all in order."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nats
import orjson
import pytest

from flowrt.message import to_record
from tests.support.nats_server import NatsServer, running_nats
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
def server(tmp_path: Path) -> Iterator[NatsServer]:
    with running_nats(tmp_path) as running:
        asyncio.run(make_stream(running))
        yield running


async def make_stream(server: NatsServer) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(name="sites", subjects=["sites.>"])
    await client.close()


def write_sites(server: NatsServer, folder: Path) -> Path:
    file = folder / "sites.json"
    given = {"servers": [server.url], "stream": "sites", "durable": "centre"}
    written = {"flowrt_sites": 1, "flow": str(FLOW), "input": {"nats": given}}
    file.write_text(json.dumps({**written, "sites": {name: {} for name in SEEDS}}))
    return file


@contextmanager
def centre(file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A centre; it is killed at the end, if it is still there."""
    pipe = subprocess.PIPE
    with subprocess.Popen(sites_command(file), stdout=pipe, stderr=pipe) as running:
        try:
            yield running
        finally:
            running.kill()


def publish(server: NatsServer, begin: int, end: int, size: int = 250) -> None:
    asyncio.run(published(server, begin, end, size))


async def published(server: NatsServer, begin: int, end: int, size: int) -> None:
    client = await nats.connect(server.url)
    for site, seed in SEEDS.items():
        some = [to_record(frame) for frame in frames(seed, COUNT)][begin:end]
        for at in range(0, len(some), size):
            payload = orjson.dumps(some[at : at + size])
            await client.jetstream().publish(f"sites.{site}.frames", payload)
    await client.close()


def test_a_kill_of_the_centre_and_a_stop_of_the_server_leave_no_trace(
    server: NatsServer, tmp_path: Path
) -> None:
    run_here(tmp_path / "whole", lines(COUNT))
    file, data = write_sites(server, tmp_path), tmp_path / "sites"
    with centre(file):
        publish(server, 0, 5000)
        await_that(lambda: len(list(data.glob("*.checkpoint"))) == 2)
    publish(server, 5000, 8000)  # while nobody is there
    with centre(file) as running:
        await_that(lambda: size_of(data) > 0.5 * size_of(tmp_path / "whole"))
        server.stop()
        server.start()
        publish(server, 8000, 2 * COUNT)
        await_that(lambda: size_of(data) >= size_of(tmp_path / "whole"))
        facts = stopped(running)
    assert records(data) == records(tmp_path / "whole")
    assert facts["consumers"] == 2


def test_a_message_of_no_frames_or_of_no_site_is_counted(
    server: NatsServer, tmp_path: Path
) -> None:
    with centre(write_sites(server, tmp_path)) as running:
        asyncio.run(odd(server))
        publish(server, 0, 2, size=2)
        await_that(lambda: (tmp_path / "sites" / "south.checkpoint").exists())
        facts = stopped(running)
    assert (facts["malformed_messages"], facts["unlisted_messages"]) == (1, 1)
    assert facts["sites"]["north"]["frames"] == 2


async def odd(server: NatsServer) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().publish("sites.north.frames", b"nonsense")
    await client.jetstream().publish("sites.elsewhere.frames", b"nonsense")
    await client.close()
