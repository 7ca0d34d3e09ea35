"""How busy a bus is: frames a second, and the share of its bit rate that they take.

A SocketCAN interface counts for itself, also what the kernel's filters keep from us, so that
reading costs its frames nothing. Other interfaces are counted as frames pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from flowrt.node import Frame

__all__ = ["ASSUMED_BITRATE", "Counted", "Load", "interface_traffic"]

ASSUMED_BITRATE: Final = 500_000
"""bit/s, where the flow does not say: the usual rate of batteries' buses."""
_FRAME_BITS: Final = 47
"""A frame without data: 11 bit id, CRC, acknowledgement, end and the pause after it (ISO 11898-1).

Stuff bits are not counted (up to a fifth more), nor the 20 bits more of an extended frame.
"""
_SHORTEST: Final = 0.5
"""Seconds; who asks sooner gets the figures of the last time."""
_INTERFACES: Final = Path("/sys/class/net")

Traffic: TypeAlias = tuple[int, int]
"""Frames, and the bytes of data in them, since some moment."""


class Counted:
    """Traffic that is counted as it passes."""

    def __init__(self) -> None:
        self._frames = 0
        self._bytes = 0

    def add(self, frames: Sequence[Frame]) -> None:
        """Count frames, received or sent."""
        self._frames += len(frames)
        self._bytes += sum(len(frame.data) for frame in frames)

    def __call__(self) -> Traffic:
        """What has passed so far."""
        return self._frames, self._bytes


def interface_traffic(name: str) -> Traffic:
    """What a network interface has carried; raises OSError where there is none of that name."""
    folder = _INTERFACES / name
    # A virtual interface also counts as received what is sent on it.
    ways = ("rx", "tx") if (folder / "device").exists() else ("rx",)
    frames, data = (
        sum(int((folder / "statistics" / f"{way}_{what}").read_text()) for way in ways)
        for what in ("packets", "bytes")
    )
    return frames, data


class Load:
    """Turns traffic into rates over the time since they were asked for last."""

    def __init__(
        self,
        traffic: Callable[[], Traffic],
        bitrate: int | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._traffic = traffic
        self._bitrate = bitrate or ASSUMED_BITRATE
        self._now = now
        self._asked = now()
        self._before = traffic()
        self._figures = {"load_percent": 0.0, "frames_per_second": 0.0}

    def figures(self) -> dict[str, float]:
        """`load_percent` of the bit rate, and `frames_per_second`; OSError as `traffic` raises."""
        passed = self._now() - self._asked
        if passed >= _SHORTEST:
            before, self._before = self._before, self._traffic()
            self._asked += passed
            self._figures = self._rates(before, self._before, passed)
        return dict(self._figures)

    def _rates(self, before: Traffic, after: Traffic, passed: float) -> dict[str, float]:
        """An interface that was made anew counts from 0 again: no rate is below 0."""
        frames, data = (max(0, new - old) for old, new in zip(before, after, strict=True))
        bits = frames * _FRAME_BITS + 8 * data
        return {
            "load_percent": round(100 * bits / passed / self._bitrate, 2),
            "frames_per_second": round(frames / passed, 1),
        }
