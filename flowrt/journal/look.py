"""Looks at journals on disk without opening them: also while a gateway writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowrt.journal.codec import unpack
from flowrt.journal.mark import is_mark
from flowrt.journal.record import records
from flowrt.journal.recovery import Recovered, recover
from flowrt.journal.segment import BEGIN, MAGIC, position, segment_files
from flowrt.message import Message

__all__ = [
    "Damage",
    "Look",
    "SegmentLook",
    "journals_in",
    "look",
    "messages",
    "quarantined",
    "segments",
    "verify",
]


@dataclass(frozen=True, slots=True)
class Look:
    """How a journal is; times are those of its oldest and newest waiting message, POSIX seconds."""

    name: str
    waiting: int
    bytes: int
    segments: int
    oldest: float | None
    newest: float | None
    written: int
    commits: int
    quarantined: int
    damaged: int


@dataclass(frozen=True, slots=True)
class SegmentLook:
    """What stands in one segment."""

    segment: str
    bytes: int
    messages: int
    wanted: int
    marks: int
    damaged: int


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch that cannot be read; `torn` where it is the end, which may still be written."""

    segment: str
    start: int
    end: int
    torn: bool


def journals_in(data: Path) -> dict[str, Path]:
    """The journals of a data folder by name: flow and wire."""
    folder = data / "journal"
    found = {path.parent for path in folder.glob("*/*/*.seg")}
    return {str(path.relative_to(folder)): path for path in sorted(found)}


def look(name: str, folder: Path) -> Look:
    """How a journal is."""
    files = segment_files(folder)
    state = _state(files)
    times = [message.time for message in _ends(files, state)]
    return Look(
        name,
        state.count,
        sum(path.stat().st_size for path in files.values()),
        len(files),
        min(times, default=None),
        max(times, default=None),
        state.written,
        state.mark.commits,
        state.mark.quarantined,
        state.mark.damaged,
    )


def messages(folder: Path, *, every: bool = False) -> Iterator[Message]:
    """Those that wait, in order; with `every` also those acknowledged and still on disk."""
    files = segment_files(folder)
    state = _state(files)
    for number, path in files.items():
        yield from _in_segment(number, path, state, every=every)


def segments(folder: Path) -> Iterator[SegmentLook]:
    """What stands in each segment."""
    files = segment_files(folder)
    state = _state(files)
    for number, path in files.items():
        data = path.read_bytes()
        found = list(records(data, BEGIN))
        sound = [one for one in found if one.payload is not None]
        marks = sum(is_mark(one.payload or b"") for one in sound)
        wanted = sum(1 for _ in _in_segment(number, path, state, every=False))
        counted = (len(sound) - marks, wanted, marks, len(found) - len(sound))
        yield SegmentLook(path.name, len(data), *counted)


def verify(folder: Path) -> list[Damage]:
    """Read every byte; what does not agree with its checksum."""
    files = segment_files(folder)
    found: list[Damage] = []
    for number, path in files.items():
        data = path.read_bytes()
        if not data.startswith(MAGIC):
            found.append(Damage(path.name, 0, min(BEGIN, len(data)), torn=len(data) < BEGIN))
        for record in records(data, BEGIN):
            if record.payload is None:
                torn = number == max(files) and record.end == len(data)
                found.append(Damage(path.name, record.start, record.end, torn))
    return found


def quarantined(folder: Path) -> Iterator[bytes]:
    """The lines of what was set aside, oldest first."""
    for name in ("quarantine.1.jsonl", "quarantine.jsonl"):
        if (file := folder / name).exists():
            yield from file.read_bytes().splitlines()


def _state(files: dict[int, Path]) -> Recovered:
    sizes = {number: path.stat().st_size for number, path in files.items()}
    return recover(sizes, lambda number: files[number].read_bytes())


def _ends(files: dict[int, Path], state: Recovered) -> Iterator[Message]:
    """The first and the last message that wait."""
    for order in (list(files.items()), list(reversed(files.items()))):
        for number, path in order:
            found = list(_in_segment(number, path, state, every=False))
            if found:
                yield from (found[0], found[-1])
                break


def _in_segment(number: int, path: Path, state: Recovered, *, every: bool) -> Iterator[Message]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:  # it was finished with in the meantime
        return
    for record in records(data, BEGIN):
        if record.payload is None or is_mark(record.payload):
            continue
        end = position(number, record.end)
        if every or state.wanted.meet(end - 1, end):
            message = unpack(record.payload)
            if message is not None:
                yield message
