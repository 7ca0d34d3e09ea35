"""asammdf is loaded for MF4 logs, and for nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LOAD_DATABASE = """
import sys
from nodes.can.database import load_database
from tests.support.can import PYLONTECH
load_database(PYLONTECH)
assert "can" in sys.modules
assert "asammdf" not in sys.modules and "pandas" not in sys.modules
"""
THEN_MF4 = """
import asyncio
from pathlib import Path
from flowrt.message import Frame
from nodes.can.log_writer import LogWriter
from nodes.can.logs import read
from tests.support.live_node import running
frames = [Frame(float(n), "1", n, bytes([n])) for n in range(3)]
async def write(folder):
    node = LogWriter(file=folder / "x.mf4")
    async with running(node):
        await node.write(frames)
asyncio.run(write(Path(sys.argv[1])))
(file,) = Path(sys.argv[1]).iterdir()
assert [(f.id, f.data) for f in read(file)] == [(f.id, f.data) for f in frames]
assert "asammdf" in sys.modules
"""


def run(code: str, *arguments: str) -> None:
    """In a process of its own: what a module imports is imported once."""
    command = [sys.executable, "-c", code, *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_database_is_loaded_without_asammdf() -> None:
    run(LOAD_DATABASE)


def test_mf4_can_be_written_and_read_afterwards(tmp_path: Path) -> None:
    pytest.importorskip("asammdf")
    run(LOAD_DATABASE + THEN_MF4, str(tmp_path))
