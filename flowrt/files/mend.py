"""Sets damaged flow files aside and puts the last version that ran well in their place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flowrt.errors import FlowFileError
from flowrt.files.revisions import Revisions
from flowrt.files.store import Store, set_aside
from flowrt.flow.file import LARGEST_FILE, parse_flow

__all__ = ["Mended", "mend"]


@dataclass(frozen=True, slots=True)
class Mended:
    """A flow file that was damaged: what was wrong, and where its bytes are kept."""

    flow: str
    aside: Path
    error: str

    def __str__(self) -> str:
        return (
            f"the file was damaged and is kept as {self.aside.name}; the last revision that ran "
            f"well runs in its place. {self.error}"
        )


def mend(store: Store, revisions: Revisions) -> Iterator[Mended]:
    """Mend every flow file that is no JSON and of which a revision was kept; gives what it did.

    Raises OSError where the disk does not take it. A file without a revision stays as it is.
    """
    for name, file in store.files().items():
        error = _damage(file)
        good = revisions.last_good(name) if error else None
        if good is not None:
            aside = set_aside(file)
            store.put(name, good)
            yield Mended(name, aside, error)


def _damage(file: Path) -> str:
    """What makes a file unreadable as a flow; empty for one that is sound, or is not to be had."""
    try:
        if file.stat().st_size > LARGEST_FILE:
            return ""
        parse_flow(file.read_bytes(), file)
    except OSError:
        return ""
    except FlowFileError as error:
        return str(error)
    return ""
