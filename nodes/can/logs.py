"""Recorded logs as frames: every format that python-can reads, SavvyCAN's CSV and Parquet."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from flowrt.node import Frame, FrameTable, NodeFault
from nodes.can.frames import frame_of
from nodes.can.gvret import is_gvret, read_gvret_rows
from nodes.can.library import import_can, import_can_with_mf4

__all__ = ["Reader", "read"]

Tell: TypeAlias = Callable[[str], None]
_AT_ONCE: Final = 65_536
_BY_COLUMNS: Final = {
    ".asc": "nodes.can.readers.asc:read_asc",
    ".log": "nodes.can.readers.candump:read_candump",
    ".blf": "nodes.can.readers.blf:read_blf",
    ".trc": "nodes.can.readers.trc:read_trc",
    ".parquet": "nodes.can.readers.parquet:read_parquet",
}
_MF4: Final = "nodes.can.readers.mf4:read_mf4"
_GVRET: Final = "nodes.can.readers.gvret:read_gvret"


class Reader:
    """Reads a log, frame by frame or by columns."""

    def __call__(self, path: Path) -> Iterator[Frame]:
        """The frames of a log, in its order; raises NodeFault with file and remedy."""
        _check(path)
        suffix = path.suffix.lower()
        if suffix == ".parquet":
            for table in self.tables(path, _refuse):
                yield from table.messages()
        elif suffix == ".csv" and is_gvret(path):
            yield from read_gvret_rows(path)
        else:
            yield from _by_python_can(path)

    def tables(self, path: Path, tell: Tell) -> Iterator[FrameTable]:
        """The frames of a log by columns; needs numpy.

        `tell` takes a sentence for each line that is no frame; raises NodeFault where a log cannot
        be read on.
        """
        _check(path)
        named = _BY_COLUMNS.get(path.suffix.lower())
        if path.suffix.lower() == ".csv" and is_gvret(path):
            named = _GVRET
        if path.suffix.lower() == ".mf4" and _is_readable_mf4(path):
            named = _MF4
        if named:
            module, _, function = named.partition(":")
            read_tables: Any = getattr(importlib.import_module(module), function)
            yield from read_tables(path, tell)
            return
        frames = _by_python_can(path)
        while some := list(islice(frames, _AT_ONCE)):
            yield FrameTable.of(some)


read: Final = Reader()


def _check(path: Path) -> None:
    if not path.is_file():
        raise NodeFault(f"{path} is no file. Name a recorded log.")


def _refuse(sentence: str) -> None:
    raise NodeFault(sentence)


def _is_readable_mf4(path: Path) -> bool:
    """Whether an MF4 log can be read by columns; what is wrong with it is told by python-can."""
    try:
        from nodes.can.readers.mf4 import is_readable

        return is_readable(path)
    except Exception:  # noqa: BLE001  asammdf raises many kinds on damaged files
        return False


def _by_python_can(path: Path) -> Iterator[Frame]:
    can = import_can_with_mf4() if path.suffix.lower() == ".mf4" else import_can()
    try:
        reader = can.LogReader(path)
    except ValueError as error:
        known = ", ".join(sorted({*can.io.player.MESSAGE_READERS, ".parquet"}))
        raise NodeFault(f"{path} has no known kind of log; known are {known}.") from error
    except Exception as error:  # readers raise many kinds on a damaged head
        raise NodeFault(f"{path} cannot be read as a log: {error}") from error
    with reader:
        count = 0
        try:
            for message in reader:
                count += 1
                yield frame_of(message)
        except Exception as error:  # readers raise many kinds on damaged files
            raise NodeFault(
                f"{path}: after {count} frames the log cannot be read on: {error}"
            ) from error
