"""`flowrt alarms` against a gateway in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.support.command import flowrt
from tests.support.running_gateway import RunningGateway

FLOW = {
    "flowrt": 1,
    "name": "rack",
    "nodes": {
        "inject": {"type": "core/inject", "values": {"SOC": 10}, "source": "rack1", "every": "1 h"},
        "low": {"type": "logic/threshold", "signal": "SOC", "below": 20},
    },
    "wires": [{"from": "inject", "to": "low"}],
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    folder = tmp_path_factory.mktemp("gateway")
    (folder / "rack.json").write_text(json.dumps(FLOW))
    gateway = RunningGateway(folder)
    gateway.start()
    try:
        assert flowrt("deploy", folder / "rack.json", FLOWRT_URL=gateway.url).returncode == 0
        yield gateway
    finally:
        gateway.stop()


def alarms(gateway: RunningGateway, *arguments: str | Path) -> CompletedProcess[str]:
    return flowrt("alarms", *arguments, FLOWRT_URL=gateway.url)


def test_an_alarm_is_shelved_shown_and_taken_back(gateway: RunningGateway) -> None:
    named = ("rack", "rack1", "low")
    shelved = alarms(gateway, "shelve", *named, "--for", "2 h", "--reason", "cable is moved")
    assert (shelved.returncode, shelved.stderr) == (0, "")
    shown = alarms(gateway, "show").stdout
    assert shown.startswith('alarm    rack "rack1" "low" since ')
    assert "shelved by " in shown
    assert shown.endswith(": cable is moved\n")
    (row,) = json.loads(alarms(gateway, "show", "--json").stdout)["shelved"]
    assert round(row["until"] - row["time"]) == 7200
    assert alarms(gateway, "unshelve", *named).returncode == 0
    assert alarms(gateway, "acknowledge", *named).returncode == 0
    assert "seen by " in alarms(gateway, "show").stdout


def test_what_the_gateway_refuses_is_told(gateway: RunningGateway) -> None:
    refused = alarms(
        gateway, "shelve", "rack", "rack1", "low", "--for", "9 d", "--reason", "tired of it"
    )
    assert refused.returncode == 1
    assert "1 s to 24 h, not 777600 s" in refused.stderr
    assert "is not shelved" in alarms(gateway, "unshelve", "rack", "rack1", "low").stderr
