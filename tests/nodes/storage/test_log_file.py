"""Files that lines are added to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nodes.storage.log_file import LogFile, Rotation
from tests.support.sinks import NOON

NEVER = Rotation(daily=False, max_bytes=0, keep_files=5)


class Wall:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> float:
        return self.time


def contents(folder: Path) -> list[bytes]:
    """Of every file, the active one last."""
    older = sorted(folder.glob("x.2*"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_bytes() for path in [*older, folder / "x.log"]]


def test_folders_are_made(tmp_path: Path) -> None:
    LogFile(tmp_path / "a" / "b" / "x.log", NEVER, Wall().now).append(b"1\n")
    assert (tmp_path / "a" / "b" / "x.log").read_bytes() == b"1\n"


def test_goes_on_in_a_file_that_exists(tmp_path: Path) -> None:
    for line in (b"1\n", b"2\n"):
        file = LogFile(tmp_path / "x.log", NEVER, Wall().now)
        file.append(line)
        file.close()
    assert contents(tmp_path) == [b"1\n2\n"]


def test_half_a_line_left_by_a_power_cut_is_not_joined_to_the_next(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"1\nhalf")
    LogFile(tmp_path / "x.log", NEVER, Wall().now).append(b"2\n")
    assert contents(tmp_path) == [b"1\nhalf\n2\n"]


def test_a_new_file_begins_when_the_size_is_reached(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", Rotation(False, 4, 5), Wall().now)
    for line in (b"1\n", b"2\n", b"3\n"):
        file.append(line)
    assert contents(tmp_path) == [b"1\n2\n", b"3\n"]


def test_a_new_file_begins_at_midnight(tmp_path: Path) -> None:
    wall = Wall()
    file = LogFile(tmp_path / "x.log", Rotation(True, 0, 5), wall.now)
    file.append(b"1\n")
    wall.time += 12 * 3600 - 1
    file.append(b"2\n")
    wall.time += 1
    file.append(b"3\n")
    assert contents(tmp_path) == [b"1\n2\n", b"3\n"]


def test_a_file_of_yesterday_makes_way_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"1\n")
    os.utime(tmp_path / "x.log", (NOON - 86400, NOON - 86400))
    LogFile(tmp_path / "x.log", Rotation(True, 0, 5), Wall().now).append(b"2\n")
    assert contents(tmp_path) == [b"1\n", b"2\n"]


def test_the_oldest_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "x.notes.log").write_bytes(b"mine")
    file = LogFile(tmp_path / "x.log", Rotation(False, 1, 2), Wall().now)
    for n in range(6):
        file.append(b"%d\n" % n)
    assert contents(tmp_path) == [b"3\n", b"4\n", b"5\n"]
    assert (tmp_path / "x.notes.log").read_bytes() == b"mine"


def test_each_file_begins_with_the_header_once(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", Rotation(False, 6, 5), Wall().now)
    for line in (b"1\n", b"2\n", b"3\n"):
        file.append(line, b"h")
    assert contents(tmp_path) == [b"h\n1\n2\n", b"h\n3\n"]


def test_a_file_with_another_header_makes_way(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"other\n1\n")
    LogFile(tmp_path / "x.log", NEVER, Wall().now).append(b"2\n", b"h")
    assert contents(tmp_path) == [b"other\n1\n", b"h\n2\n"]


def test_a_file_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "x.log", NEVER, Wall().now)
    file.append(b"1\n")
    (tmp_path / "x.log").rename(tmp_path / "x.2.log")
    file.append(b"2\n")
    (tmp_path / "x.log").unlink()
    file.append(b"3\n")
    assert contents(tmp_path) == [b"1\n", b"3\n"]


def test_two_cannot_write_the_same_file(tmp_path: Path) -> None:
    first = LogFile(tmp_path / "x.log", NEVER, Wall().now)
    first.append(b"1\n")
    with pytest.raises(BlockingIOError):
        LogFile(tmp_path / "x.log", NEVER, Wall().now).append(b"2\n")
    first.close()
    LogFile(tmp_path / "x.log", NEVER, Wall().now).append(b"2\n")
    assert contents(tmp_path) == [b"1\n2\n"]
