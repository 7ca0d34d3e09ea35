"""Starts that crash again and again lead to safe mode; power cuts and clean ends do not."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import msgspec
import pytest

from flowrt.service import boots
from flowrt.service.boots import CRASHES, Boots, clear_safe_mode, past_of, why_safe

CRASH = "import ctypes, os; from pathlib import Path; from flowrt.service.boots import Boots; "


def crash(data: Path, how: str = "os.kill(os.getpid(), 9)") -> None:
    """A start that begins and is gone."""
    code = f"{CRASH} Boots(Path({str(data)!r})).begin(); {how}"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode < 0


def test_three_crashes_lead_to_safe_mode_and_their_reason_is_told(tmp_path: Path) -> None:
    for _ in range(CRASHES - 1):
        crash(tmp_path)
        assert not why_safe(past_of(tmp_path))
    crash(tmp_path, "os.abort()")
    last = Boots(tmp_path)
    reason = last.begin()
    last.end()
    assert reason.startswith("the last 3 starts crashed; the last one: Fatal Python error: Aborted")
    assert 'File "<string>", line 1 in <module>' in reason


def test_a_kill_without_a_word_is_told_as_such(tmp_path: Path) -> None:
    crash(tmp_path)
    start = Boots(tmp_path)
    assert start.begin() == ""
    start.end()
    assert past_of(tmp_path).reason.startswith("it was killed without a word")


def test_a_healthy_minute_forgets_the_crashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash(tmp_path)
    start = Boots(tmp_path)
    start.begin()
    start.alive()
    assert past_of(tmp_path).crashes == 1
    monkeypatch.setattr(boots, "HEALTHY_SECONDS", 0.0)
    start.alive()
    start.end()
    assert past_of(tmp_path).crashes == 0


def test_a_clean_end_is_no_crash(tmp_path: Path) -> None:
    for _ in range(CRASHES + 1):
        start = Boots(tmp_path)
        assert start.begin() == ""
        start.end()
    assert past_of(tmp_path).crashes == 0


def test_a_machine_that_lost_its_power_crashed_nothing(tmp_path: Path) -> None:
    for _ in range(CRASHES + 1):
        crash(tmp_path)
        past = replace(past_of(tmp_path), machine="another boot")
        (tmp_path / "boots.json").write_bytes(msgspec.json.encode(asdict(past)))
    start = Boots(tmp_path)
    assert start.begin() == ""
    start.end()


def test_two_runs_with_one_data_folder_do_not_count_each_other(tmp_path: Path) -> None:
    first, second = Boots(tmp_path), Boots(tmp_path)
    first.begin()
    assert second.begin() == ""
    second.end()
    assert past_of(tmp_path).running
    first.end()
    assert past_of(tmp_path).crashes == 0


def test_what_crashed_can_be_forgotten_by_hand(tmp_path: Path) -> None:
    for _ in range(CRASHES):
        crash(tmp_path)
    start = Boots(tmp_path)
    assert start.begin()
    start.end()
    assert clear_safe_mode(tmp_path)
    assert not clear_safe_mode(tmp_path)
    start = Boots(tmp_path)
    assert start.begin() == ""
    start.end()


@pytest.mark.parametrize("damage", [b"", b"\x00" * 40, b'{"crashes": "x"}'])
def test_a_damaged_file_stops_nothing(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "boots.json").write_bytes(damage)
    start = Boots(tmp_path)
    assert start.begin() == ""
    start.end()


def test_a_data_folder_that_cannot_be_made_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    start = Boots(tmp_path / "file" / "data")
    assert start.begin() == ""
    start.alive()
    start.end()
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]
