"""SocketCAN for the tests of this folder: vcan0 and vcan1, or a skip that says why."""

from __future__ import annotations

from pathlib import Path

import pytest

_MISSING = "no vcan0 and vcan1 here; as root: ip link add vcan0 type vcan; ip link set vcan0 up"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test here, and skip all where the kernel has no vcan interfaces."""
    folder = Path(__file__).parent
    there = all(Path(f"/sys/class/net/vcan{index}").exists() for index in (0, 1))
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.socketcan)
            if not there:
                item.add_marker(pytest.mark.skip(reason=_MISSING))
