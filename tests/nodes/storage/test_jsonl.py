"""storage/jsonl."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flowrt.node import Event, Frame, Message, Signals, from_record
from nodes.storage.jsonl import Jsonl
from tests.support.sinks import NOON, reading, record

EACH: list[Message] = [
    Signals(NOON, "State", {"SOC": 55.5, "Mode": "run", "On": True, "Temp": None}),
    Event(NOON, "rack1", "soc_low", "raised", "alarm", 19.5, "SOC < 20 %"),
    Frame(NOON, "can0", 0x18FF50E5, b"\x5a\x00", extended=True),
]


def lines(file: Path) -> list[Any]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_line_is_a_record_and_says_who_wrote_it(tmp_path: Path) -> None:
    sink = Jsonl(file=tmp_path / "x.jsonl", daily=False)
    sink.id = "recorder"
    record(sink, [reading(55.5)])
    assert lines(tmp_path / "x.jsonl") == [
        {
            "node": "recorder",
            "port": "in",
            "kind": "signals",
            "time": NOON,
            "source": "State",
            "values": {"SOC": 55.5},
        }
    ]


def test_every_kind_can_be_read_back(tmp_path: Path) -> None:
    record(Jsonl(file=tmp_path / "x.jsonl", daily=False), EACH[:2], EACH[2:])
    records = lines(tmp_path / "x.jsonl")
    own = ("node", "port")
    assert [
        from_record({key: value for key, value in one.items() if key not in own}) for one in records
    ] == EACH


def test_what_json_has_no_word_for_loses_no_line(tmp_path: Path) -> None:
    odd = [reading(2**70), reading("\ud800"), reading(float("nan"))]
    stand = record(Jsonl(file=tmp_path / "x.jsonl", daily=False), odd)
    values = [one["values"]["SOC"] for one in lines(tmp_path / "x.jsonl")]
    assert values == [2**70, "\ud800", None]
    assert stand.faults == []


def test_files_make_way_and_the_oldest_goes(tmp_path: Path) -> None:
    sink = Jsonl(file=tmp_path / "x.jsonl", daily=False, max_size_mb=0.000001, keep_files=2)
    record(sink, *([reading(n)] for n in range(5)))
    assert len(list(tmp_path.iterdir())) == 3
    assert lines(tmp_path / "x.jsonl")[0]["values"] == {"SOC": 4}


def test_a_folder_in_place_of_the_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = Jsonl(file=tmp_path).problems()
    assert problem == ("file", f"{tmp_path} is a folder. Name a file in it.")
