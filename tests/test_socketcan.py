"""Runs the SocketCAN tests under a kernel that has it, where this machine's own has none."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNNER = ROOT.parent / "shared" / "tools" / "socketcan-run"


@pytest.mark.timeout(400)
def test_the_socketcan_tests_pass_under_a_kernel_that_has_it() -> None:
    if Path("/sys/class/net/vcan0").exists():
        pytest.skip("this kernel has vcan0: the tests of tests/socketcan run directly")
    if not RUNNER.exists():
        pytest.skip("no SocketCAN here, and no runner beside the repository that brings a kernel")
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "tests/socketcan",
        "-q",
        "-rs",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [str(RUNNER), *tests], cwd=ROOT, capture_output=True, text=True, timeout=390, check=False
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr[-2000:]
    last = ran.stdout.strip().splitlines()[-1]
    assert re.match(r"\d+ passed in", last), last
