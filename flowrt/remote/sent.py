"""Which versions of a flow were sent from here to which gateway, so that no other is lost."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flowrt.files.store import write_atomically

__all__ = ["Sent"]

_KEPT: Final = 20
"""Versions remembered of a flow: a gateway may have gone back to an earlier one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A JSON file of `URL NAME` -> ETags, newest last; a damaged one remembers nothing."""

    file: Path

    @classmethod
    def usual(cls) -> Sent:
        """That of this user."""
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(Path(state) / "flowrt" / "sent.json")

    def _all(self) -> dict[str, list[str]]:
        try:
            found = json.loads(self.file.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def tags(self, url: str, name: str) -> list[str]:
        """The ETags that the gateway gave for what was sent from here."""
        return self._all().get(f"{url} {name}", [])

    def remember(self, url: str, name: str, tag: str) -> None:
        """Keep an ETag; raises OSError where the disk does not take it."""
        there, key = self._all(), f"{url} {name}"
        before = there.get(key, [])
        tags = [*(one for one in before if one != tag), tag][-_KEPT:]
        if tags != before:
            data = json.dumps({**there, key: tags}, indent=1, sort_keys=True)
            write_atomically(self.file, data.encode())
