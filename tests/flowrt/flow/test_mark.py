"""Nodes made of equal things have equal marks, and no others."""

from __future__ import annotations

from pathlib import Path

from flowrt.flow.mark import mark_of
from flowrt.setting import Secret
from nodes.can.bus import Bus
from nodes.can.decode import Decode
from nodes.can.receive import Receive
from nodes.mqtt.broker import Broker
from nodes.storage.csv import Csv


def test_type_and_settings_make_the_mark() -> None:
    assert mark_of(Bus(channel="a"), {}) == mark_of(Bus(channel="a"), {})
    assert mark_of(Bus(channel="a"), {}) != mark_of(Bus(channel="b"), {})
    assert mark_of(Bus(channel="1"), {}) != mark_of(Bus(channel="a"), {})


def test_a_secrets_value_counts_and_does_not_show() -> None:
    first, second = (
        mark_of(Broker(host="h", password=Secret("key", value)), {})
        for value in ("hunter-1", "hunter-2")
    )
    assert first != second
    assert "hunter" not in repr(first)


def test_a_file_that_is_read_counts_and_one_that_is_written_does_not(tmp_path: Path) -> None:
    file = tmp_path / "file"
    reader, writer = Decode(database=file), Csv(file=file)
    before = mark_of(reader, {}), mark_of(writer, {})
    file.write_text("x")
    after = mark_of(reader, {}), mark_of(writer, {})
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


def test_a_resources_mark_is_part_of_its_users() -> None:
    bus = Bus(channel="a")
    bus.id = "bus"
    receive = Receive(bus=bus)
    assert mark_of(receive, {"bus": ("a",)}) != mark_of(receive, {"bus": ("b",)})
