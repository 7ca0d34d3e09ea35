"""What ran when: every deployed version of a flow, kept on disk and named by its content.

    DATA/revisions/rack/log.jsonl             a line a deploy, oldest first, the newest 200 kept
    DATA/revisions/rack/3f2a9c01b7de.json     a version: the canonical document

A version that was deployed twice is stored once. The log is written last, and a version that no
line names any more goes: a power cut leaves the log with everything that it names.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from flowrt.errors import FlowrtError
from flowrt.files.store import NotFound, write_atomically

__all__ = ["Revision", "Revisions", "revision_id"]

_log = logging.getLogger("flowrt.revisions")
_KEPT: Final = 200
_LOG_NAME: Final = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Revision:
    """A version of a flow that was deployed; `time` is POSIX seconds."""

    id: str
    time: float
    author: str
    note: str
    changes: str = ""
    """What differs from what ran before, in words; empty where nothing did."""
    failed: str = ""
    """Why it was rolled back by itself; empty for one that was kept."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """The revisions of every flow, in a folder for each."""

    folder: Path

    def record(
        self,
        flow: str,
        document: Mapping[str, Any],
        *,
        author: str,
        note: str,
        changes: str = "",
        failed: str = "",
    ) -> Revision:
        """Keep a version as the newest; raises OSError where the disk does not take it."""
        data = _canonical(document)
        revision = Revision(_id_of(data), time.time(), author, note, changes, failed)
        kept = [revision, *self.of(flow)][:_KEPT]
        write_atomically(self._file(flow, revision.id), data)
        lines = [orjson.dumps(asdict(one)) + b"\n" for one in reversed(kept)]
        write_atomically(self.folder / flow / _LOG_NAME, b"".join(lines))
        self._forget_all_but(flow, {one.id for one in kept})
        return revision

    def of(self, flow: str) -> list[Revision]:
        """The revisions of a flow, newest first; a damaged line of the log is left out, told."""
        file = self.folder / flow / _LOG_NAME
        try:
            lines = file.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        found = [_revision(line, f"{file}:{number}") for number, line in enumerate(lines, 1)]
        return [revision for revision in reversed(found) if revision]

    def kept(self, flow: str) -> list[Revision]:
        """The revisions of a flow that ran well, newest first."""
        return [revision for revision in self.of(flow) if not revision.failed]

    def last_good(self, flow: str) -> dict[str, Any] | None:
        """The newest document that ran well and can be read; None where there is none."""
        for revision in self.kept(flow):
            try:
                return self.document(flow, revision.id)
            except (FlowrtError, OSError) as error:
                _log.error("revision %s of %s is passed over: %s", revision.id, flow, error)
        return None

    def document(self, flow: str, id: str) -> dict[str, Any]:
        """The document of a revision; raises NotFound, FlowrtError where its file is damaged."""
        if id not in {revision.id for revision in self.of(flow)}:
            raise NotFound(f'there is no revision "{id}" of the flow "{flow}".')
        file = self._file(flow, id)
        try:
            data = file.read_bytes()
        except FileNotFoundError as error:
            raise NotFound(f'the file of revision "{id}" is gone: {file}.') from error
        if _id_of(data) != id:
            raise FlowrtError(f"{file} is damaged: it no longer holds what its name says.")
        document: dict[str, Any] = json.loads(data)
        return document

    def _file(self, flow: str, id: str) -> Path:
        return self.folder / flow / f"{id}.json"

    def _forget_all_but(self, flow: str, ids: set[str]) -> None:
        for file in (self.folder / flow).glob("*.json"):
            if file.stem not in ids:
                file.unlink()


def revision_id(document: Mapping[str, Any]) -> str:
    """What a version is called: the first 12 hex digits of its canonical document's SHA-256."""
    return _id_of(_canonical(document))


def _canonical(document: Mapping[str, Any]) -> bytes:
    """The document without white space, in ASCII; keys stay in order, as nodes run in it."""
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _id_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _revision(line: bytes, place: str) -> Revision | None:
    try:
        row = orjson.loads(line)
        texts = (str(row.get(name, "")) for name in ("changes", "failed"))
        return Revision(
            str(row["id"]), float(row["time"]), str(row["author"]), str(row["note"]), *texts
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("%s: a damaged line is left out: %r", place, error)
        return None
