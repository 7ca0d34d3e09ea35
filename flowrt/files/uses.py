"""Who names a data file: places in flows and their tests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flowrt.flow.convert import Unset, expand

__all__ = ["uses_of"]


def uses_of(file: Path, document: Any, folder: Path) -> list[str]:
    """The places of a document, such as nodes.decode.database, that name a file.

    `folder` is where the document's relative paths start. A name whose `${VARIABLE}` is not set
    names nothing.
    """
    wanted = os.path.normpath(file.absolute())
    return [
        place
        for place, text in _texts(document, "")
        if Path(text).suffix and _absolute(text, folder) == wanted
    ]


def _absolute(text: str, folder: Path) -> str | None:
    try:
        filled = str(expand(text, {}, os.environ))
    except Unset:
        return None
    return os.path.normpath(folder.absolute() / filled)


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{place}[{index}]")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(item, f"{place}.{key}".removeprefix("."))
