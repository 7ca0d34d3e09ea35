"""Groups that are merged by columns come in the order in which heapq merges their frames."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from flowrt.columns import FrameTable
from flowrt.message import Frame
from nodes.can.readers.merged import merged

TIMES = st.lists(st.integers(0, 6), max_size=12)


def group(number: int, times: list[int]) -> list[Frame]:
    """Frames that tell their group and place."""
    return [
        Frame(float(time), f"can{number}", place, bytes(number * 9)[:12])
        for place, time in enumerate(times)
    ]


def tables(frames: list[Frame], size: int) -> Iterator[FrameTable]:
    return (FrameTable.of(frames[at : at + size]) for at in range(0, len(frames), size))


@settings(max_examples=50, deadline=None)
@given(all_times=st.lists(TIMES, min_size=1, max_size=4), size=st.integers(1, 5))
def test_groups_in_any_order_of_time(all_times: list[list[int]], size: int) -> None:
    groups = [group(number, times) for number, times in enumerate(all_times)]
    together = merged([tables(frames, size) for frames in groups])
    got = [frame for table in together for frame in table.messages()]
    assert got == list(heapq.merge(*groups, key=lambda frame: frame.time))
