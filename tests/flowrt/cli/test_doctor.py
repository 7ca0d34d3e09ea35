"""`flowrt doctor`: finds what is there and what is not."""

from __future__ import annotations

import json
import socket
from pathlib import Path

from tests.support.command import flowrt


def findings(*arguments: str | Path) -> dict[str, dict[str, str]]:
    result = flowrt("doctor", "--json", *arguments)
    return {one["what"]: one for one in json.loads(result.stdout)}


def test_a_sound_machine_exits_0(tmp_path: Path) -> None:
    result = flowrt("doctor", "--data", tmp_path)
    assert result.returncode == 0
    assert "node types" in result.stdout


def test_node_types_all_load_here() -> None:
    found = findings()["node types"]
    assert (found["level"], found["remedy"]) == ("ok", "")


def test_a_taken_port_is_found_with_a_remedy() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", 5020))
        taken.listen()
        found = findings()["port 5020"]
    assert found["level"] == "warn"
    assert found["remedy"] == "Does flowrt run already? Else choose another port"


def test_a_data_folder_that_cannot_be_written_fails() -> None:
    result = flowrt("doctor", "--data", "/proc/flowrt")
    assert result.returncode == 1
    assert "cannot be written" in result.stdout


def test_a_flow_with_a_problem_and_a_missing_secret_are_found(tmp_path: Path) -> None:
    broker = {"type": "mqtt/broker", "host": "x", "password": {"secret": "cloud"}}
    flow = {
        "flowrt": 1,
        "name": "sick",
        "resources": {"cloud": broker},
        "nodes": {"a": {"type": "x/y"}},
    }
    (tmp_path / "sick.json").write_text(json.dumps(flow))
    found = findings("--data", tmp_path, tmp_path / "sick.json")
    assert found["sick"]["level"] == "fail"
    assert found["sick"]["found"].startswith('nodes.a.type: no pack has a node "x/y"')
    assert found["sick"]["remedy"].startswith("flowrt check ")
    assert found["secret cloud"]["level"] == "warn"
    assert "chmod 600" in found["secret cloud"]["remedy"]
