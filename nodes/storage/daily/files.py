"""The pages on disk: whole or not at all, and no more than are kept."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from nodes.storage.daily.day import Day

__all__ = ["keep_newest", "write_page"]

_NAME: Final = re.compile(r"report-(\d{4}-\d{2}-\d{2})(?:-(\d+))?\.html")


def write_page(folder: Path, day: Day, html: str) -> Path:
    """Write a day's page; one that this day did not write itself is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (day.file or _free(folder, day.date))
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(html)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return path


def _free(folder: Path, date: str) -> str:
    names = [f"report-{date}{more}.html" for more in ["", *(f"-{n}" for n in range(2, 100))]]
    return next((name for name in names if not (folder / name).exists()), names[-1])


def keep_newest(folder: Path, count: int) -> None:
    """Remove the oldest pages beyond a number of days."""
    found = [(match, path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    days = sorted({match[1] for match, _ in found})
    for match, path in found:
        if match[1] in days[:-count]:
            path.unlink(missing_ok=True)
