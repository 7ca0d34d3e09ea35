"""A log of 400 MB is replayed in the memory that a short one needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.long_log import peak_of_replay, write_long_log


@pytest.mark.timeout(900)
def test_a_log_of_hundreds_of_megabytes(tmp_path: Path) -> None:
    log = tmp_path / "long.log"
    write_long_log(log, 8_000_000)
    assert log.stat().st_size > 380 * 1024**2
    assert peak_of_replay(log, 8_000_000) < 250 * 1024**2
