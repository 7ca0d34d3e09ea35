"""Where the shipped databases and the shared data are."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrt.registry import data_file

__all__ = ["BYD", "DATABASES", "PYLONTECH", "SHARED", "needs_shared"]


def _shipped(name: str) -> Path:
    found = data_file(Path("dbc") / name)
    assert found is not None, f"no pack ships dbc/{name}"
    return found


PYLONTECH = _shipped("pylontech-lv.dbc")
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the public logs and databases are not beside the repository"
)
DATABASES = sorted(SHARED.rglob("*.dbc")) if SHARED.is_dir() else []
BYD = _shipped("byd-victron.dbc")
