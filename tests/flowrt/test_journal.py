"""The spill journal: order, restart, damage, limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from flowrt.journal import Journal
from flowrt.message import Event, Frame, Message, Signals

Open: TypeAlias = Callable[..., Journal]
MESSAGES: list[Message] = [
    Frame(1.0, "can0", 0x355, b"\x01\x02", extended=True),
    Signals(2.0, "State", {"SOC": 50, "Name": "x", "gone": None}),
    Event(3.0, "State", "soc_low", "raised", "alarm", 19.5, "low"),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the journal `j`; at the end lets go of it as a crash would."""
    journals: list[Journal] = []

    def open_one(limit: int = 10**6) -> Journal:
        journals.append(Journal(tmp_path / "j", limit))
        return journals[-1]

    yield open_one
    for journal in journals:
        journal._file.close()


def test_gives_back_what_was_appended(opened: Open) -> None:
    journal = opened()
    assert journal.append(MESSAGES) == 3
    assert journal.take(2) + journal.take(2) == MESSAGES


def test_keeps_what_is_unread_for_the_next_start(opened: Open) -> None:
    first = opened()
    first.append(MESSAGES)
    first.take(1)
    first.close()
    assert opened().take(9) == MESSAGES[1:]


def test_sets_a_torn_record_aside(opened: Open, tmp_path: Path) -> None:
    opened().append(MESSAGES)
    whole = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(whole[:-3])
    journal = opened()
    assert journal.take(9) == MESSAGES[:2]
    assert journal.damaged == len((tmp_path / "j.damaged").read_bytes()) > 0


def test_stops_at_a_record_with_a_flipped_bit(opened: Open, tmp_path: Path) -> None:
    opened().append(MESSAGES)
    raw = bytearray((tmp_path / "j").read_bytes())
    raw[12] ^= 0x40
    (tmp_path / "j").write_bytes(raw)
    assert opened().take(9) == []


def test_takes_no_more_than_its_limit(opened: Open) -> None:
    journal = opened(180)
    written = journal.append(MESSAGES)
    assert 0 < written < 3
    assert journal.size <= 180


def test_an_emptied_journal_leaves_no_file(opened: Open, tmp_path: Path) -> None:
    journal = opened()
    journal.append(MESSAGES)
    journal.take(9)
    journal.close()
    assert not (tmp_path / "j").exists()
