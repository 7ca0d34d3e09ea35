"""Long runs of the folders that break things have no time limit; see faults/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.rounds import is_long

_LONG = [Path(__file__).parent / name for name in ("faults", "soak")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_long() and any(item.path.is_relative_to(folder) for folder in _LONG):
            item.add_marker(pytest.mark.timeout(0), append=False)
