"""Names for files that make way for a new one: `readings.20260301T000000Z.csv`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

__all__ = ["free_name", "older_files", "stamp"]

_STAMP: Final = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d+))?")


def stamp(time: float) -> str:
    """POSIX seconds as text that sorts and that every file system takes."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y%m%dT%H%M%SZ")


def free_name(pattern: str, folder: Path, time: float) -> Path:
    """A path that does not exist yet; `{}` in the pattern becomes the time, and a number."""
    name = stamp(time)
    taken = [number for at, number, _ in _older(pattern, folder) if at == name]
    if taken:  # also where a lower number is free again: names keep the order of time
        name = f"{name}-{max(taken) + 1}"
    return folder / pattern.replace("{}", name)


def older_files(pattern: str, folder: Path) -> list[Path]:
    """The files named so by `free_name`, oldest first."""
    return [path for _, _, path in sorted(_older(pattern, folder))]


def _older(pattern: str, folder: Path) -> Iterator[tuple[str, int, Path]]:
    before, after = pattern.split("{}")
    for path in folder.iterdir():
        if path.name.startswith(before) and path.name.endswith(after):
            match = _STAMP.fullmatch(path.name[len(before) : len(path.name) - len(after)])
            if match:
                yield match[1], int(match[2] or 0), path
