"""What holds for every test: time limits, and how long a deploy is looked at.

Long runs of the folders that break things have no time limit; see faults/README.md.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from flowrt.deploy.wishes import HEALTH_VARIABLE
from tests.support.rounds import is_long

os.environ.setdefault(HEALTH_VARIABLE, "0.1")
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell lets jobs in the background ignore Ctrl-C, and what they start inherits that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

_LONG = [Path(__file__).parent / name for name in ("faults", "soak")]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_long() and any(item.path.is_relative_to(folder) for folder in _LONG):
            item.add_marker(pytest.mark.timeout(0), append=False)
