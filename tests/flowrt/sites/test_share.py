"""How much of a replay is done shows where a person watches."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

from flowrt.sites.share import Share
from tests.support.sites import FLOW


def test_what_is_read_of_each_log_counts(tmp_path: Path) -> None:
    logs = [tmp_path / f"{name}.log" for name in "abcd"]
    for log in logs:
        log.write_bytes(bytes(1000))
    share = Share([logs[:2], logs[2:]])
    assert (share.total, share.done()) == (4000, 0)
    with logs[1].open("rb", buffering=0) as second, logs[2].open("rb", buffering=0) as third:
        second.read(300)
        third.read(500)
        assert share.done() == 1800
    assert share.done() == 1800  # between two logs nothing is open
    share.finished = 2
    assert share.done() == 4000


def test_a_person_sees_the_part_that_is_done(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    lines = (f"({n * 0.05:.6f}) can0 355#{19 + n % 3:02X}00640000000000\n" for n in range(800_000))
    log.write_text("".join(lines))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "flowrt", "replay", str(FLOW), str(log)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env=environment
    ) as running:
        os.close(theirs)
        shown = b""
        try:
            while data := os.read(ours, 4096):
                shown += data
        except OSError:  # how a pseudo terminal says that nobody writes any more
            pass
    os.close(ours)
    assert running.returncode == 0
    seen = [int(part) for part in re.findall(rb"(\d+)%", shown)]
    assert seen == sorted(seen)
    assert any(0 < part <= 100 for part in seen), shown
