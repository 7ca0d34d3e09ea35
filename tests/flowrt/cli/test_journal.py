"""`flowrt journal` on journals that another process has open."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowrt.journal import Journal
from tests.support.command import flowrt
from tests.support.journals import numbered

NAME = "rack/minute.out-publish.in"


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a journal of ten messages: two acknowledged, one set aside."""
    journal = Journal(tmp_path / "journal" / NAME)
    journal.append(numbered(range(10)), 0)
    journal.acknowledge(journal.read(2))
    journal.quarantine(journal.read(1), "too long")
    journal._marked_at = float("-inf")
    journal.commit()
    yield tmp_path
    journal._log.close()


def flip(data: Path) -> None:
    path = data / "journal" / NAME / "0000000001.seg"
    raw = bytearray(path.read_bytes())
    raw[200] ^= 1
    path.write_bytes(raw)


def test_list_tells_what_waits(data: Path) -> None:
    (row,) = json.loads(flowrt("journal", "list", "--json", "--data", data).stdout)
    assert (row["name"], row["waiting"], row["quarantined"]) == (NAME, 7, 1)
    assert (row["oldest"], row["newest"]) == (3.0, 9.0)
    shown = flowrt("journal", "list", "--data", data).stdout
    assert "waiting" in shown
    assert "1970-01-01" in shown


def test_inspect_shows_segments_and_what_is_next(data: Path) -> None:
    shown = json.loads(flowrt("journal", "inspect", "minute", "--json", "--data", data).stdout)
    assert shown["segments"][0]["messages"] == 10
    assert shown["segments"][0]["wanted"] == 7
    assert [record["values"]["n"] for record in shown["first"]] == [3, 4, 5, 6, 7]
    assert "0000000001.seg" in flowrt("journal", "inspect", "rack", "--data", data).stdout


def test_verify_finds_damage(data: Path) -> None:
    assert flowrt("journal", "verify", "--data", data).stdout == f"{NAME}: sound\n"
    flip(data)
    found = flowrt("journal", "verify", "--data", data)
    assert (found.returncode, found.stdout.count(": damaged")) == (1, 1)
    rows = json.loads(flowrt("journal", "verify", "--json", "--data", data).stdout)[NAME]
    assert [row["torn"] for row in rows] == [False]


def test_export_gives_what_waits_and_leaves_it(data: Path, tmp_path: Path) -> None:
    for _ in range(2):
        lines = flowrt("journal", "export", NAME, "--data", data).stdout.splitlines()
        assert [json.loads(line)["values"]["n"] for line in lines] == list(range(3, 10))
    every = flowrt("journal", "export", NAME, "--every", "--data", data).stdout.splitlines()
    assert len(every) == 10
    aside = flowrt("journal", "export", NAME, "--quarantined", "--data", data).stdout
    assert json.loads(aside)["reason"] == "too long"


def test_a_name_that_is_not_there_lists_those_that_are(data: Path) -> None:
    asked = flowrt("journal", "inspect", "cloud", "--data", data)
    assert asked.returncode == 2
    assert f'a journal "cloud" is not there. There: {NAME}.' in asked.stderr
