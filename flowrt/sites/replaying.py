"""A replay of the logs of many sites by many workers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from flowrt.errors import LogFileError
from flowrt.executor.chosen import Executor
from flowrt.sites.part import Part, replay_part, summed

__all__ = ["by_site", "logs_in", "parts_of", "replay_parts"]


def logs_in(paths: Iterable[Path]) -> list[Path]:
    """Log files; of a folder, all files in it and below, by name."""
    found: list[Path] = []
    for path in paths:
        found += (
            sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        )
    if not found:
        raise LogFileError("there is no log in these folders. Name one.")
    return found


def by_site(logs: Iterable[Path]) -> dict[str, list[Path]]:
    """The logs of each site, in order of their names; a site is a folder."""
    sites: dict[Path, list[Path]] = {}
    for log in logs:
        sites.setdefault(log.resolve().parent, []).append(log)
    names = [folder.name for folder in sites]
    return {
        folder.name if names.count(folder.name) == 1 else str(folder): sorted(its)
        for folder, its in sites.items()
    }


def parts_of(
    flow: Path, sites: dict[str, list[Path]], folder: Path, warm_up: float | None
) -> list[Part]:
    """A part for each site, or with a warm-up for each log."""
    tagged = len(sites) > 1
    made: list[Part] = []
    for site, logs in sites.items():
        cuts = [(0, len(logs))] if warm_up is None else [(i, i + 1) for i in range(len(logs))]
        made += [
            Part(
                flow.resolve(),
                site,
                tuple(log.resolve() for log in logs[begin:end]),
                folder / f"{len(made) + number:06d}.jsonl",
                last=end == len(logs),
                warm_up=() if warm_up is None else tuple(log.resolve() for log in logs[:begin]),
                seconds=warm_up or 0.0,
                tagged=tagged,
            )
            for number, (begin, end) in enumerate(cuts)
        ]
    return made


def replay_parts(
    executor: Executor,
    parts: Sequence[Part],
    record: Path | None,
    done: Callable[[int], None],
) -> dict[str, Any]:
    """Do all parts; their records follow one another in `record`. Gives the facts of them all."""
    facts: list[dict[str, Any]] = []
    file = record.open("wb") if record else None
    try:
        for part, result in zip(parts, executor.results(replay_part, parts, done), strict=True):
            facts.append(result)
            if file:
                with part.record.open("rb") as piece:
                    shutil.copyfileobj(piece, file)
            part.record.unlink()
            part.checkpoint.unlink(missing_ok=True)
    finally:
        if file:
            file.close()
    return summed(facts)
