"""`flowrt deploy` and its kin against a gateway in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.support.command import FLOWRT, flowrt
from tests.support.running_gateway import RunningGateway

DBC = """VERSION ""
BU_: BMS
BO_ 853 State: 8 BMS
 SG_ SOC : 0|16@1+ (1,0) [0|100] "%" BMS
"""
LOGGED = "(1.0) can0 355#3200\n"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    gateway = RunningGateway(tmp_path_factory.mktemp("gateway"))
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


def tick(name: str, soc: float = 50) -> dict[str, Any]:
    return {
        "flowrt": 1,
        "name": name,
        "nodes": {
            "inject": {"type": "core/inject", "values": {"SOC": soc}, "every": "20 ms"},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [{"from": "inject", "to": "show"}],
    }


def written(folder: Path, document: dict[str, Any]) -> Path:
    file = folder / f"{document['name']}.json"
    file.write_text(json.dumps(document))
    return file


def run(gateway: RunningGateway, home: Path, *arguments: str | Path) -> CompletedProcess[str]:
    return flowrt(*arguments, FLOWRT_URL=gateway.url, XDG_STATE_HOME=str(home))


def on_a_terminal(gateway: RunningGateway, home: Path, *arguments: str | Path) -> str:
    """What a command prints to a terminal of its own, up to its end."""
    outer, inner = pty.openpty()
    environment = {
        **os.environ,
        "FLOWRT_URL": gateway.url,
        "XDG_STATE_HOME": str(home),
        "TERM": "xterm",
        "COLUMNS": "100",
    }
    process = subprocess.Popen([FLOWRT, *arguments], stdout=inner, env=environment)
    os.close(inner)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal is gone when the command has ended
        while data := os.read(outer, 4096):
            shown += data
    os.close(outer)
    assert process.wait(20) == 0
    return shown.decode()


def test_a_new_flow_is_sent_and_runs(gateway: RunningGateway, tmp_path: Path) -> None:
    file = written(tmp_path, tick("fresh"))
    done = run(gateway, tmp_path, "deploy", file, "--note", "first")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "fresh: sent"
    assert lines[1].startswith("fresh: check: ")
    assert lines[-1].startswith("fresh: revision ")
    state, _ = gateway.ask("api/state")
    assert state["flows"]["fresh"]["state"] == "running"
    listed = run(gateway, tmp_path, "revisions", "fresh", "--json")
    assert [(row["note"], row["running"]) for row in json.loads(listed.stdout)] == [("first", True)]


def test_a_problem_is_told_here_and_nothing_is_sent(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    document = tick("unwell")
    document["nodes"]["show"]["colour"] = "red"
    done = run(gateway, tmp_path, "deploy", written(tmp_path, document))
    assert done.returncode == 1
    assert 'nodes.show.colour: "colour" is not a setting' in done.stderr
    assert not (gateway.flows / "unwell.json").exists()


def test_the_gateways_check_is_told_as_well(gateway: RunningGateway, tmp_path: Path) -> None:
    document = tick("unchecked")
    document["nodes"]["show"]["colour"] = "red"
    done = run(gateway, tmp_path, "deploy", "--no-check", written(tmp_path, document))
    assert done.returncode == 1
    assert "colour" in done.stderr
    assert "unchecked" not in gateway.ask("api/state")[0]["flows"]


def test_what_a_flow_needs_goes_with_it(gateway: RunningGateway, tmp_path: Path) -> None:
    document = {
        "flowrt": 1,
        "name": "needy",
        "resources": {"bus": {"type": "can/bus", "interface": "virtual", "channel": "needy"}},
        "nodes": {
            "frames": {"type": "can/receive", "bus": "bus"},
            "decode": {"type": "can/decode", "database": "dbc/own.dbc"},
            "half": {"type": "flow/guard"},
            "show": {"type": "core/debug", "to": "none"},
        },
        "wires": [
            {"from": "frames", "to": "decode"},
            {"from": "decode", "to": "half.in"},
            {"from": "half.out", "to": "show"},
        ],
    }
    guard = {
        "flowrt": 1,
        "name": "guard",
        "parameters": {},
        "nodes": {"in": {"type": "core/input"}, "out": {"type": "core/output"}},
        "wires": [{"from": "in", "to": "out"}],
    }
    test = {
        "name": "x",
        "given": [{"port": "frames", "log": "logs/x.log"}],
        "expect": [{"port": "decode", "count": 1}],
    }
    for folder in ("dbc", "logs"):
        (tmp_path / folder).mkdir()
    (tmp_path / "dbc" / "own.dbc").write_text(DBC)
    (tmp_path / "logs" / "x.log").write_text(LOGGED)
    (tmp_path / "needy.test.json").write_text(json.dumps({"flowrt": 1, "tests": [test]}))
    (tmp_path / "needy.layout.json").write_text('{"nodes": {}}')
    written(tmp_path, guard)
    done = run(gateway, tmp_path, "deploy", written(tmp_path, document))
    assert (done.returncode, done.stderr) == (0, "")
    there = {file.relative_to(gateway.flows).as_posix() for file in gateway.flows.rglob("*")}
    assert {
        *("needy.json", "guard.json", "dbc/own.dbc", "logs/x.log"),
        *("needy.test.json", "needy.layout.json"),
    } <= there
    again = run(gateway, tmp_path, "deploy", tmp_path / "needy.json")
    assert "sent" not in again.stdout


def test_a_change_of_somebody_else_is_not_overwritten(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    file = written(tmp_path, tick("shared"))
    assert run(gateway, tmp_path, "deploy", file).returncode == 0
    other = tmp_path / "other"
    other.mkdir()
    theirs = run(gateway, other, "deploy", "--overwrite", written(other, tick("shared", 60)))
    assert theirs.returncode == 0
    written(tmp_path, tick("shared", 70))
    mine = run(gateway, tmp_path, "deploy", file)
    assert mine.returncode == 1
    assert '"shared" there is not a version that was sent from here' in mine.stderr
    assert "(last deployed by " in mine.stderr
    assert gateway.read("shared")["nodes"]["inject"]["values"] == {"SOC": 60}
    assert run(gateway, tmp_path, "deploy", file, "--overwrite").returncode == 0
    assert gateway.read("shared")["nodes"]["inject"]["values"] == {"SOC": 70}
    written(tmp_path, tick("shared", 80))
    assert run(gateway, tmp_path, "deploy", file).returncode == 0


def test_a_rollback_runs_the_revision_before(gateway: RunningGateway, tmp_path: Path) -> None:
    for soc in (1, 2):
        file = written(tmp_path, tick("moved", soc))
        assert run(gateway, tmp_path, "deploy", file).returncode == 0
    done = run(gateway, tmp_path, "rollback", "moved")
    assert done.returncode == 0
    assert gateway.read("moved")["nodes"]["inject"]["values"] == {"SOC": 1}
    table = run(gateway, tmp_path, "revisions", "moved").stdout.splitlines()
    assert table[1].startswith("*")
    assert "rollback to" in table[1]
    unknown = run(gateway, tmp_path, "rollback", "moved", "0123456789ab")
    assert (unknown.returncode, 'no revision "0123456789ab"' in unknown.stderr) == (1, True)


def test_tests_that_fail_on_the_gateway_stop_a_deploy(
    gateway: RunningGateway, tmp_path: Path
) -> None:
    file = written(tmp_path, tick("tested"))
    test = {"name": "never", "given": [], "expect": [{"port": "show", "count": 7}], "until": "1 s"}
    (tmp_path / "tested.test.json").write_text(json.dumps({"flowrt": 1, "tests": [test]}))
    refused = run(gateway, tmp_path, "deploy", file)
    assert (refused.returncode, "never" in refused.stderr) == (1, True), refused.stderr
    assert run(gateway, tmp_path, "deploy", file, "--force", "--health", "0").returncode == 0


def test_what_went_back_by_itself_is_no_conflict(gateway: RunningGateway, tmp_path: Path) -> None:
    for soc in (1, 2):
        file = written(tmp_path, tick("wavering", soc))
        assert run(gateway, tmp_path, "deploy", file).returncode == 0
    assert run(gateway, tmp_path, "rollback", "wavering").returncode == 0
    file = written(tmp_path, tick("wavering", 3))
    assert run(gateway, tmp_path, "deploy", file).returncode == 0


def test_status_tells_rates_and_alarms(gateway: RunningGateway, tmp_path: Path) -> None:
    assert run(gateway, tmp_path, "deploy", written(tmp_path, tick("rated"))).returncode == 0
    done = run(gateway, tmp_path, "status", "--json")
    found = json.loads(done.stdout)
    row = next(row for row in found["nodes"] if (row["flow"], row["node"]) == ("rated", "show"))
    assert 10 < row["in_rate"] <= 60
    assert row["errors"] == 0
    page = run(gateway, tmp_path, "status").stdout
    assert "rated running" in page
    assert "no alarm stands" in page


def test_logs_are_printed_by_flow(gateway: RunningGateway, tmp_path: Path) -> None:
    assert run(gateway, tmp_path, "deploy", written(tmp_path, tick("told"))).returncode == 0
    lines = run(gateway, tmp_path, "logs", "--flow", "told").stdout.splitlines()
    assert all(" told " in line for line in lines)
    assert any("deploy, check: " in line for line in lines)
    rows = run(gateway, tmp_path, "logs", "--flow", "told", "--json", "-n", "1").stdout.splitlines()
    assert [json.loads(row)["flow"] for row in rows] == ["told"]


def test_new_lines_are_followed(gateway: RunningGateway, tmp_path: Path) -> None:
    following = subprocess.Popen(
        [FLOWRT, "logs", "--follow", "--flow", "followed", "--to", gateway.url],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deployed = run(gateway, tmp_path, "deploy", written(tmp_path, tick("followed")))
        assert deployed.returncode == 0
        assert following.stdout is not None
        assert " followed " in following.stdout.readline()
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130
    finally:
        following.kill()
        following.communicate()


def test_a_person_sees_a_table_that_moves(gateway: RunningGateway, tmp_path: Path) -> None:
    file = written(tmp_path, tick("seen"))
    shown = on_a_terminal(gateway, tmp_path, "deploy", file)
    assert "seen" in shown
    assert "✓" in shown
    assert "\x1b[" in shown


def test_a_gateway_that_is_not_there_is_told_with_the_remedy(tmp_path: Path) -> None:
    done = flowrt("status", "--to", "127.0.0.1:9", XDG_STATE_HOME=str(tmp_path))
    assert done.returncode == 1
    assert "http://127.0.0.1:9: nothing answers (Connection refused)." in done.stderr
    assert "--to URL" in done.stderr


def test_usage_is_refused_with_2(tmp_path: Path) -> None:
    assert flowrt("deploy").returncode == 2
    assert flowrt("status", "--to", "ftp://x").returncode == 2
    token = tmp_path / "token"
    token.write_text("x")
    token.chmod(0o644)
    open_file = flowrt("status", "--token-file", token)
    assert (open_file.returncode, "chmod 600" in open_file.stderr) == (2, True)
