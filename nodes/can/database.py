"""CAN databases (DBC, KCD, SYM, ARXML), loaded once per file and version by cantools."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from flowrt.node import NodeFault
from nodes.can.library import import_can

if TYPE_CHECKING:
    from cantools.database.can import Database, Message

__all__ = ["EXTENDED", "frame_key", "load_database", "message_key"]

EXTENDED = 0x8000_0000
"""Bit 31 marks a 29-bit id where ids are kept as numbers, as in a DBC."""


def load_database(path: Path) -> Database:
    """The database of a file; raises NodeFault with file, place and remedy."""
    try:
        modified = path.stat().st_mtime_ns
    except OSError as error:
        raise NodeFault(f"{path} cannot be read: {error.strerror}. Is the path right?") from error
    return _load(path, modified)


@functools.lru_cache(maxsize=64)
def _load(path: Path, _modified: int) -> Database:
    import_can()
    from cantools import database
    from cantools.database.can import Database as CanDatabase

    try:
        loaded = database.load_file(str(path), strict=False)
    except Exception as error:  # cantools raises many kinds, down to ValueError and KeyError
        reason = str(error).replace("\n", " ")
        raise NodeFault(
            f"{path} is no database that can be read: {reason}. Open it in a DBC editor, or ask "
            "its author for a corrected one."
        ) from error
    if not isinstance(loaded, CanDatabase):
        raise NodeFault(f"{path} describes diagnostics, not CAN messages. Use a DBC, KCD or SYM.")
    return loaded


def message_key(message: Message) -> int:
    """A message's id, with bit 31 set where it is extended."""
    return message.frame_id | EXTENDED if message.is_extended_frame else message.frame_id


def frame_key(id: int, extended: bool) -> int:
    """A frame's id, with bit 31 set where it is extended."""
    return id | EXTENDED if extended else id
