"""Data files that a flow names: databases, maps, tables and logs beside it, or from a pack.

Names are those that a flow writes: relative to its folder, with `/` between the parts.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from flowrt.errors import FlowrtError
from flowrt.files.store import NotFound
from flowrt.registry import data_file, data_files

__all__ = ["LARGEST_DATA_FILE", "MOST_DATA", "DataFolder", "FileNameRefused"]

LARGEST_DATA_FILE: Final = 16 * 1024**2
"""Bytes. The largest vehicle database seen has 5 MB."""
MOST_DATA: Final = 256 * 1024**2
"""Bytes of all data files of a folder that came over the API or were put there by hand."""
_DATABASES: Final = (".dbc", ".kcd", ".sym", ".arxml")
_DICTIONARIES: Final = (".dcf", ".eds")
_TABLES: Final = (".csv", ".json", ".txt", ".xml", ".yaml", ".yml")
_LOGS: Final = (".asc", ".blf", ".log", ".mf4", ".trc")
_CERTIFICATES: Final = (".crt", ".cer")
_SUFFIXES: Final = frozenset((*_DATABASES, *_DICTIONARIES, *_TABLES, *_LOGS, *_CERTIFICATES))
"""No keys among them: whoever may draw flows need not be able to read them."""
_NOT_DATA: Final = (".test.json", ".layout.json")
_FORBIDDEN: Final = frozenset('\\:*?"<>|')
_LONGEST_NAME: Final = 200
_DEEPEST: Final = 4
_MOST_LISTED: Final = 1000
_MOST_LOOKED_AT: Final = 20_000
"""Directory entries. `flowrt run .` may stand at the root of anything."""
_HEAD: Final = 512
"""Bytes within which a flow file says `"flowrt"`."""


class FileNameRefused(FlowrtError):
    """That cannot be the name of a data file; says why and what would do."""


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The data files of the flows in `folder`; nothing under `own` is one: the engine's data."""

    folder: Path
    own: Path

    def listed(self) -> tuple[list[dict[str, Any]], bool]:
        """Rows of path, bytes and whether a pack ships it, by path; and whether there are more."""
        shipped = {
            name: file for name, file in data_files().items() if file.suffix.lower() in _SUFFIXES
        }
        beside = {self._name(file): file for file in self._files()}
        files = {**shipped, **beside}
        names = sorted(files)
        rows = [
            {
                "path": name,
                "bytes": _size(files[name]),
                "pack": name not in beside,
            }
            for name in names[:_MOST_LISTED]
        ]
        return rows, len(names) > _MOST_LISTED

    def find(self, name: str) -> Path:
        """A data file as a node would find it: beside the flow, else a pack's; raises NotFound."""
        beside = self.place(name)
        if beside.is_file():
            return beside
        shipped = data_file(Path(name))
        if shipped is None:
            raise NotFound(f'there is no data file "{name}", beside the flow or in a pack.')
        return shipped

    def place(self, name: str) -> Path:
        """Where a data file of that name stands or would; raises FileNameRefused."""
        self._check_name(name)
        file = self.folder / name
        if not file.resolve().is_relative_to(self.folder.resolve()):
            raise FileNameRefused(f'"{name}" leads out of the flows\' folder by a link.')
        if file.resolve().is_relative_to(self.own.resolve()):
            raise FileNameRefused(f'"{name}" lies where the engine keeps its own data.')
        return file

    @staticmethod
    def _check_name(name: str) -> None:
        """Refuse what is no plain relative name of a data file; raises FileNameRefused."""
        parts, suffix = name.split("/"), PurePosixPath(name).suffix.lower()
        if len(name) > _LONGEST_NAME or len(parts) > _DEEPEST:
            raise FileNameRefused(
                f"a name may have {_LONGEST_NAME} characters and {_DEEPEST} parts at most, this "
                f"one has {len(name)} and {len(parts)}. Shorten it."
            )
        for part in parts:
            if not part or part.startswith(".") or not part.isprintable():
                raise FileNameRefused(
                    f'"{name}" cannot be used: each part of a name begins with a letter or a '
                    "digit, and the whole is relative to the flow, like dbc/rack.dbc."
                )
        if found := sorted(_FORBIDDEN & set(name)):
            raise FileNameRefused(f'"{name}" has {" ".join(found)} in it. Rename the file.')
        if suffix not in _SUFFIXES:
            known = " ".join(sorted(_SUFFIXES))
            raise FileNameRefused(f'"{name}" is no kind of data file; known are {known}.')
        if suffix == ".json" and (len(parts) == 1 or name.endswith(_NOT_DATA)):
            raise FileNameRefused(
                f'"{name}" would be taken for a flow or what belongs to one. Put it into a folder, '
                "like maps/rack.json."
            )

    def _name(self, file: Path) -> str:
        return file.relative_to(self.folder).as_posix()

    def bytes_beside(self, file: Path) -> int:
        """Bytes of all data files of the folder but that one."""
        return sum(_size(other) for other in self._files() if other != file)

    def _files(self) -> Iterator[Path]:
        """The data files in the folder, whose name could also be written; links are left out."""
        seen = 0
        for root, folders, names in os.walk(self.folder):
            here = Path(root)
            depth = len(here.relative_to(self.folder).parts)
            folders[:] = sorted(name for name in folders if depth + 1 < _DEEPEST)
            folders[:] = [name for name in folders if self._is_open(here / name)]
            for name in names:
                if _is_data(here / name) and self._is_namable(here / name):
                    yield here / name
            seen += len(names) + len(folders)
            if seen > _MOST_LOOKED_AT:
                return

    def _is_open(self, folder: Path) -> bool:
        hidden = folder.name.startswith((".", "__")) or folder.name == "node_modules"
        return not hidden and folder.resolve() != self.own.resolve()

    def _is_namable(self, file: Path) -> bool:
        try:
            self._check_name(self._name(file))
        except FileNameRefused:
            return False
        return True


def _size(file: Path) -> int:
    """Bytes; 0 for a file that was removed this moment."""
    return file.stat().st_size if file.exists() else 0


def _is_data(file: Path) -> bool:
    """Whether a file is data and neither a link nor a flow that stands in a deeper folder."""
    if file.is_symlink() or file.suffix.lower() not in _SUFFIXES:
        return False
    if file.suffix.lower() != ".json":
        return True
    with file.open("rb") as handle:
        return b'"flowrt"' not in handle.read(_HEAD)
