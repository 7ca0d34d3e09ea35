"""DBC files with anything in them: read, or a stated error."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowrt.errors import DatabaseError
from flowrt.files.databases import read_database
from nodes.can.decode import Decode
from tests.support.can import BYD, PYLONTECH

LINES = sorted({line for file in (PYLONTECH, BYD) for line in file.read_text().splitlines()})
WORDS = sorted({word for line in LINES for word in line.split()})
ODD = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(["0", "-1", "64", "65", "4294967295", "99999999999", "1e400", '"', ";", "m0M"]),
    st.text(max_size=6),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("databases")


def look_at(data: bytes, folder: Path) -> None:
    """All that is done with a database before a frame comes."""
    file = folder / "any.dbc"
    file.write_bytes(data)
    with suppress(DatabaseError):
        read_database(file)
    assert all(text for _, text in Decode(database=file).problems())


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    file=st.sampled_from([PYLONTECH, BYD]),
    changes=st.lists(st.tuples(st.floats(0, 0.999), ODD), min_size=1, max_size=5),
)
def test_a_database_with_odd_words_is_read_or_told(
    file: Path, changes: list[tuple[float, str]], folder: Path
) -> None:
    words = file.read_text().split(" ")
    for part, word in changes:
        words[int(part * len(words))] = word
    look_at(" ".join(words).encode("utf-8", "surrogatepass"), folder)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(st.sampled_from(LINES), max_size=12))
def test_lines_in_any_order_are_read_or_told(lines: list[str], folder: Path) -> None:
    look_at("\n".join(lines).encode(), folder)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200))
def test_bytes_are_read_or_told(data: bytes, folder: Path) -> None:
    look_at(data, folder)
