"""SavvyCAN's CSV (GVRET): microseconds, hexadecimal id and bytes, `true` for an extended id."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from flowrt.node import Frame, NodeFault

__all__ = ["BYTES_AT", "HEADER", "frame_of_row", "is_gvret", "read_gvret_rows"]

HEADER: Final = "Time Stamp,ID,Extended,Bus,LEN"
BYTES_AT: Final = 5
"""The column of the first byte."""
_IDS: Final = 1 << 32


def is_gvret(path: Path) -> bool:
    """Whether a CSV file is SavvyCAN's: python-can's own has other columns."""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().startswith(HEADER)


def read_gvret_rows(path: Path) -> Iterator[Frame]:
    """The frames of a SavvyCAN log; raises NodeFault at a line that is none."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for number, row in enumerate(rows, start=2):
            try:
                yield frame_of_row(row)
            except (ValueError, IndexError) as error:
                raise NodeFault(f"{path}, line {number}: {','.join(row)!r} is no frame.") from error


def frame_of_row(row: Sequence[str]) -> Frame:
    """A line as SavvyCAN means it; raises ValueError or IndexError."""
    length, id = int(row[4]), int(row[1], 16)
    if not 0 <= id < _IDS:
        raise ValueError(row[1])
    data = bytes(int(byte, 16) for byte in row[BYTES_AT:][:length])
    return Frame(int(row[0]) * 1e-6, row[3], id, data, extended=row[2] == "true")
