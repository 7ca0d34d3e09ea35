"""Without an extra's library a type is unavailable, says what to install, and stops no other."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == sys.argv[1] else find(name, *rest)
from flowrt.registry import Missing, available
for type in available():
    if isinstance(type, Missing):
        print(type.type, type.reason)
"""


@pytest.mark.parametrize(
    ("library", "type", "extra"),
    [
        ("asyncua", "opcua/server", "opcua"),
        ("pyarrow", "storage/parquet", "bulk"),
        ("numpy", "bess/simulator", "demo"),
    ],
)
def test_a_type_without_its_library_says_what_to_install(
    library: str, type: str, extra: str
) -> None:
    command = [sys.executable, "-c", PROGRAM, library]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    lines = [line for line in ran.stdout.splitlines() if type in line]
    assert len(lines) == 1
    assert f"\"{library}\" is missing. Install it: pip install 'flowrt[{extra}]'" in lines[0]
    assert "modbus/" not in ran.stdout
