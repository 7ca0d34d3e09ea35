"""Decoding by columns is decoding by rows, to the last digit and type."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from flowrt.columns import FrameTable
from flowrt.example import Stand
from flowrt.message import Frame, Signals
from nodes.can.database import load_database
from nodes.can.decode import Decode
from tests.support.can import BYD, DATABASES, PYLONTECH


def frames(database: Path, count: int, seed: int = 1) -> list[Frame]:
    """Random bytes for every message, of all lengths, between frames of ids that are none."""
    rng = random.Random(seed)
    messages = load_database(database).messages
    made = []
    for index in range(count):
        message = rng.choice(messages)
        length = rng.choice((message.length, message.length, rng.randrange(9), 8))
        data = rng.choice((rng.randbytes(length), bytes(length), b"\xff" * length))
        id = message.frame_id if rng.random() < 0.95 else rng.randrange(0x7FF)
        flags = {"remote": rng.random() < 0.02, "error": rng.random() < 0.02}
        made.append(Frame(index * 0.001, "can0", id, data, message.is_extended_frame, **flags))
    return made


def by_columns(decode: Decode, given: list[Frame]) -> dict[int, Signals]:
    passed = decode.columns().pass_on([FrameTable.of(given)])
    keyed: dict[int, Signals] = {}
    for table in passed.tables:
        keyed.update(zip(table.keys.tolist(), table.messages(), strict=True))
    return keyed


@pytest.mark.parametrize("database", [PYLONTECH, BYD, *DATABASES], ids=lambda path: path.stem)
def test_columns_and_rows_give_the_same(database: Path) -> None:
    given = frames(database, 3000)
    decode = Decode(database=database)
    Stand(decode)
    keyed = by_columns(decode, given)
    for key, frame in enumerate(given):
        (expected,) = decode.on_message(frame)
        if isinstance(expected, Signals):
            assert repr(keyed.pop(key)) == repr(expected)
    assert keyed == {}
