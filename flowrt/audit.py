"""The audit log: who did what, appended and never changed, each record chained to the one before.

    DATA/audit/000001.jsonl     a record a line; a new file after a megabyte, the newest 64 are kept

A record holds the hash of the record before it, and ends with its own: the SHA-256 of the line up
to there. So a line that was changed, added, moved or taken out is found, and where; records cut off
at the end are found by whoever knows a later hash.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

__all__ = ["Audit", "Verdict", "records", "verify"]

_log = logging.getLogger("flowrt.audit")
_LARGEST: Final = 1024 * 1024
_KEPT: Final = 64
_LONGEST_TEXT: Final = 200
_MOST_WAITING: Final = 10_000
_BEGIN: Final = "0" * 64
"""What stands for the hash before the first record."""
_MARK: Final = b',"hash":"'


@dataclass
class Audit:
    """Appends to the log of a data folder; `now` gives POSIX seconds.

    `note` never waits; what is noted is on disk after `flush`. A disk that refuses keeps records
    waiting, up to a bound, and the next that is written tells how many were lost.
    """

    folder: Path
    now: Callable[[], float] = time.time
    lost: int = 0
    _waiting: deque[dict[str, Any]] = field(default_factory=deque)
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _end: tuple[int, str, Path] | None = None
    """Number, hash and file of the newest record."""

    @classmethod
    def of(cls, data: Path) -> Audit:
        """The log in a data folder."""
        return cls(data / "audit")

    def note(self, who: str, what: str, **details: Any) -> None:
        """Keep that somebody did something."""
        if len(self._waiting) >= _MOST_WAITING:
            self.lost += 1
            return
        record = {"time": self.now(), "who": who, "what": what, "details": details}
        self._waiting.append({name: _plain(value) for name, value in record.items()})

    async def flush(self) -> None:
        """Write what was noted; a disk that refuses is told in the log."""
        async with self._writing:
            taken = list(self._waiting)
            if not taken:
                return
            try:
                await asyncio.to_thread(self._append, taken)
            except OSError as error:
                _log.error("%s cannot be written: %s", self.folder, error)
                return
            for _ in taken:
                self._waiting.popleft()

    def _append(self, taken: list[dict[str, Any]]) -> None:
        """Write records and wait for the disk; the next begins anew where this fails."""
        number, before, file = self._end or _end_of(self.folder)
        lost, self._end = self.lost, None
        if lost:
            told = {"who": "flowrt", "what": "lost", "details": {"records": lost}}
            taken = [*taken, {"time": self.now(), **told}]
        lines = []
        for record in taken:
            number += 1
            line, before = _sealed({"number": number, **record, "prev": before})
            lines.append(line)
        if file.exists() and file.stat().st_size > _LARGEST:
            file = _next(file)
        _append_to(file, b"".join(lines))
        self.lost -= lost
        self._end = number, before, file
        for old in _files(self.folder)[:-_KEPT]:
            old.unlink()


def _plain(value: Any) -> Any:
    """Texts as long as a record may hold, and without what is no text."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, str):
        return value[:_LONGEST_TEXT].encode("utf-8", "replace").decode()
    return value


def _sealed(record: dict[str, Any]) -> tuple[bytes, str]:
    body = orjson.dumps(record, default=str)
    digest = hashlib.sha256(body).hexdigest()
    return body[:-1] + _MARK + digest.encode() + b'"}\n', digest


def _append_to(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        if os.write(handle, data) != len(data):
            os.ftruncate(handle, size)
            raise OSError("the disk is full")
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.jsonl"))


def _next(file: Path) -> Path:
    return file.with_name(f"{int(file.stem) + 1:06}.jsonl")


def _end_of(folder: Path) -> tuple[int, str, Path]:
    """Where to go on. After a line that a power cut left unfinished, a new file begins."""
    files = _files(folder)
    if not files:
        return 0, _BEGIN, folder / "000001.jsonl"
    newest = next((one[-1] for file in reversed(files) if (one := _records_of(file))), None)
    number, digest = (newest["number"], newest["hash"]) if newest else (0, _BEGIN)
    is_whole = files[-1].read_bytes()[-1:] in (b"\n", b"")
    return number, digest, files[-1] if is_whole else _next(files[-1])


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """Every record that can be read, oldest first."""
    for file in _files(folder):
        yield from _records_of(file)


def _records_of(file: Path) -> list[dict[str, Any]]:
    found = []
    for line in file.read_bytes().splitlines():
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue  # `verify` tells
        if isinstance(record, dict) and {"number", "hash"} <= record.keys():
            found.append(record)
    return found


@dataclass(frozen=True)
class Verdict:
    """What a check of the chain found; `head` is the newest hash, to be kept elsewhere."""

    count: int
    head: str
    problems: list[str]


def verify(folder: Path, head: str = "") -> Verdict:
    """Follow the chain from the oldest record that is kept; `head` is a hash that must be there."""
    count, before, problems, is_known = 0, "", [], not head
    for file in _files(folder):
        for number, line in enumerate(file.read_bytes().splitlines(keepends=True), 1):
            place = f"{file.name}: line {number}"
            body, _, rest = line.rpartition(_MARK)
            digest = hashlib.sha256(body + b"}").hexdigest()
            if rest != digest.encode() + b'"}\n':
                if line.endswith(b"\n"):
                    problems.append(f"{place} was changed")
                continue  # else a power cut left it unfinished
            record = orjson.loads(body + b"}")
            if not before and file.stem == "000001" and record["number"] != 1:
                told = f"is number {record['number']}, and what comes before it is missing"
                problems.append(f"{place} {told}")
            if before and record["prev"] != before:
                problems.append(f"{place} does not follow the record before it")
            count, before, is_known = count + 1, digest, is_known or digest == head
    if not is_known:
        problems.append(f"no record has the hash {head}: the end was cut off, or all is another")
    return Verdict(count, before, problems)
