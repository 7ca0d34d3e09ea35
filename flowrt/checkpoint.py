"""Node state on disk, so that a stop and a start go on where they were.

One JSON file a flow: node id -> its type and declared state. Written when the flow stops; a file
that cannot be read is set aside and told, and the flow starts afresh.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from flowrt.node import Node
from flowrt.store import write_atomically

__all__ = ["restore", "save"]

_log = logging.getLogger("flowrt.checkpoint")


def save(file: Path, nodes: Mapping[str, Node]) -> None:
    """Write the state of some nodes; those without state are left out."""
    states = {
        id: {"type": node.type, "state": state}
        for id, node in nodes.items()
        if (state := node.snapshot())
    }
    write_atomically(file, orjson.dumps(states, option=orjson.OPT_NON_STR_KEYS))


def restore(file: Path, nodes: Mapping[str, Node]) -> None:
    """Give nodes the state that was saved for a node of the same id and type."""
    for id, saved in _read(file).items():
        node = nodes.get(id)
        if node is None or saved.get("type") != node.type:
            continue
        try:
            node.restore(saved["state"])
        except Exception as error:  # noqa: BLE001  state of an older version of the node
            _log.warning("%s: its saved state does not fit and is left out: %s", id, error)


def _read(file: Path) -> dict[str, Any]:
    try:
        states: dict[str, Any] = orjson.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        aside = file.with_suffix(".damaged")
        file.replace(aside)
        _log.error("%s cannot be read (%s); set aside as %s", file, error, aside.name)
        return {}
    return states
