"""Which flows stay stopped: kept on disk, and no reason to stop anything where damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.state.stopped import Stopped


def test_what_was_stopped_is_known_after_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "data" / "stopped.json"
    for name in ("rack", "tick"):
        Stopped(file).add(name)
    Stopped(file).discard("rack")
    Stopped(file).discard("never-stopped")
    assert Stopped(file).names() == {"tick"}


@pytest.mark.parametrize("damage", [b'["ti', b"7", b"\xff\xfe"])
def test_a_damaged_file_stops_nothing_and_is_told(
    damage: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "stopped.json"
    file.write_bytes(damage)
    assert Stopped(file).names() == frozenset()
    assert "every flow is started" in caplog.text
