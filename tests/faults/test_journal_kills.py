"""SIGKILL at random moments while a journal is written, read and acknowledged."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flowrt.journal import Journal
from tests.support.journals import all_of
from tests.support.rounds import rounds

KILLS_A_ROUND = 7
WRITER = [sys.executable, "-m", "tests.support.journal_writer"]


def killed(folder: Path, first: int, after: float) -> tuple[int, set[int]]:
    """Let the writer run for a while and kill it: the last number it called safe, all taken."""
    with subprocess.Popen([*WRITER, str(folder), str(first)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        begun = writer.stdout.readline()  # it is up and has made its first promise
        time.sleep(after)
        writer.kill()
        lines = [begun, *writer.stdout.read().splitlines(keepends=True)]
    whole = [line.decode().strip() for line in lines if line.endswith(b"\n")]
    safe = [int(line) for line in whole if not line.startswith("<")]
    taken: set[int] = set()
    for line in whole:
        if line.startswith("<"):
            begin, end = line[1:].split("-")
            taken.update(range(int(begin), int(end) + 1))
    return max(safe, default=first - 1), taken


@pytest.mark.slow
@pytest.mark.parametrize("round", range(rounds(10)))
def test_no_acknowledged_record_is_lost_by_kills(tmp_path: Path, round: int) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    dice = random.Random(seed)
    safe, taken, restart = -1, set[int](), 0
    for _ in range(KILLS_A_ROUND):
        safe, more = killed(tmp_path, restart, dice.uniform(0, 0.12))
        taken |= more
        journal = Journal(tmp_path)
        kept = all_of(journal)
        journal._log.close()
        assert kept == sorted(set(kept)), "in order, none twice"
        missing = set(range(safe + 1)) - set(kept) - taken
        assert not missing, f"promised and lost: {sorted(missing)[:9]}"
        restart = max([safe, *kept, *taken]) + 1
