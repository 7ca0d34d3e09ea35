"""The five-node flow in streamz: a stream, mapped and joined."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from tests.bench.peers.parts import Item, Minute, SocLow, decode, timed

# Installed in the peers' environment only, where no types are checked.
streamz: Any = import_module("streamz")


def present(one: Any) -> bool:
    """Whether there is anything."""
    return one is not None


def run(frames: Sequence[Item]) -> int:
    """Push every frame; count what comes out."""
    out: list[Any] = []
    source = streamz.Stream()
    decoded = source.map(decode).filter(present)
    alarms = decoded.map(SocLow()).filter(present)
    minutes = decoded.map(Minute()).filter(present)
    alarms.union(minutes).sink(out.append)
    for frame in frames:
        source.emit(frame)
    return len(out)


timed(run)
