"""Which version of a flow was last sent from here to which gateway, so that no other is lost."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from flowrt.store import write_atomically

__all__ = ["Sent"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A JSON file of `URL NAME` -> ETag; one that cannot be read remembers nothing."""

    file: Path

    @classmethod
    def usual(cls) -> Sent:
        """That of this user."""
        state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return cls(Path(state) / "flowrt" / "sent.json")

    def _all(self) -> dict[str, str]:
        try:
            found = json.loads(self.file.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def tag(self, url: str, name: str) -> str | None:
        """The ETag that the gateway gave last; None where nothing was sent from here."""
        return self._all().get(f"{url} {name}")

    def remember(self, url: str, name: str, tag: str) -> None:
        """Keep the ETag; raises OSError where the disk does not take it."""
        there = self._all()
        if there.get(f"{url} {name}") != tag:
            data = json.dumps({**there, f"{url} {name}": tag}, indent=1, sort_keys=True)
            write_atomically(self.file, data.encode())
