"""Which flows were stopped by hand, so that they stay stopped at the next boot."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import orjson

from flowrt.files.store import write_atomically

__all__ = ["Stopped"]

_log = logging.getLogger("flowrt.stopped")


@dataclass(frozen=True, slots=True)
class Stopped:
    """A JSON list of flow names in a file; a file that cannot be read stops nothing, told."""

    file: Path

    def names(self) -> frozenset[str]:
        """The flows that stay stopped."""
        try:
            found = orjson.loads(self.file.read_bytes())
            return frozenset(str(name) for name in found)
        except FileNotFoundError:
            return frozenset()
        except (OSError, ValueError, TypeError) as error:
            _log.error("%s cannot be read (%s): every flow is started", self.file, error)
            return frozenset()

    def add(self, name: str) -> None:
        """Let a flow stay stopped; raises OSError where the disk does not take it."""
        self._write(self.names() | {name})

    def discard(self, name: str) -> None:
        """Let a flow be started at boot again."""
        names = self.names()
        if name in names:
            self._write(names - {name})

    def _write(self, names: frozenset[str]) -> None:
        write_atomically(self.file, orjson.dumps(sorted(names)))
