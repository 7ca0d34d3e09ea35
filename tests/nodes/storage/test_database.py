"""A database that is locked, damaged, moved away, or another program's."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowrt.node import Event, NodeFault, Unavailable
from nodes.storage.database import Database
from nodes.storage.retention import Retention
from tests.support.sinks import NOON, reading


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture
def database(file: Path) -> Iterator[Database]:
    with closing(Database(file, Retention(None, None), lambda: NOON)) as made:
        yield made


def values(file: Path) -> list[Any]:
    with closing(sqlite3.connect(file)) as connection:
        return [value for (value,) in connection.execute("SELECT value FROM signals")]


def damage(file: Path) -> None:
    """Overwrite the pages behind the first, as a failing disk might."""
    with file.open("r+b") as opened:
        opened.seek(100)
        opened.write(b"\xff" * (file.stat().st_size - 100))


def test_a_file_that_is_no_database_is_set_aside(file: Path, database: Database) -> None:
    file.write_bytes(b"this is no database" * 100)
    database.write([reading(1)])
    assert values(file) == [1]
    (note,) = database.notes
    assert str(note).startswith(f"{file}: is damaged (file is not a database). It is now x.db.dam")
    aside = file.with_name("x.db.damaged-20260301T120000Z")
    assert aside.read_bytes() == b"this is no database" * 100


def test_a_damaged_file_is_set_aside_and_recording_goes_on(file: Path, database: Database) -> None:
    database.write([reading(n) for n in range(5000)])
    database.close()
    damage(file)
    database.write([reading(1)])
    database.write([reading(2)])
    assert values(file) == [1, 2]
    assert [type(note).__name__ for note in database.notes] == ["NodeFault"]


def test_the_log_of_a_damaged_file_goes_with_it(file: Path, database: Database) -> None:
    file.write_bytes(b"this is no database" * 100)
    file.with_name("x.db-wal").write_bytes(b"its log")
    database.write([reading(1)])
    rescued = file.with_name("x.db.damaged-20260301T120000Z-wal")
    assert rescued.read_bytes() == b"its log"


def test_a_locked_file_is_unavailable_until_it_is_free(file: Path, database: Database) -> None:
    database.write([reading(1)])
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"x\.db: cannot be written: database is locked\. An"):
            database.write([reading(2)])
    database.write([reading(2)])
    assert values(file) == [1, 2]


def test_a_file_that_is_deleted_is_begun_anew(file: Path, database: Database) -> None:
    database.write([reading(1)])
    for ending in ("", "-wal", "-shm"):
        file.with_name(f"x.db{ending}").unlink(missing_ok=True)
    database.write([reading(2)])
    assert values(file) == [2]
    assert [str(note) for note in database.notes] == [
        f"{file}: was moved or deleted; a new one is begun."
    ]


def test_a_database_of_another_program_is_left_alone(file: Path, database: Database) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE accounts (name)")
    before = file.read_bytes()
    with pytest.raises(Unavailable, match=r"x\.db: .* it holds another program's tables\."):
        database.write([reading(1)])
    assert file.read_bytes() == before


def test_a_place_where_no_file_can_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("no folder")
    database = Database(tmp_path / "a" / "x.db", Retention(None, None), lambda: NOON)
    with pytest.raises(Unavailable, match=r"a/x\.db: cannot be written: .* Choose another place\."):
        database.write([])


def test_nothing_is_half_written(file: Path, database: Database) -> None:
    database.write([reading(1)])
    with closing(sqlite3.connect(file)) as other:
        other.execute(
            "CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(NodeFault) as caught:
        database.write([reading(2, name="New"), Event(NOON, "a", "b")])
    assert not isinstance(caught.value, Unavailable)
    assert values(file) == [1]
    database.write([reading(3, name="New")])
    assert values(file) == [1, 3]
