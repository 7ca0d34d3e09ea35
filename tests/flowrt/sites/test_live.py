"""Many sites live: each has a record of its own, and a kill leaves no trace in it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.killing import kill_a_worker
from tests.support.sites import FLOW, lines, records, run_here, sites_command


def test_lines_that_are_no_frames_are_told_and_counted(tmp_path: Path) -> None:
    given = lines(5) + b"nonsense\n" + b'{"site": "north", "kind": "signals"}\n'
    facts = run_here(tmp_path, given)
    assert facts["malformed_lines"] == 2
    assert {name: one["frames"] for name, one in facts["sites"].items()} == {
        "north": 10,
        "south": 10,
    }


def test_a_topic_before_a_record_is_the_site(tmp_path: Path) -> None:
    given = b"".join(
        b"plant/rack " + json.dumps(json.loads(line)).encode() + b"\n"
        for line in lines(3).splitlines()
    )
    assert run_here(tmp_path, given)["sites"]["plant/rack"]["frames"] == 12


@pytest.mark.timeout(240)
def test_a_killed_actor_of_ray_changes_nothing(tmp_path: Path) -> None:
    given = lines(20_000)
    run_here(tmp_path / "here", given)
    folder = tmp_path / "ray"
    options = ("--data", str(folder), "--executor", "ray", "--workers", "2")
    with subprocess.Popen(
        sites_command(FLOW, *options),
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
