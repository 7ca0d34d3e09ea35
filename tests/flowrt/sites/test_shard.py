"""A shard goes on from its checkpoint, and takes nothing twice."""

from __future__ import annotations

from pathlib import Path

import msgspec

from flowrt.message import Frame
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.post import Post
from flowrt.sites.shard import Shard
from tests.support.sites import FLOW, frames


def packed(some: list[Frame], identity: bytes = b"") -> bytes:
    return msgspec.msgpack.encode([Piece("north", some, identity)])


def fed(folder: Path, given: list[list[Frame]], stops: tuple[int, ...] = ()) -> bytes:
    """The record of a shard that is dropped, without a word, after some batches."""
    shard = Shard(Post(FLOW, "north", folder))
    number = 0
    while number < len(given):
        number += 1
        shard.take(number, packed(given[number - 1]))
        if number in stops:
            stops = tuple(stop for stop in stops if stop != number)
            shard._file.close()  # what is beyond the checkpoint may have reached the disk or not
            shard._standing._runner.close()
            shard = Shard(Post(FLOW, "north", folder))
            assert shard.offset() < number
            number = shard.offset()
    shard.close()
    return (folder / "north.jsonl").read_bytes()


def test_a_shard_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    all_frames = list(frames(0, 3000))
    given = [all_frames[first : first + 250] for first in range(0, len(all_frames), 250)]
    whole = fed(tmp_path / "whole", given)
    assert whole.count(b"\n") > 40
    assert fed(tmp_path / "broken", given, stops=(3, 11, 20)) == whole


def test_a_batch_that_was_taken_is_not_taken_twice(tmp_path: Path) -> None:
    shard = Shard(Post(FLOW, "north", tmp_path))
    for _ in range(2):
        shard.take(1, packed(list(frames(0, 10))))
    assert shard.facts()["frames"] == 20
    shard.close()


def test_a_piece_that_was_taken_is_known_after_a_restart(tmp_path: Path) -> None:
    first, second = (
        packed(list(frames(0, 10)), b"12345678"),
        packed(list(frames(1, 5)), b"abcdefgh"),
    )
    shard = Shard(Post(FLOW, "north", tmp_path))
    shard.take(1, first)
    shard.close()
    shard = Shard(Post(FLOW, "north", tmp_path))
    shard.take(2, first)
    shard.take(3, second)
    assert (shard.facts()["frames"], shard.facts()["pieces_again"]) == (10, 1)
    shard.close()
