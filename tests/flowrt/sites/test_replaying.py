"""Logs of many sites by many workers give what one after another gives, also when one dies."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import flowrt
from tests.support.killing import kill_a_worker

FLOW = Path(__file__).parents[3] / "examples" / "rack-to-cloud.json"


def write_log(file: Path, start: float, frames: int, seed: int) -> None:
    """A rack whose charge falls below 20 % and recovers, again and again."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as out:
        for index in range(frames):
            now = start + index * 0.1
            soc = 21 + seed + round(6 * ((index // 50) % 7 - 3) / 3)
            volt = 4900 + (index * 37 + seed) % 300
            out.write(f"({now:.6f}) can0 355#{soc:02X}00640000000000\n")
            low, high = volt & 255, volt >> 8
            out.write(f"({now + 0.05:.6f}) can0 356#{low:02X}{high:02X}F1FF3700\n")


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for site in range(3):
        for day in range(3):
            write_log(tmp_path / "logs" / f"site{site}" / f"day{day}.log", day * 300.0, 3000, site)
    return tmp_path / "logs"


def expected(logs: Path, tmp_path: Path) -> list[dict[str, Any]]:
    """The records of each site by itself, one after another."""
    lines = []
    for site in sorted(logs.iterdir()):
        out = tmp_path / f"{site.name}.jsonl"
        result = flowrt("replay", FLOW, *sorted(site.iterdir()), "--record", out)
        assert result.returncode == 0, result.stderr
        lines += [{"site": site.name, **one} for one in records(out)]
    assert len(lines) > 50
    return lines


def records(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("executor", ["processes", "dask", "ray"])
def test_every_executor_gives_the_same_in_the_same_order(
    executor: str, logs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    options = ("--workers", "2", "--executor", executor, "--record", out, "--json")
    result = flowrt("replay", FLOW, logs, *options)
    assert result.returncode == 0, result.stderr
    facts = json.loads(result.stdout)
    assert (facts["frames"], facts["by"]) == (54_000, "columns")
    assert records(out) == expected(logs, tmp_path)
    assert facts["recorded"] == {"publish": len(records(out))}


def test_a_warm_up_lets_the_days_of_a_site_go_apart(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    options = ("--workers", "2", "--warm-up", "4 min", "--record", out, "--json")
    result = flowrt("replay", FLOW, logs / "site0", *options)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["frames"] == 18_000
    wanted = [
        {key: value for key, value in one.items() if key != "site"}
        for one in expected(logs, tmp_path)
        if one["site"] == "site0"
    ]
    assert records(out) == wanted


@pytest.mark.timeout(240)
@pytest.mark.parametrize("executor", ["processes", "dask", "ray"])
def test_a_killed_worker_changes_nothing(executor: str, tmp_path: Path) -> None:
    """It is killed when its first checkpoint is there, and goes on from that."""
    logs = tmp_path / "logs"
    for day in range(6):
        write_log(logs / "north" / f"day{day:02}.log", day * 1000.0, 10_000, 0)
        write_log(logs / "south" / f"day{day:02}.log", day * 1000.0, 10_000, 1)
    out = tmp_path / "out.jsonl"
    options = ("--workers", "2", "--executor", executor, "--record", str(out), "--json")
    command = [sys.executable, "-m", "flowrt", "replay", str(FLOW), str(logs), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        killed = kill_a_worker(running.pid, tmp_path, ".replay-*/*.checkpoint")
        stdout, stderr = running.communicate(timeout=200)
    assert killed, "no worker was caught at work"
    assert running.returncode == 0, stderr.decode()
    assert json.loads(stdout)["frames"] == 2 * 6 * 20_000
    assert records(out) == expected(logs, tmp_path)
