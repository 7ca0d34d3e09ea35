"""`flowrt run` as a service manager sees it: starts, answers, drains at SIGTERM, exits 0."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flowrt.audit import records, verify
from tests.support.command import FLOWRT, flowrt
from tests.support.ports import free_port

TICK = {
    "flowrt": 1,
    "name": "tick",
    "nodes": {
        "inject": {"type": "core/inject", "values": {"SOC": 50}, "every": "50 ms"},
        "keep": {"type": "storage/jsonl", "file": "out.jsonl"},
    },
    "wires": [{"from": "inject", "to": "keep"}],
}


@contextmanager
def running(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [str(FLOWRT), "run", ".", "--data", "data", *options],
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(url: str) -> bytes:
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                body: bytes = response.read()
                return body
        except OSError:
            assert time.monotonic() < deadline, f"{url} did not answer"
            time.sleep(0.05)


def received(url: str) -> int:
    """How many readings have reached the sink, as far as the flow runs."""
    nodes = json.loads(wait_for(url))["flows"].get("tick", {}).get("nodes", {})
    count: int = nodes.get("keep", {}).get("received", 0)
    return count


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_exits_0(name: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    port = free_port()
    with running(tmp_path, "--open", "--bind", f"127.0.0.1:{port}") as process:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        while received(f"http://127.0.0.1:{port}/api/state") < 3:
            time.sleep(0.05)
        process.send_signal(name)
        out, _ = process.communicate(timeout=20)
        assert process.returncode == 0
    assert "running" in out
    assert f"http://127.0.0.1:{port}/" in out
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert len(lines) >= 3
    assert {line["values"]["SOC"] for line in lines} == {50}


def test_a_bad_flow_leaves_the_others_running(tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    (tmp_path / "broken.json").write_bytes(b"\x00\x01")
    port = free_port()
    with running(tmp_path, "--open", "--bind", f"127.0.0.1:{port}") as process:
        while "tick" not in json.loads(wait_for(f"http://127.0.0.1:{port}/api/state"))["flows"]:
            time.sleep(0.05)
        flows = json.loads(wait_for(f"http://127.0.0.1:{port}/api/flows"))
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert {flow["name"]: flow["state"] for flow in flows} == {
        "broken": "failed",
        "tick": "running",
    }
    assert "is not UTF-8 text" in errors or "line 1" in errors


def test_a_taken_port_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = flowrt("run", "tick.json", "--bind", f"127.0.0.1:{port}", folder=tmp_path)
    assert result.returncode == 1
    assert f"127.0.0.1:{port} cannot be listened at: " in result.stderr
    assert "Choose another with --bind HOST:PORT." in result.stderr


@pytest.mark.parametrize("bind", ["8420", "localhost:x", "localhost:99999"])
def test_a_bad_address_is_a_usage_error(bind: str, tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    assert flowrt("run", "tick.json", "--bind", bind, folder=tmp_path).returncode == 2


def test_nothing_to_run_without_an_editor_exits_1(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text("{")
    assert flowrt("run", "broken.json", "--no-editor", folder=tmp_path).returncode == 1


def test_a_stopped_flow_is_not_started_at_boot(tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stopped.json").write_text('["tick"]')
    result = flowrt("run", "tick.json", "--no-editor", "--data", "data", folder=tmp_path)
    assert result.returncode == 1
    assert "stopped  tick" in result.stdout
    assert "no flow runs: tick stopped by hand." in result.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_readiness_is_told_to_systemd(tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text(json.dumps(TICK))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        process = subprocess.Popen(
            [str(FLOWRT), "run", "tick.json", "--no-editor", "--data", "data"],
            cwd=tmp_path,
            env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "HOME": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        assert manager.recv(100) == b"READY=1"
        assert manager.recv(100) == b"STATUS=1 flows run, 0 failed"
        process.terminate()
        assert manager.recv(100) == b"STOPPING=1"
        assert process.wait(20) == 0


def test_open_doors_are_refused_beyond_this_machine(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    done = flowrt("run", "flows", "--open", "--bind", "0.0.0.0:0", folder=tmp_path)
    assert done.returncode == 2
    assert "may be bound to 127.0.0.1, ::1, localhost only, not to 0.0.0.0" in done.stderr


def test_set_points_are_audited_without_a_web_server(tmp_path: Path) -> None:
    by_hand = {
        "flowrt": 1,
        "name": "hand",
        "nodes": {
            "inject": {"type": "core/inject", "values": {"Command": 7}, "source": "anna"},
            "plan": {"type": "core/inject", "values": {"Power": 0}, "count": 0},
            "hand": {"type": "control/override", "signal": "Power"},
            "keep": {"type": "storage/jsonl", "file": "out.jsonl"},
        },
        "wires": [
            {"from": "inject", "to": "hand.command"},
            {"from": "plan", "to": "hand"},
            {"from": "hand", "to": "keep"},
        ],
    }
    (tmp_path / "hand.json").write_text(json.dumps(by_hand))
    with running(tmp_path, "--no-editor") as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "out.jsonl").exists() or not (tmp_path / "out.jsonl").read_bytes():
            assert time.monotonic() < deadline, "nothing was commanded"
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    (record,) = records(tmp_path / "data" / "audit")
    assert (record["who"], record["what"]) == ("flow hand", "set-point commanded")
    told = {"node": "hand", "set_point": "Power", "value": 7.0, "by": "anna"}
    assert record["details"] == told
    assert verify(tmp_path / "data" / "audit").problems == []
