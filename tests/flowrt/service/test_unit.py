"""The unit, as systemd itself reads and judges it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from flowrt.service.install import Installation
from flowrt.service.unit import Plan, unit_text
from tests.support.command import FLOWRT, flowrt
from tests.support.mosquitto import program

PLAN = Plan(FLOWRT)
FULL = Plan(
    FLOWRT,
    flows=(Path("/srv/my flows"),),
    bitrates=(("can0", 500_000), ("can1", 250_000)),
    secrets=("cloud-password",),
    serial=True,
)


def analyze(folder: Path, plan: Plan, *arguments: str) -> subprocess.CompletedProcess[str]:
    unit = folder / "flowrt.service"
    unit.write_text(unit_text(plan))
    command = [program("systemd-analyze"), *arguments, str(unit)]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


@pytest.mark.parametrize("plan", [PLAN, FULL], ids=["plain", "full"])
def test_systemd_understands_every_line(plan: Plan, tmp_path: Path) -> None:
    done = analyze(tmp_path, plan, "verify", "--man=no")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(("plan", "most"), [(PLAN, 20), (FULL, 25)], ids=["plain", "full"])
def test_systemd_finds_little_exposure(plan: Plan, most: int, tmp_path: Path) -> None:
    done = analyze(tmp_path, plan, "security", "--offline=yes", f"--threshold={most}", "--no-pager")
    assert done.returncode == 0, done.stdout


def test_it_may_do_what_can_needs_and_no_more() -> None:
    lines = unit_text(PLAN).splitlines()
    assert "AmbientCapabilities=CAP_NET_RAW" in lines
    assert "CapabilityBoundingSet=CAP_NET_RAW" in lines
    assert "CAP_NET_ADMIN" not in unit_text(FULL)
    assert "ExecStartPre=+-/sbin/ip link set can1 up type can bitrate 250000 restart-ms 100" in (
        unit_text(FULL).splitlines()
    )


def test_neither_network_nor_time_is_waited_for() -> None:
    text = unit_text(FULL)
    assert not any(word in text for word in ("After=", "Wants=", "Requires=", "network-online"))


def test_secrets_of_flows_become_credentials(tmp_path: Path) -> None:
    broker = {"type": "mqtt/broker", "host": "x", "password": {"secret": "cloud"}}
    flow = {"flowrt": 1, "name": "x", "resources": {"cloud": broker}, "nodes": {}}
    (tmp_path / "x.json").write_text(json.dumps(flow))
    done = flowrt("service", "print", tmp_path, "--secret", "more", "--can", "can0=125000")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith("LoadCredential=")] == [
        "LoadCredential=cloud:/etc/flowrt/secrets/cloud",
        "LoadCredential=more:/etc/flowrt/secrets/more",
    ]
    assert f"ReadWritePaths={tmp_path}" in lines
    assert any(line.startswith(f"ExecStart={FLOWRT} run {tmp_path} --bind ") for line in lines)


def test_it_is_installed_into_an_image(tmp_path: Path) -> None:
    done = flowrt("service", "install", "--root", tmp_path, "--user", "gateway")
    assert done.returncode == 0, done.stderr
    assert "systemctl enable --now flowrt" in done.stdout
    assert "User=gateway" in (tmp_path / "etc/systemd/system/flowrt.service").read_text()
    assert (tmp_path / "etc/sysctl.d/60-flowrt.conf").read_text() == "net.core.rmem_max=8388608\n"
    assert (tmp_path / "etc/flowrt/secrets").stat().st_mode & 0o777 == 0o700


def test_the_user_is_made_by_sysusers(tmp_path: Path) -> None:
    sysusers = shutil.which("systemd-sysusers") or program("systemd-sysusers")
    list(Installation(PLAN, tmp_path).write())
    command = [sysusers, f"--root={tmp_path}"]
    subprocess.run(command, check=True, capture_output=True, timeout=50)
    assert "flowrt:x:" in (tmp_path / "etc/passwd").read_text()


def test_a_folder_that_cannot_be_written_is_told_with_the_remedy() -> None:
    done = flowrt("service", "install", "--root", "/proc")
    assert (done.returncode, "Run it by sudo." in done.stderr) == (1, True)


def test_a_bad_bit_rate_is_a_usage_error() -> None:
    assert flowrt("service", "print", "--can", "can0").returncode == 2
