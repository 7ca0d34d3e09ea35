"""A power cut at any moment of deploys and checkpoints, as SIGKILL of a real `flowrt run`."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from flowrt.files.revisions import Revisions, revision_id
from flowrt.state.checkpoint import Checkpoint, Checkpoints
from tests.support.gateway import document
from tests.support.rounds import rounds
from tests.support.running_gateway import RunningGateway
from tests.support.warm_start import WarmStart

pytestmark = pytest.mark.slow
KILLS = 25
"""In `make test`; `make soak` has 200."""
BACK = 2.0
"""Seconds in which a gateway is to run again; measured here, as the machine may be busy."""


def version(number: int) -> dict[str, Any]:
    """The flow's version of a number."""
    nodes = {
        "rack": {"type": "bess/simulator", "every": "5 ms", "modules": 2},
        "minute": {
            "type": "logic/aggregate",
            "signals": ["SOC"],
            "every": "1 h",
            "functions": ["count"],
        },
        "low": {
            "type": "logic/threshold",
            "signal": "SOC",
            "below": 99,
            "latch": True,
            "severity": ("info", "warning", "alarm")[number % 3],
        },
        "show": {"type": "core/debug", "to": "none"},
    }
    flow = document("rack", nodes, "rack minute", "rack low", "minute show", "low show")
    return {**flow, "description": f"version {number}"}


@dataclass
class Deployer(threading.Thread):
    """Deploys one version after the other, and knows which of them were acknowledged."""

    gateway: RunningGateway
    begun: int
    done: int
    checkpoint: int = 0
    """The number of the newest checkpoint that the gateway told."""
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.ending.is_set():
            try:
                self._deploy(self.begun + 1)
            except (OSError, urllib.error.URLError, http.client.HTTPException):
                return  # killed meanwhile

    def _deploy(self, number: int) -> None:
        self.begun = number
        flow, put = "api/flows/rack", {"If-Match": "*"}
        self.gateway.ask(flow, "PUT", version(number), **put)
        self.gateway.ask(f"{flow}/deploy", "POST", {"health_seconds": 0.01})
        self.done = number
        state, _ = self.gateway.ask("api/state")
        self.checkpoint = state["flows"]["rack"]["checkpoint"]["number"]


@pytest.fixture(scope="module")
def warm() -> Iterator[WarmStart]:
    started = WarmStart()
    yield started
    started.close()


@pytest.fixture
def gateway(tmp_path: Path, warm: WarmStart) -> Iterator[RunningGateway]:
    made = RunningGateway(tmp_path, warm=warm, options=("--checkpoint-every", "0.02"))
    made.put(version(0))
    yield made
    made.kill()


def wait_ready(gateway: RunningGateway) -> float:
    """Seconds until every flow runs."""
    begun = time.monotonic()
    while True:
        try:
            gateway.ask("readyz")
        except (OSError, urllib.error.URLError, http.client.HTTPException):
            assert time.monotonic() - begun < 20, (gateway.folder / "log").read_text()
            time.sleep(0.01)
        else:
            return time.monotonic() - begun


def saved(folder: Path) -> Checkpoint:
    """The newest checkpoint on disk, none of which may be damaged."""
    found = Checkpoints(folder / "data" / "state" / "rack.json").read()
    assert not list((folder / "data" / "state").glob("*.damaged"))
    return found


def number_of(flow: dict[str, Any]) -> int:
    """Which version a document is; it must be whole."""
    number = int(flow["description"].removeprefix("version "))
    assert flow == version(number)
    return number


def test_a_kill_at_any_moment_leaves_a_whole_version_and_the_newest_state(
    gateway: RunningGateway,
) -> None:
    seed = random.randrange(10**6)
    draw = random.Random(seed)
    print(f"\nseed {seed}")
    last, number, backs = Checkpoint(), 0, []
    folder = gateway.folder
    revisions = Revisions(folder / "data" / "revisions")
    for _ in range(rounds(KILLS)):
        (folder / "data" / "boots.json").unlink(missing_ok=True)  # crashes are what this is about
        begun = time.monotonic()
        gateway.start()
        wait_ready(gateway)
        backs.append(time.monotonic() - begun)
        deployer = Deployer(gateway, number, number)
        deployer.start()
        time.sleep(draw.uniform(0.05, 0.6))
        gateway.kill()
        deployer.join(20)
        number = number_of(gateway.read("rack"))
        assert deployer.done <= number <= deployer.begun
        newest = saved(folder)
        assert newest.number >= max(deployer.checkpoint, last.number)
        if last.number:
            before, after = (one.nodes["rack"]["state"]["plant"]["time"] for one in (last, newest))
            assert after >= before
        last = newest
        for revision in revisions.of("rack"):
            assert revision_id(revisions.document("rack", revision.id)) == revision.id
        leftovers = [file.name for file in gateway.flows.iterdir() if "damaged" in file.name]
        assert leftovers == []
    gateway.start()
    wait_ready(gateway)
    alarms, _ = gateway.ask("api/alarms")
    assert [(alarm["name"], alarm["state"]) for alarm in alarms] == [("low", "raised")]
    print(
        f"{len(backs)} kills, {number} versions, checkpoint {last.number}; running again "
        f"in p50 {median(backs):.2f} s, max {max(backs):.2f} s"
    )


def test_a_flow_file_cut_in_half_runs_the_last_good_version(gateway: RunningGateway) -> None:
    gateway.start()
    wait_ready(gateway)
    gateway.kill()
    file = gateway.flows / "rack.json"
    half = file.read_bytes()[:200]
    file.write_bytes(half)
    (gateway.folder / "data" / "boots.json").unlink(missing_ok=True)
    gateway.start()
    wait_ready(gateway)
    assert gateway.read("rack") == version(0)
    (aside,) = gateway.flows.glob("rack.json.damaged-*")
    assert aside.read_bytes() == half
    assert "the file was damaged and is kept as" in (gateway.folder / "log").read_text()
    assert json.loads(file.read_bytes())["name"] == "rack"
