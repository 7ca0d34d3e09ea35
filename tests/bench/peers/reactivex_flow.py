"""The five-node flow in reactivex: a subject, mapped and merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from parts import Item, Minute, SocLow, decode, timed
from reactivex import merge
from reactivex import operators as ops
from reactivex.subject import Subject


def run(frames: Sequence[Item]) -> int:
    """Push every frame; count what comes out."""
    out: list[Any] = []
    source: Subject[Item] = Subject()
    decoded = source.pipe(ops.map(decode), ops.filter(lambda one: one is not None), ops.share())
    present = ops.filter(lambda one: one is not None)
    alarms = decoded.pipe(ops.map(SocLow()), present)
    minutes = decoded.pipe(ops.map(Minute()), present)
    merge(alarms, minutes).subscribe(out.append)
    for frame in frames:
        source.on_next(frame)
    source.on_completed()
    return len(out)


timed(run)
