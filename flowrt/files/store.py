"""The folder of flow files: read, written atomically, with an ETag each."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from flowrt.errors import FlowFileError, FlowrtError
from flowrt.flow.file import flow_files, flow_name, layout_file
from flowrt.registry import shipped_flows

__all__ = ["Conflict", "NotFound", "Store", "Taken", "etag", "set_aside", "write_atomically"]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


class NotFound(FlowrtError):
    """There is no flow, or no file, of that name."""


class Conflict(FlowrtError):
    """Somebody else changed the flow since it was read."""


class Taken(Conflict):
    """A new flow would take the place of another one."""


@dataclass(frozen=True, slots=True)
class Store:
    """Flow files by flow name; several folders and single files may be named."""

    paths: tuple[Path, ...]

    def files(self) -> dict[str, Path]:
        """Flow name -> its file. A file that cannot be read goes by its own name."""
        found: dict[str, Path] = {}
        for path in self.paths:
            for file in flow_files(path):
                found.setdefault(_name_of(file), file)
        return found

    def file(self, name: str) -> Path:
        """The file of a flow; raises NotFound."""
        files = self.files()
        if name not in files:
            raise NotFound(f'there is no flow "{name}".')
        return files[name]

    def _source(self, name: str) -> Path:
        """What is read as a flow: its file, else that of a pack; raises NotFound."""
        current = self.files().get(name)
        return current or shipped_flows().get(name) or self.file(name)

    def place(self, name: str) -> Path:
        """The file of a flow, or where a new one goes; raises FlowFileError for no such name."""
        if (current := self.files().get(name)) is not None:
            return current
        if not _NAME.fullmatch(name):
            raise FlowFileError(f'"{name}" cannot be a flow\'s name: use a-z, 0-9, - and _.')
        return self._folder() / f"{name}.json"

    def read(self, name: str) -> tuple[bytes, str]:
        """A flow's file, or that of a pack, and its ETag; raises NotFound."""
        data = self._source(name).read_bytes()
        return data, etag(data)

    def write(self, name: str, document: Mapping[str, Any], expected: str | None) -> str:
        """Write a flow and give its new ETag.

        `expected` is the ETag it was read with, "*" for whatever is there, None for a new flow.
        A subflow that a pack ships gets a copy here. Raises Conflict where another one is there,
        Taken where a new one would replace one.
        """
        current = self.files().get(name)
        file = self.place(name)
        if file.exists() and (expected is None or current is None):
            raise Taken(f"{file.name} is there already. Choose another name, or change that flow.")
        read = current or (shipped_flows().get(name) if expected else None)
        there = etag(read.read_bytes()) if read else None
        if expected not in ("*", there):
            done = "changed" if current else "removed"
            raise Conflict(
                f'the flow "{name}" has been {done} by somebody else since you read it. '
                "Read it again, and put your changes on top."
            )
        return self.put(name, document)

    def put(self, name: str, document: Mapping[str, Any]) -> str:
        """Write a flow over whatever is there, and give its ETag."""
        data = (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
        write_atomically(self.place(name), data)
        return etag(data)

    def delete(self, name: str) -> None:
        """Remove a flow's file and its layout; raises NotFound."""
        file = self.file(name)
        file.unlink()
        layout_file(file).unlink(missing_ok=True)
        _sync(file.parent)

    def read_layout(self, name: str) -> bytes:
        """The layout of a flow, `{}` where nothing was drawn; raises NotFound."""
        try:
            return layout_file(self._source(name)).read_bytes()
        except FileNotFoundError:
            return b"{}"

    def write_layout(self, name: str, data: bytes) -> None:
        """Keep the layout of a flow beside its file; raises NotFound."""
        write_atomically(layout_file(self.file(name)), data)

    def _folder(self) -> Path:
        return next((path for path in self.paths if path.is_dir()), self.paths[0].parent)


def etag(data: bytes) -> str:
    """A strong ETag, quoted as HTTP wants it."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def write_atomically(file: Path, data: bytes) -> None:
    """Replace a file so that a reader, or a power cut, sees the old or the new one whole."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
            handle.flush()
            os.fsync(handle.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync(file.parent)


def set_aside(file: Path) -> Path:
    """Copy a damaged file to one beside it, `rack.json.damaged-20261125T101500Z`; gives that.

    The file itself stays, so that at no moment there is none; write over it, or remove it.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = file.with_name(f"{file.name}.damaged-{stamp}")
    write_atomically(aside, file.read_bytes())
    return aside


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name_of(file: Path) -> str:
    """The name in a file, read again when the file has changed: every request asks for it."""
    try:
        now = file.stat()
        return _name_in(file, now.st_ino, now.st_ctime_ns, now.st_size)
    except (FlowFileError, OSError):
        return file.stem


@lru_cache(maxsize=4096)
def _name_in(file: Path, _inode: int, _changed: int, _size: int) -> str:
    return flow_name(file.read_bytes(), file)
