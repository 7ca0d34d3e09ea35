"""Two checkpoints on disk: whole or passed over, numbered, read by every later version."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import orjson
import pytest

from flowrt.message import Event
from flowrt.state.checkpoint import Checkpoint, Checkpoints, body_of, give_back
from flowrt.watch.alarms import Acknowledgement, Alarm
from tests.support.flows import Count

ALARM = Alarm("rack", "low", Event(1.0, "State", "low", "raised"), Acknowledgement("ada", 2.0))


def body(next: int) -> bytes:
    return body_of({"count": orjson.dumps({"next": next})}, {"count": "test/count"}, [ALARM])


def state(checkpoint: Checkpoint) -> int:
    value: int = checkpoint.nodes["count"]["state"]["next"]
    return value


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "rack.json"


def test_the_newest_is_read_back(file: Path) -> None:
    for number in (1, 2, 3):
        Checkpoints(file).write(body(number), number)
    kept = Checkpoints(file)
    found = kept.read()
    assert (found.number, kept.number, state(found)) == (3, 3, 3)
    assert found.alarms == [ALARM]
    assert {path.name for path in file.parent.iterdir()} == {"rack.json", "rack.before.json"}


@pytest.mark.parametrize("damage", [b"", b"{half", b"\0" * 300, b"[]\n{}"])
def test_the_one_before_is_read_where_the_newest_is_damaged(damage: bytes, file: Path) -> None:
    for number in (1, 2):
        Checkpoints(file).write(body(number), number)
    file.write_bytes(damage)
    assert state(Checkpoints(file).read()) == 1
    assert file.with_suffix(".damaged").read_bytes() == damage


def test_a_byte_that_turned_is_noticed(file: Path) -> None:
    for number in (1, 2):
        Checkpoints(file).write(body(number), number)
    file.write_bytes(file.read_bytes().replace(b'"next":2', b'"next":7'))
    assert state(Checkpoints(file).read()) == 1


def test_a_cut_between_the_two_renames_loses_nothing(file: Path) -> None:
    Checkpoints(file).write(body(1), 1)
    file.replace(file.with_suffix(".before.json"))
    assert state(Checkpoints(file).read()) == 1


def test_one_of_a_later_format_is_set_aside(file: Path) -> None:
    file.parent.mkdir()
    file.write_text(json.dumps({"checkpoint": 2, "number": 9}) + "\n{}")
    assert Checkpoints(file).read() == Checkpoint()
    assert file.with_suffix(".damaged").exists()


def test_a_table_of_nodes_as_it_was_kept_before_is_read(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"count": {"type": "test/count", "state": {"next": 5}}}')
    assert state(Checkpoints(file).read()) == 5


def test_an_older_one_never_replaces_a_newer(file: Path) -> None:
    kept = Checkpoints(file)
    threads = [
        threading.Thread(target=kept.write, args=(body(number), number)) for number in range(1, 20)
    ]
    for thread in reversed(threads):
        thread.start()
    for thread in threads:
        thread.join()
    assert state(Checkpoints(file).read()) == 19


def test_state_goes_to_nodes_of_the_same_id_and_type_only(file: Path) -> None:
    count, other = Count(), Count()
    saved = {
        "count": {"type": "test/count", "state": {"next": 4}},
        "other": {"type": "test/else", "state": {"next": 5}},
        "gone": {"type": "test/count", "state": {}},
    }
    give_back(Checkpoint(nodes=saved), {"count": count, "other": other})
    assert (count.next, other.next) == (4, 0)
