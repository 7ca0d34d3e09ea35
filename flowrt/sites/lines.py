"""Frames of many sites as lines of JSON, gathered into batches of each site.

A line is a record of a frame with its site, `{"site": "north", "kind": "frame", "time": ...}`, or
a topic and a record as `mosquitto_sub -F '%t %p'` prints them; then the topic is the site.
"""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Final

import orjson

from flowrt.message import Frame, from_record

__all__ = ["batches"]

_READ: Final = 1 << 16
_WAIT: Final = 0.2
"""Seconds a frame waits for others at most."""


def batches(
    descriptor: int, most: int, tell: Callable[[str], None]
) -> Iterator[tuple[str, list[Frame]]]:
    """Batches of a site's frames, `most` of them or what came in 200 ms, until the input ends.

    `tell` takes a sentence for each line that is no frame.
    """
    waiting: dict[str, list[Frame]] = {}
    begun, number = monotonic(), 0
    for lines in _lines(descriptor):
        for line in lines:
            number += 1
            try:
                site, frame = _parsed(line)
            except (ValueError, KeyError, TypeError) as error:
                tell(f"line {number} is no frame of a site: {error}")
                continue
            frames = waiting.setdefault(site, [])
            frames.append(frame)
            if len(frames) >= most:
                yield site, waiting.pop(site)
        if monotonic() - begun >= _WAIT:
            yield from waiting.items()
            waiting, begun = {}, monotonic()
    yield from waiting.items()


def _lines(descriptor: int) -> Iterator[list[bytes]]:
    """Whole lines as they come; an empty list where none has come for a while."""
    rest = b""
    while True:
        if not select.select([descriptor], [], [], _WAIT)[0]:
            yield []
            continue
        data = os.read(descriptor, _READ)
        if not data:
            yield [rest] if rest.strip() else []
            return
        *lines, rest = (rest + data).split(b"\n")
        yield [line for line in lines if line.strip()]


def _parsed(line: bytes) -> tuple[str, Frame]:
    topic, _, payload = line.partition(b" ") if not line.startswith(b"{") else (b"", b"", line)
    record = orjson.loads(payload)
    site = topic.decode() or record.pop("site")
    frame = from_record(record)
    if not isinstance(frame, Frame):
        raise ValueError(f"it is a record of {record['kind']}")  # noqa: TRY004  input, not a type
    return site, frame
