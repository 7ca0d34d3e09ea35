"""What a recorder has acknowledged is on disk, whenever it is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

PRELUDE = """
import itertools, sys, time
from pathlib import Path
from flowrt.node import Signals
from nodes.storage.database import Database
from nodes.storage.jsonl import RecordLines
from nodes.storage.log_file import LogFile, Rotation
from nodes.storage.retention import Retention
from nodes.storage.rotating import LineStore

file = Path(sys.argv[1])
"""
ENDLESS = """
for n in itertools.count(1):
    store.write([Signals(time.time(), "s", {f"n{k}": n for k in range(50)})] * 10)
    print(n * 10, flush=True)
"""
STORES = {
    "sqlite": "store = Database(file, Retention(None, None), time.time)",
    "jsonl": "store = LineStore(LogFile(file, Rotation(False, 0, 1), time.time), RecordLines('r'))",
}


def acknowledged(file: Path, store: str) -> int:
    """Messages that a recorder says are safe, before it is killed in the middle of its work."""
    script = PRELUDE + STORES[store] + ENDLESS
    recorder = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdout=subprocess.PIPE, text=True
    )
    assert recorder.stdout is not None
    with recorder, recorder.stdout as said:
        for line in said:
            if int(line) >= 300:
                break
        os.kill(recorder.pid, signal.SIGKILL)
        return int([line, *said][-1])


def messages_in_database(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        count: int = connection.execute("SELECT count(*) / 50 FROM readings").fetchone()[0]
        return count


def messages_in_lines(file: Path) -> int:
    whole = [line for line in file.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    return len([json.loads(line) for line in whole])


@pytest.mark.parametrize(
    ("store", "count"), [("sqlite", messages_in_database), ("jsonl", messages_in_lines)]
)
def test_nothing_acknowledged_is_lost(tmp_path: Path, store: str, count: object) -> None:
    assert callable(count)
    safe = acknowledged(tmp_path / "x", store)
    assert safe >= 300
    assert safe <= count(tmp_path / "x") <= safe + 10
