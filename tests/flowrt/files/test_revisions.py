"""Deployed versions on disk: named by content, newest first, bounded, steady through damage."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from flowrt.errors import FlowrtError
from flowrt.files.revisions import Revision, Revisions, revision_id
from flowrt.files.store import NotFound

FIRST: dict[str, Any] = {"flowrt": 1, "name": "rack", "description": "Grüße", "nodes": {}}
SECOND = {**FIRST, "description": "second"}


@pytest.fixture
def revisions(tmp_path: Path) -> Revisions:
    return Revisions(tmp_path)


def record(revisions: Revisions, document: dict[str, Any], note: str = "") -> Revision:
    return revisions.record("rack", document, author="ana", note=note)


def test_what_was_recorded_is_listed_newest_first_and_read_back(revisions: Revisions) -> None:
    first, second = record(revisions, FIRST, "begin"), record(revisions, SECOND)
    assert revisions.of("rack") == [second, first]
    assert (first.author, first.note) == ("ana", "begin")
    assert revisions.document("rack", first.id) == FIRST


def test_a_version_is_named_by_its_content_not_by_its_white_space(revisions: Revisions) -> None:
    spaced = json.loads(json.dumps(FIRST, indent=4))
    assert record(revisions, spaced).id == record(revisions, FIRST).id == revision_id(FIRST)
    assert len(list((revisions.folder / "rack").glob("*.json"))) == 1
    # Nodes of equal rank run as written, so the order is part of what ran.
    assert revision_id(dict(reversed(FIRST.items()))) != revision_id(FIRST)


def test_the_newest_200_are_kept_and_the_others_leave_the_disk(revisions: Revisions) -> None:
    for number in range(203):
        record(revisions, {**FIRST, "description": str(number)})
    kept = revisions.of("rack")
    assert (len(kept), len({one.id for one in kept})) == (200, 200)
    assert revisions.document("rack", kept[-1].id)["description"] == "3"
    assert len(list((revisions.folder / "rack").iterdir())) == 200 + 1


def test_a_damaged_line_is_left_out_and_told(
    revisions: Revisions, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = record(revisions, FIRST), record(revisions, SECOND)
    log = revisions.folder / "rack" / "log.jsonl"
    lines = log.read_bytes().splitlines(keepends=True)
    log.write_bytes(lines[0] + b'{"id": "half\n' + b"[1]\n" + b"\xff\n" + lines[1])
    with caplog.at_level(logging.WARNING):
        assert revisions.of("rack") == [second, first]
    places = [message.partition(": ")[0] for message in caplog.messages]
    assert places == [f"{log}:{number}" for number in (2, 3, 4)]


def test_an_unknown_revision_is_not_found(revisions: Revisions) -> None:
    record(revisions, FIRST)
    with pytest.raises(NotFound, match=r'no revision "\.\./x" of'):
        revisions.document("rack", "../x")
    assert revisions.of("other") == []


def test_a_version_whose_file_was_changed_is_not_given_out(revisions: Revisions) -> None:
    first = record(revisions, FIRST)
    file = revisions.folder / "rack" / f"{first.id}.json"
    file.write_bytes(file.read_bytes().replace(b"rack", b"hack"))
    with pytest.raises(FlowrtError, match="is damaged"):
        revisions.document("rack", first.id)
    file.unlink()
    with pytest.raises(NotFound, match="is gone"):
        revisions.document("rack", first.id)
