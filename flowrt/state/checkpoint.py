"""The state of a flow on disk, so that a stop, a crash or a power cut goes on where it was.

A file holds a line that says what it is, and a line of JSON:

    {"checkpoint":1,"number":812,"time":1764083000.5,"crc32c":"9a71c0de"}
    {"nodes":{"minute":{"type":"logic/aggregate","state":{...}}},"alarms":[...]}

The one before is kept beside it, NAME.before.json, and is read where the newest cannot be. Node
state, source positions and alarms are of one moment, as they are taken between two batches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import google_crc32c
import msgspec
import orjson

from flowrt.files.store import write_atomically
from flowrt.node import Node
from flowrt.watch.alarms import Alarm
from flowrt.watch.shelf import Shelving

__all__ = ["Checkpoint", "Checkpoints", "body_of", "give_back"]

_log = logging.getLogger("flowrt.checkpoint")
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a flow knew at one moment; `number` grows with each, `time` is POSIX seconds."""

    number: int = 0
    time: float = 0.0
    nodes: Mapping[str, Any] = field(default_factory=dict)
    alarms: Sequence[Alarm] = ()
    shelved: Sequence[Shelving] = ()


class Damaged(ValueError):
    """A file is no whole checkpoint."""


def body_of(
    states: Mapping[str, bytes],
    types: Mapping[str, str],
    alarms: Sequence[Alarm],
    shelved: Sequence[Shelving] = (),
) -> bytes:
    """The line of JSON that holds the states of nodes, each JSON already, and alarms."""
    nodes = {id: {"type": types[id], "state": orjson.Fragment(states[id])} for id in states}
    body = {
        "nodes": nodes,
        "alarms": orjson.Fragment(msgspec.json.encode(alarms)),
        "shelved": orjson.Fragment(msgspec.json.encode(shelved)),
    }
    return orjson.dumps(body)


def give_back(checkpoint: Checkpoint, nodes: Mapping[str, Node]) -> None:
    """Give nodes the state that was saved for a node of the same id and type."""
    for id, saved in checkpoint.nodes.items():
        node = nodes.get(id)
        if node is None or saved.get("type") != node.type:
            continue
        try:
            node.restore(saved["state"])
        except Exception as error:  # noqa: BLE001  state of an older version of the node
            _log.warning("%s: its saved state does not fit and is left out: %s", id, error)


class Checkpoints:
    """The two newest checkpoints of a flow; may be written from any thread."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._before = file.with_suffix(".before.json")
        self._turn = threading.Lock()
        self.number = 0
        """Of the newest that is safe on disk."""
        self.time = 0.0

    def read(self) -> Checkpoint:
        """The newest whole one, an empty one where there is none; what is damaged is set aside."""
        for file in (self._file, self._before):
            try:
                found = _parsed(file.read_bytes())
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                self._set_aside(file, error)
                continue
            self.number, self.time = found.number, found.time
            return found
        return Checkpoint()

    def write(self, body: bytes, number: int) -> None:
        """Make this the newest, durably, unless a later one is; raises OSError."""
        now = time.time()
        crc = f"{google_crc32c.value(body):08x}"
        head = {"checkpoint": _FORMAT, "number": number, "time": now, "crc32c": crc}
        with self._turn:
            if number <= self.number:
                return
            if self._file.exists():
                self._file.replace(self._before)
            write_atomically(self._file, orjson.dumps(head) + b"\n" + body)
            self.number, self.time = number, now

    def _set_aside(self, file: Path, error: Exception) -> None:
        aside = file.with_suffix(".damaged")
        _log.error("%s cannot be read (%s); set aside as %s", file, error, aside.name)
        try:
            file.replace(aside)
        except OSError as refused:
            _log.error("%s cannot be set aside: %s", file, refused)


def _parsed(data: bytes) -> Checkpoint:
    """A checkpoint from its bytes; raises ValueError."""
    head_line, _, body = data.partition(b"\n")
    head = orjson.loads(head_line)
    if not isinstance(head, dict):
        raise Damaged("it is no JSON object")
    if "checkpoint" not in head:  # before there were numbers a file was a table of nodes
        return Checkpoint(nodes=head)
    if head["checkpoint"] != _FORMAT:
        raise Damaged(f"its format is {head['checkpoint']}, and {_FORMAT} is known here")
    if f"{google_crc32c.value(body):08x}" != head["crc32c"]:
        raise Damaged("its checksum does not fit")
    read = orjson.loads(body)
    alarms = msgspec.convert(read["alarms"], type=list[Alarm])
    shelved = msgspec.convert(read.get("shelved", []), type=list[Shelving])
    return Checkpoint(head["number"], head["time"], read["nodes"], alarms, shelved)
