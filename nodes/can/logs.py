"""Recorded logs as frames: every format that python-can reads."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flowrt.node import Frame, NodeFault
from nodes.can.frames import frame_of

__all__ = ["read"]


def read(path: Path) -> Iterator[Frame]:
    """The frames of a log, in its order; raises NodeFault with file and remedy."""
    import can

    if not path.is_file():
        raise NodeFault(f"{path} is no file. Name a recorded log.")
    if path.suffix.lower() == ".csv" and _is_gvret(path):
        yield from _read_gvret(path)
        return
    try:
        reader = can.LogReader(path)
    except ValueError as error:
        known = ", ".join(sorted(can.io.player.MESSAGE_READERS))
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


_GVRET_COLUMNS: Final = ("Time Stamp", "ID", "Extended", "Bus", "LEN")
_GVRET_BYTES_AT: Final = 5


def _is_gvret(path: Path) -> bool:
    """SavvyCAN's CSV: python-can's own has other columns."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith(",".join(_GVRET_COLUMNS))


def _read_gvret(path: Path) -> Iterator[Frame]:
    """SavvyCAN's CSV: microseconds, hexadecimal id and bytes."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for number, row in enumerate(rows, start=2):
            try:
                length = int(row[4])
                data = bytes(int(byte, 16) for byte in row[_GVRET_BYTES_AT:][:length])
                time, id = int(row[0]) * 1e-6, int(row[1], 16)
            except (ValueError, IndexError) as error:
                raise NodeFault(f"{path}, line {number}: {','.join(row)!r} is no frame.") from error
            yield Frame(time, row[3], id, data, extended=row[2] == "true")
