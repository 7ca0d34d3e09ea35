"""How often a test that injects faults repeats itself: a few times in CI, often in `make soak`."""

from __future__ import annotations

import os

__all__ = ["ROUNDS", "SOAK_SECONDS", "is_long", "rounds", "soak_seconds"]

ROUNDS = "FLOWRT_FAULT_ROUNDS"
SOAK_SECONDS = "SOAK_SECONDS"


def rounds(usual: int) -> int:
    """How many rounds to run: `usual`, unless FLOWRT_FAULT_ROUNDS says otherwise."""
    return int(os.environ.get(ROUNDS) or usual)


def soak_seconds(usual: float) -> float:
    """How long to keep up the load: `usual` seconds, unless SOAK_SECONDS says otherwise."""
    return float(os.environ.get(SOAK_SECONDS) or usual)


def is_long() -> bool:
    """Whether this run was asked to be long, so that no time limit is of use."""
    return bool(os.environ.get(ROUNDS) or os.environ.get(SOAK_SECONDS))
