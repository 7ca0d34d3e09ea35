"""The five-node flow in reactivex: a subject, mapped and merged."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tests.bench.peers.parts import Item, Minute, SocLow, decode, timed

# Installed in the peers' environment only, where no types are checked.
reactivex: Any = import_module("reactivex")
ops: Any = import_module("reactivex.operators")
subject: Any = import_module("reactivex.subject")


def run(frames: Sequence[Item]) -> int:
    """Push every frame; count what comes out."""
    out: list[Any] = []
    source = subject.Subject()
    decoded = source.pipe(ops.map(decode), ops.filter(lambda one: one is not None), ops.share())
    present = ops.filter(lambda one: one is not None)
    alarms = decoded.pipe(ops.map(SocLow()), present)
    minutes = decoded.pipe(ops.map(Minute()), present)
    reactivex.merge(alarms, minutes).subscribe(out.append)
    for frame in frames:
        source.on_next(frame)
    source.on_completed()
    return len(out)


timed(run)
