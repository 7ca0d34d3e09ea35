"""Reading flow files: tolerant of what is wrong in them, strict about what they are."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from flowrt.errors import FlowFileError
from flowrt.flow.file import LARGEST_FILE, WireSpec, flow_files, parse_flow, read_flow

FILE = Path("x.json")


def parsed(**more: Any) -> Any:
    return parse_flow(json.dumps({"flowrt": 1, "name": "x", "nodes": {}, **more}).encode(), FILE)


def test_nodes_keep_their_order_and_settings() -> None:
    flow = parsed(nodes={"b": {"type": "core/debug", "keep": 3}, "a": {"type": "core/inject"}})
    assert [(item.id, item.type, item.settings) for item in flow.nodes.values()] == [
        ("b", "core/debug", {"keep": 3}),
        ("a", "core/inject", {}),
    ]


def test_a_wire_may_name_ports() -> None:
    wire = {"from": "soc_low.alarm", "to": "x", "overflow": "latest", "capacity": 5}
    assert parsed(wires=[wire]).wires == (
        WireSpec("soc_low", "alarm", "x", None, "latest", 5, "wires[0]"),
    )


def test_what_is_well_formed_survives_what_is_not() -> None:
    flow = parsed(nodes={"a": {"type": "core/debug"}, "b": 5, "c": {}}, zzz=1)
    assert list(flow.nodes) == ["a"]
    assert [problem.place for problem in flow.problems] == ["nodes.b", "nodes.c", "zzz"]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'{"flowrt": 1,', "x.json: line 1, column 14: Expecting property name enclosed in double "
         "quotes. The file ends too early."),
        (b"\xff\xfe\x00", "x.json: byte 0 (0xFF) is not UTF-8 text. Is this a JSON file?"),
        (b"[]", 'x.json: a flow file holds a JSON object that begins with '
         '{"flowrt": 1, "name": ...}, not list.'),
        (b"[" * 100_000, "x.json: is nested too deeply to be a flow."),
    ],
)  # fmt: skip
def test_what_is_no_flow_file_is_told_in_words(data: bytes, sentence: str) -> None:
    with pytest.raises(FlowFileError) as caught:
        parse_flow(data, FILE)
    assert str(caught.value) == sentence


def test_a_key_that_stands_twice_is_a_problem() -> None:
    flow = parse_flow(b'{"flowrt": 1, "name": "x", "nodes": {}, "name": "y"}', FILE)
    assert [str(problem) for problem in flow.problems] == [
        'x.json: name: "name" is written twice in one object. Rename or remove one.'
    ]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as handle:
        os.truncate(handle.fileno(), 100 * 1024 * 1024)
    with pytest.raises(FlowFileError, match=r"4 MB at most, this one has 100\.0 MB"):
        read_flow(file)
    assert LARGEST_FILE < 100 * 1024 * 1024


def test_a_missing_file_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(FlowFileError, match=r"cannot be read: No such file or directory\."):
        read_flow(tmp_path / "none.json")


def test_a_folder_stands_for_its_flows(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", "a.test.json", "a.layout.json", "notes.txt"):
        (tmp_path / name).write_text("{}")
    assert [file.name for file in flow_files(tmp_path)] == ["a.json", "b.json"]


def test_tests_and_layouts_are_no_flows_even_where_a_shell_names_them(tmp_path: Path) -> None:
    for name in ("rack.json", "rack.test.json", "rack.layout.json"):
        (tmp_path / name).write_text("{}")
    named = [file for path in tmp_path.glob("*.json") for file in flow_files(path)]
    assert flow_files(tmp_path) == named == [tmp_path / "rack.json"]
