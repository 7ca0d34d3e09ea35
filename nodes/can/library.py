"""Imports python-can without what only one kind of log needs.

python-can, which cantools imports as well, loads asammdf at once where that is installed: some
seconds on a small gateway and 100 MB, for MF4 logs alone.
"""

from __future__ import annotations

import importlib
import sys
import threading
from importlib.util import find_spec
from typing import Any, Final

__all__ = ["import_can", "import_can_with_mf4"]

_ONE_AT_A_TIME: Final = threading.Lock()
"""Buses and recorders open in threads."""


def import_can() -> Any:
    """The module `can`; without asammdf unless somebody has imported that before."""
    with _ONE_AT_A_TIME:
        if "can" in sys.modules or "asammdf" in sys.modules:
            return importlib.import_module("can")
        modules: dict[str, Any] = sys.modules
        modules["asammdf"] = None  # an import of it is refused
        try:
            return importlib.import_module("can")
        finally:
            del modules["asammdf"]


def import_can_with_mf4() -> Any:
    """The module `can`, whose readers and writers know MF4 where asammdf is installed."""
    can = import_can()
    with _ONE_AT_A_TIME:
        mf4 = importlib.import_module("can.io.mf4")
        if mf4.asammdf is None and find_spec("asammdf") is not None:
            importlib.reload(mf4)
            importlib.import_module("can.io.player").MESSAGE_READERS[".mf4"] = mf4.MF4Reader
            importlib.import_module("can.io.logger").MESSAGE_WRITERS[".mf4"] = mf4.MF4Writer
    return can
