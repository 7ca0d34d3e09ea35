"""What is found in a data folder: journals byte for byte, files that were set aside."""

from __future__ import annotations

from pathlib import Path

from flowrt.doctor.data import examine_data
from flowrt.doctor.finding import Finding
from flowrt.journal import Journal
from flowrt.message import Signals

NAME = "rack/window.out-publish.in"


def written(data: Path) -> Path:
    folder = data / "journal" / NAME
    journal = Journal(folder)
    journal.append([Signals(float(n), "State", {"SOC": n}) for n in range(300)], 0)
    journal.close()
    (segment,) = folder.glob("*.seg")
    return segment


def found(data: Path, what: str) -> list[Finding]:
    return [finding for finding in examine_data(data) if finding.what == what]


def test_a_sound_journal_tells_what_waits(tmp_path: Path) -> None:
    written(tmp_path)
    (finding,) = found(tmp_path, "journal")
    assert (finding.level, finding.found) == (
        "ok",
        f"{NAME}: 300 messages wait, all can be read",
    )


def test_damage_in_a_journal_is_found_with_its_remedy(tmp_path: Path) -> None:
    segment = written(tmp_path)
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    (finding,) = found(tmp_path, "journal")
    assert finding.level == "warn"
    assert "1 damaged stretch, first in" in finding.found
    assert finding.remedy.endswith(f"flowrt journal export {NAME}")


def test_a_history_that_was_set_aside_is_told(tmp_path: Path) -> None:
    assert found(tmp_path, "history") == []
    (tmp_path / "events.db.damaged").write_bytes(b"x")
    (finding,) = found(tmp_path, "history")
    assert (finding.level, finding.found) == ("warn", "a damaged file was set aside")
