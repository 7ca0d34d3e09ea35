"""However a site's frames are cut into logs and parts, its records are those of one replay."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowrt.message import Frame
from flowrt.sites.part import Part, replay_part
from flowrt.sites.replaying import parts_of
from tests.support.sites import FLOW

CHARGES = (14, 19, 20, 21, 22, 23, 30)


def frames(seed: int) -> list[Frame]:
    """Half an hour of a rack, with silences, whose charge wanders about the limit."""
    rng = random.Random(seed)
    found, now = [], 1000.0
    while now < 2800.0:
        now += rng.choice((0.1, 1.0, 1.0, 5.0, 70.0 if rng.random() < 0.1 else 2.0))
        low, high = rng.randrange(256), rng.choice((18, 19))
        data = (bytes((rng.choice(CHARGES), 0, 100, 0)), bytes((low, high, 1, 0, 1, 0)))
        found.append(Frame(round(now, 3), "can0", 0x355 + (kind := rng.randrange(2)), data[kind]))
    return found


def write_logs(folder: Path, some: list[Frame], cuts: list[int]) -> list[Path]:
    """Candump logs that hold the frames between cuts; an empty one is left out."""
    folder.mkdir()
    borders = [0, *sorted({cut % len(some) for cut in cuts} - {0}), len(some)]
    logs = []
    for number, (begin, end) in enumerate(pairwise(borders)):
        logs.append(folder / f"{number:02}.log")
        lines = (f"({f.time:.6f}) can0 {f.id:X}#{f.data.hex()}\n" for f in some[begin:end])
        logs[-1].write_text("".join(lines))
    return logs


def recorded(parts: list[Part]) -> list[dict[str, Any]]:
    """What parts record, one after another."""
    for part in parts:
        replay_part(part)
    return [json.loads(line) for part in parts for line in part.record.read_text().splitlines()]


def by_parts(folder: Path, logs: list[Path], warm_up: float | None) -> list[dict[str, Any]]:
    folder.mkdir()
    return recorded(parts_of(FLOW, {"north": logs}, folder, warm_up))


@pytest.mark.parametrize("warm_up", [None, 1e6])
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 10_000), max_size=5))
def test_cuts_leave_no_trace(warm_up: float | None, seed: int, cuts: list[int]) -> None:
    """With state carried, and with all that came before to warm up, also over several logs."""
    with TemporaryDirectory() as name:
        folder, some = Path(name), frames(seed)
        logs = write_logs(folder / "cut", some, cuts)
        whole = by_parts(folder / "one", write_logs(folder / "whole", some, []), None)
        assert len(whole) > 20
        assert by_parts(folder / "parts", logs, warm_up) == whole
