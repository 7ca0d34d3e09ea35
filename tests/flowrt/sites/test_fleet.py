"""A site's workers take the same batches; a piece is safe when it is so at all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from flowrt.executor.actors import actors
from flowrt.sites.fleet import Fleet, ShardsChanged
from flowrt.sites.inputs.piece import Piece
from flowrt.sites.post import Post
from tests.support.sites import FLOW, frames


def posts(folder: Path, count: int) -> Sequence[Post]:
    return [Post(FLOW, "north", folder, index, count) for index in range(count)]


def sent(folder: Path, count: int, identities: Sequence[bytes]) -> dict[str, object]:
    """The facts of a site that was sent a piece of ten frames for each identity."""
    with actors("here", 1, None) as crew:
        fleet = Fleet(crew, lambda _name: posts(folder, count))
        for identity in identities:
            fleet.send("north", [Piece("north", list(frames(0, 5)), identity)])
        assert fleet.safe() == []
        fleet.secure()
        assert fleet.safe() == list(identities)
        facts: dict[str, object] = fleet.close()["north"]
        return facts


def test_a_piece_is_safe_when_every_shard_has_it(tmp_path: Path) -> None:
    facts = sent(tmp_path, 2, [b"aaaaaaaa", b"bbbbbbbb"])
    assert (facts["frames"], facts["pieces_again"]) == (20, 0)


def test_a_shard_that_is_behind_takes_what_another_has(tmp_path: Path) -> None:
    """As after a kill between the checkpoints of two shards."""
    sent(tmp_path, 2, [b"aaaaaaaa"])
    before = posts(tmp_path, 2)[1].checkpoint.read_bytes()
    sent(tmp_path, 2, [b"bbbbbbbb"])
    posts(tmp_path, 2)[1].checkpoint.write_bytes(before)
    assert sent(tmp_path, 2, [b"bbbbbbbb"])["pieces_again"] == 1


def test_another_number_of_shards_is_refused(tmp_path: Path) -> None:
    sent(tmp_path, 2, [b"aaaaaaaa"])
    with pytest.raises(ShardsChanged, match=r"north\.1-of-2\.checkpoint: north was run with"):
        sent(tmp_path, 1, [b"bbbbbbbb"])
