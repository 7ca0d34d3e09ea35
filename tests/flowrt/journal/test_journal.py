"""A journal on disk: restarts, damage, limits, wear, what is set aside."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from flowrt.journal import Journal, JournalOptions
from flowrt.journal.segment import segment_files
from flowrt.message import Event, Frame, Message, Signals
from tests.support.journals import all_of, numbered

Open: TypeAlias = Callable[..., Journal]
MESSAGES: list[Message] = [
    Frame(1.0, "can0", 0x355, b"\x01\x02", extended=True),
    Signals(2.0, "State", {"SOC": 50, "Name": "x", "gone": None}),
    Event(3.0, "State", "soc_low", "raised", "alarm", 19.5, "low"),
]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens the journal; the one before is let go of as a crash would."""
    journals: list[Journal] = []

    def open_one(**options: Any) -> Journal:
        if journals:
            journals.pop()._log.close()
        journals.append(Journal(tmp_path, JournalOptions(**options)))
        return journals[-1]

    yield open_one
    journals[-1]._log.close()


def fill(journal: Journal, count: int, size: int = 100) -> None:
    journal.append(numbered(range(count), size), 0)
    journal.commit()


def test_every_kind_of_message_comes_back(opened: Open) -> None:
    journal = opened()
    journal.append(MESSAGES, 0)
    assert [entry.message for entry in journal.read(9)] == MESSAGES


def test_many_readings_at_once_are_packed(opened: Open) -> None:
    journal = opened()
    many = Signals(1.0, "rack", {f"CellVoltage{n:03}": 3.3 + n % 40 / 1000 for n in range(1000)})
    journal.append([many], 0)
    assert journal.stored < 12_000
    assert journal.read(1)[0].message == many


def test_only_what_was_not_acknowledged_comes_after_a_restart(opened: Open) -> None:
    journal = opened()
    fill(journal, 10)
    journal.acknowledge(journal.read(4))
    journal._marked_at = float("-inf")
    journal.commit()
    assert all_of(opened()) == list(range(4, 10))


def test_segments_that_are_done_with_are_removed(opened: Open, tmp_path: Path) -> None:
    journal = opened(limit=1024 * 1024)
    fill(journal, 3000)
    assert len(segment_files(tmp_path)) > 4
    while entries := journal.read(500):
        journal.acknowledge(entries)
    journal.commit()
    assert len(segment_files(tmp_path)) == 1


def test_a_flipped_bit_costs_one_message_and_is_set_aside(opened: Open, tmp_path: Path) -> None:
    fill(opened(), 10)
    path = next(iter(segment_files(tmp_path).values()))
    raw = bytearray(path.read_bytes())
    raw[400] ^= 0x40
    path.write_bytes(raw)
    journal = opened()
    found = all_of(journal)
    assert (len(found), found) == (9, sorted(found))
    assert (journal.damaged, dict(journal.lost)) == (1, {"damaged on disk": 1})
    assert len(list((tmp_path / "damaged").iterdir())) == 1


def test_a_segment_of_rubbish_leaves_the_others(opened: Open, tmp_path: Path) -> None:
    fill(opened(limit=1024 * 1024), 2000)
    second = list(segment_files(tmp_path).values())[1]
    second.write_bytes(os.urandom(second.stat().st_size))
    journal = opened(limit=1024 * 1024)
    found = all_of(journal)
    lost = set(range(2000)) - set(found)
    assert lost == set(range(min(lost), max(lost) + 1))
    assert journal.lost == {"damaged on disk": len(lost)}
    assert found[-1] == 1999


def test_a_newest_segment_of_rubbish_leaves_the_others(opened: Open, tmp_path: Path) -> None:
    fill(opened(limit=1024 * 1024), 2000)
    newest = list(segment_files(tmp_path).values())[-1]
    newest.write_bytes(os.urandom(newest.stat().st_size))
    found = all_of(opened(limit=1024 * 1024))
    assert found == list(range(len(found)))
    assert len(found) > 1000


def test_a_full_journal_drops_its_oldest_segment(opened: Open) -> None:
    journal = opened(limit=1024 * 1024)
    for begin in range(0, 12_000, 100):
        journal.append(numbered(range(begin, begin + 100), 100), 0)
    found = all_of(journal)
    assert found == list(range(12_000 - len(found), 12_000))
    assert journal.lost == {"journal full, oldest dropped": 12_000 - len(found)}
    assert journal.stored <= 1024 * 1024


def test_a_full_journal_can_refuse_what_comes(opened: Open) -> None:
    journal = opened(limit=1024 * 1024, full="refuse")
    refused = 0
    for begin in range(0, 12_000, 100):
        refused += len(journal.append(numbered(range(begin, begin + 100), 100), 0)[1])
    found = all_of(journal)
    assert (found, refused) == (list(range(len(found))), 12_000 - len(found))
    assert refused > 3000


def test_old_segments_are_dropped_by_age(opened: Open, tmp_path: Path) -> None:
    journal = opened(limit=1024 * 1024, max_age=3600.0)
    fill(journal, 2000)
    before = journal.segments
    for path in list(segment_files(tmp_path).values())[:2]:
        os.utime(path, (time.time() - 7200,) * 2)
    journal._aged_at = float("-inf")
    journal.commit()
    assert journal.lost["older than max_age"] > 300
    assert journal.segments == len(segment_files(tmp_path)) == before - 2


def test_wear_and_counts_are_kept_over_restarts(opened: Open) -> None:
    journal = opened()
    fill(journal, 100)
    journal.quarantine(journal.read(1), "no use")
    written = journal.written
    journal.close()
    again = opened()
    assert (again.quarantined, len(again)) == (1, 99)
    assert written <= again.written < written + 500


def test_what_cannot_be_written_is_kept_to_be_read(opened: Open, tmp_path: Path) -> None:
    journal = opened()
    journal.append(MESSAGES, 0)
    journal.quarantine(journal.read(1), "NodeFault: too long")
    line = json.loads((tmp_path / "quarantine.jsonl").read_text())
    assert (line["reason"], line["message"]["id"]) == ("NodeFault: too long", 0x355)
    assert len(journal) == 2


def test_two_cannot_write_one_journal(opened: Open, tmp_path: Path) -> None:
    opened()
    with pytest.raises(BlockingIOError, match="another flowrt"):
        Journal(tmp_path)


def test_an_emptied_journal_takes_up_next_to_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    fill(journal, 1000)
    journal.acknowledge(journal.read(1000))
    journal.close()
    assert sum(path.stat().st_size for path in segment_files(tmp_path).values()) < 100


def test_opening_reads_no_more_than_the_newest_segment(opened: Open, tmp_path: Path) -> None:
    fill(opened(limit=1024 * 1024), 5000)
    oldest = next(iter(segment_files(tmp_path).values()))
    oldest.chmod(0)
    before = oldest.stat().st_atime_ns
    assert len(opened(limit=1024 * 1024)) == 5000
    assert oldest.stat().st_atime_ns == before
