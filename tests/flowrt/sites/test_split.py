"""Shards of a flow give together what the whole flow gives."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flowrt.flow.check import rehearsable
from flowrt.flow.file import read_flow
from flowrt.message import Frame
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.post import Post
from flowrt.sites.shard import Shard
from flowrt.sites.split import part_of, unsplittable
from tests.support.sites import FLOW, frames

EXAMPLES = FLOW.parent


def document() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(FLOW.read_text())
    return made


def two_buses(folder: Path) -> Path:
    """The flow twice, for two channels, and a counter that nobody listens to."""
    flow = document()
    second = {"type": "can/bus", "interface": "virtual", "channel": "can1"}
    flow["resources"]["other_bus"] = second
    for name in ("frames", "decode", "soc_low", "minute"):
        flow["nodes"][f"{name}_2"] = dict(flow["nodes"][name])
    flow["nodes"]["frames_2"]["bus"] = "other_bus"
    flow["nodes"]["decode"]["database"] = flow["nodes"]["decode_2"]["database"]
    flow["nodes"]["some"] = {"type": "logic/deadband", "signal": "PackVoltage", "width": 0.4}
    ends = {"frames": "frames_2", "decode": "decode_2", "soc_low.alarm": "soc_low_2.alarm",
            "soc_low": "soc_low_2", "minute": "minute_2", "publish": "publish"}  # fmt: skip
    flow["wires"] += [
        {"from": ends[wire["from"]], "to": ends[wire["to"]]} for wire in flow["wires"]
    ]
    flow["wires"].append({"from": "decode", "to": "some"})
    file = folder / "two.json"
    file.write_text(json.dumps(flow))
    return file


def given() -> list[Frame]:
    some = list(frames(0, 2000))
    other = [msgspec.structs.replace(frame, channel="can1") for frame in frames(3, 2000)]
    return [frame for pair in zip(some, other, strict=True) for frame in pair]


def taken(post: Post, some: list[Frame]) -> list[dict[str, Any]]:
    shard = Shard(post)
    for number, at in enumerate(range(0, len(some), 500), 1):
        shard.take(number, msgspec.msgpack.encode([Piece(post.site, some[at : at + 500])]))
    shard.close()
    return [json.loads(line) for line in post.record.read_text().splitlines()]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_shards_give_together_what_the_whole_gives(count: int, tmp_path: Path) -> None:
    flow = two_buses(tmp_path)
    whole = taken(Post(flow, "north", tmp_path / "whole"), given())
    posts = [Post(flow, "north", tmp_path / "parts", index, count) for index in range(count)]
    parts = [taken(post, given()) for post in posts]
    assert all(parts), "a shard gave nothing"
    assert Counter(json.dumps(one) for part in parts for one in part) == Counter(
        map(json.dumps, whole)
    )


def test_independent_halves_share_no_node_but_the_sink(tmp_path: Path) -> None:
    prepared = rehearsable(read_flow(two_buses(tmp_path)))
    first, second = (set(part_of(prepared, index, 2).nodes) for index in range(2))
    assert first & second == {"publish"}
    assert "some" in first
    assert first | second == set(prepared.nodes)


def test_branches_behind_one_decoder_are_split_behind_it() -> None:
    prepared = rehearsable(read_flow(FLOW))
    parts = [set(part_of(prepared, index, 2).nodes) for index in range(2)]
    common = {"frames", "decode", "publish"}
    assert parts == [common | {"soc_low"}, common | {"minute"}]


def test_what_cannot_be_split_is_told(tmp_path: Path) -> None:
    told = unsplittable(rehearsable(read_flow(FLOW)), 3)
    assert told == 'has 2 wires into sinks, so 2 shards at most. Change "shards": 3.'
    flow = document()
    flow["nodes"]["faults"] = {"type": "core/catch"}
    flow["wires"].append({"from": "faults", "to": "publish"})
    file = tmp_path / "catching.json"
    file.write_text(json.dumps(flow))
    assert "nodes.faults: hears of all nodes" in str(unsplittable(rehearsable(read_flow(file)), 2))
