"""Standing alarms on disk beside their nodes' state, as a node that goes on raises none again."""

from __future__ import annotations

import logging
from collections.abc import Container
from pathlib import Path
from typing import Final

import msgspec

from flowrt.alarms import Alarm
from flowrt.store import write_atomically
from flowrt.watch import Watch

__all__ = ["restore", "save"]

_log = logging.getLogger("flowrt.standing")
_ENDING: Final = ".alarms"


def save(checkpoint: Path, flow: str, watch: Watch) -> None:
    """Write the alarms of a flow beside its checkpoint; raises OSError."""
    found = watch.alarms.of(flow)
    write_atomically(checkpoint.with_suffix(_ENDING), msgspec.json.encode(found))


def restore(checkpoint: Path, flow: str, watch: Watch, nodes: Container[str]) -> None:
    """Let alarms stand again whose nodes are there; those of others are told as cleared."""
    if not watch.alarms.of(flow):
        for alarm in _read(checkpoint.with_suffix(_ENDING)):
            watch.alarms.stand(alarm)
    watch.clear_all(flow, but=nodes)


def _read(file: Path) -> list[Alarm]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Alarm])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.DecodeError) as error:
        _log.error("%s cannot be read (%s); alarms that stood are not listed", file, error)
        return []
