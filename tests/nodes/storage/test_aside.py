"""Names of files that made way."""

from __future__ import annotations

from pathlib import Path

from nodes.storage.aside import free_name, older_files
from tests.support.sinks import NOON

PATTERN = "rack1.{}.csv"


def test_the_time_is_in_the_name(tmp_path: Path) -> None:
    assert free_name(PATTERN, tmp_path, NOON) == tmp_path / "rack1.20260301T120000Z.csv"


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    for _ in range(3):
        free_name(PATTERN, tmp_path, NOON).touch()
    assert [path.name for path in older_files(PATTERN, tmp_path)] == [
        "rack1.20260301T120000Z.csv",
        "rack1.20260301T120000Z-1.csv",
        "rack1.20260301T120000Z-2.csv",
    ]


def test_a_number_is_not_used_again_while_a_later_one_stands(tmp_path: Path) -> None:
    for _ in range(3):
        free_name(PATTERN, tmp_path, NOON).touch()
    older_files(PATTERN, tmp_path)[0].unlink()
    assert free_name(PATTERN, tmp_path, NOON).name == "rack1.20260301T120000Z-3.csv"


def test_files_of_others_are_not_ours(tmp_path: Path) -> None:
    names = ("rack1.csv", "rack1.notes.csv", "rack12.20260301T120000Z.csv", "rack1.2026.csv")
    for name in names:
        (tmp_path / name).touch()
    assert older_files(PATTERN, tmp_path) == []
