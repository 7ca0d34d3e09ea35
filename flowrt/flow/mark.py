"""What a node was made of, so that a deploy can tell which nodes it leaves as they are."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from flowrt.node import Node, Resource
from flowrt.setting import Secret, keywords_of, setting_fields

__all__ = ["Mark", "mark_of"]

Mark: TypeAlias = tuple[Any, ...]
"""Equal for nodes made of equal things: type, settings, resources, secrets, files that are read."""


def mark_of(node: Node, resources: Mapping[str, Mark]) -> Mark:
    """The mark of a node; `resources` holds those of the resources that it may use."""
    values = [
        (
            field.name,
            _plain(getattr(node, field.name), resources, reads="file" in keywords_of(field)),
        )
        for field in setting_fields(type(node))
    ]
    return (node.type, *values)


def _plain(value: Any, resources: Mapping[str, Mark], *, reads: bool = False) -> Any:
    if isinstance(value, Resource):
        return (value.id, resources.get(value.id))
    if isinstance(value, Secret):
        return (value.name, hashlib.sha256(value.reveal().encode()).hexdigest())
    if isinstance(value, Path):
        return (str(value), _stamp(value) if reads else None)
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return tuple(
            (field.name, _plain(getattr(value, field.name), resources)) for field in fields
        )
    if isinstance(value, Mapping):
        return tuple((key, _plain(one, resources)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(_plain(one, resources, reads=reads) for one in value)
    return (type(value).__name__, value)


def _stamp(file: Path) -> tuple[int, int] | None:
    """Size and time of a file that a node reads; one that was written anew is another file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
