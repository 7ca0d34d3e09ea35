"""CAN databases as plain data, by whichever pack reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from flowrt.errors import DatabaseError, NodeFault
from flowrt.registry import entry_points

__all__ = ["DATABASES_GROUP", "read_database"]

DATABASES_GROUP: Final = "flowrt.databases"


def read_database(path: Path) -> dict[str, Any]:
    """A database's messages and their signals, JSON-able; raises DatabaseError.

    Reading a large one takes seconds.
    """
    readers = entry_points(DATABASES_GROUP)
    if not readers:
        raise DatabaseError(f"{path}: no installed pack reads databases.")
    try:
        database: dict[str, Any] = readers[0].load()(path)
    except (NodeFault, OSError) as error:
        raise DatabaseError(str(error)) from error
    return database
