"""Without an extra's library a type is unavailable, says what to install, and stops no other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from flowrt.registry import data_file
from nodes.canopen.pdo import PdoDecode

PROGRAM = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == sys.argv[1] else find(name, *rest)
from flowrt.registry import Missing, available
for type in available():
    if isinstance(type, Missing):
        print(type.type, type.reason)
"""


def test_a_dictionary_that_cannot_be_read_for_want_of_the_library_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "canopen", None)
    file = data_file(Path("eds/rack.eds"))
    assert file is not None
    (problem,) = PdoDecode(dictionary=file, node=99).problems()
    assert problem == (
        "dictionary",
        "canopen is not here. Install it: pip install 'flowrt[protocols]'",
    )


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
