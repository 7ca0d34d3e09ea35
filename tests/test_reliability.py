"""The page of promises names tests that exist, and all that break things."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_each_promise_has_a_test_and_each_test_of_faults_a_promise() -> None:
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith("| promise |")]
    named = [set(re.findall(r"`(tests/[a-z0-9_/]+\.py)`", row)) for row in promises]
    files = set().union(*named)
    breaking = {
        str(file.relative_to(ROOT))
        for folder in ("faults", "soak")
        for file in (ROOT / "tests" / folder).glob("test_*.py")
    }
    assert all(named)
    assert {file for file in files if not (ROOT / file).is_file()} == set()
    assert breaking - files == set()
