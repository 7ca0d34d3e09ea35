"""A replay needs as much memory for a long log as for a short one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.long_log import peak_of_replay, write_long_log


@pytest.mark.timeout(240)
def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    short, long = tmp_path / "short.log", tmp_path / "long.log"
    write_long_log(short, 400_000)
    write_long_log(long, 1_600_000)
    at_first = peak_of_replay(short, 400_000)
    assert peak_of_replay(long, 1_600_000) < at_first + 20 * 1024**2
    assert at_first < 250 * 1024**2
