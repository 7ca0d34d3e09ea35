"""What every Python peer is made of: the parts of the hand-written loop, as functions to chain."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from struct import Struct
from time import perf_counter, process_time
from typing import Any, TypeAlias

from tests.bench.hand_loop import DECODERS

__all__ = ["Item", "Minute", "SocLow", "decode", "frames", "timed"]

Item: TypeAlias = tuple[float, int, bytes]
Reading: TypeAlias = tuple[float, dict[str, float]]
_RECORD = Struct("<dIB8s")


def frames() -> list[Item]:
    """The frames of the file that is named first on the command line."""
    stored = _RECORD.iter_unpack(Path(sys.argv[1]).read_bytes())
    return [(time, id, data[:length]) for time, id, length, data in stored]


def decode(item: Item) -> Reading | None:
    """Every signal of a frame."""
    time, id, data = item
    decoder = DECODERS.get(id)
    return None if decoder is None else (time, decoder(data))


class SocLow:
    """Raises below 20 %, clears at 22 %."""

    def __init__(self) -> None:
        self.raised = False

    def __call__(self, reading: Reading) -> tuple[Any, ...] | None:
        """The event of a reading, if any."""
        soc = reading[1].get("SOC")
        if soc is None:
            return None
        if self.raised and soc >= 22:
            self.raised = False
            return (reading[0], "cleared", soc)
        if not self.raised and soc < 20:
            self.raised = True
            return (reading[0], "raised", soc)
        return None


class Minute:
    """Least, largest and mean pack voltage by the minute."""

    def __init__(self) -> None:
        self.window = self.low = self.high = self.total = self.count = 0.0

    def __call__(self, reading: Reading) -> tuple[Any, ...] | None:
        """The minute that a reading closes, if any."""
        voltage = reading[1].get("PackVoltage")
        if voltage is None:
            return None
        closed, minute = None, reading[0] // 60
        if minute != self.window:
            if self.count:
                closed = (minute * 60, self.low, self.high, self.total / self.count)
            self.window, self.low, self.high = minute, voltage, voltage
            self.total = self.count = 0.0
        self.low, self.high = min(self.low, voltage), max(self.high, voltage)
        self.total += voltage
        self.count += 1
        return closed


def timed(run: Callable[[Sequence[Item]], int]) -> None:
    """Run once and print frames, seconds and what came out, as JSON."""
    some = frames()
    begun, begun_cpu = perf_counter(), process_time()
    out = run(some)
    seconds, cpu = perf_counter() - begun, process_time() - begun_cpu
    print(json.dumps({"frames": len(some), "seconds": seconds, "cpu": cpu, "out": out}))
