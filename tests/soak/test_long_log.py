"""A log of 10 GB is replayed in the memory that a short one needs: 122 MB in all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.long_log import peak_of_replay, write_long_log
from tests.support.rounds import rounds

FRAMES = 1_100_000
"""Of a round: 51 MB of candump."""


@pytest.mark.timeout(7200)
def test_a_replay_needs_no_memory_for_the_length_of_its_log(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    frames = rounds(2) * FRAMES
    write_long_log(log, frames)
    size, peak = log.stat().st_size, peak_of_replay(log, frames)
    log.unlink()
    print(f"\n{size / 1e6:.0f} MB of log, {peak / 1e6:.0f} MB of memory")
    assert size == 46 * frames
    assert peak < 200e6
