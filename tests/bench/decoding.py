"""Decoding against cantools, database by database."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from time import thread_time

from cantools.database.can import Message

from flowrt.example import Stand
from flowrt.message import Frame
from nodes.can.database import frame_key, load_database, message_key
from nodes.can.decode import Decode
from nodes.can.plan import compile_message
from tests.support.can import BYD, DATABASES, PYLONTECH

__all__ = ["databases", "decoding"]

_FRAMES = 2000
_LEAST_SECONDS = 0.02
"""A round takes at least so long, that the clock's grain does not matter."""


def databases() -> list[Path]:
    """The shipped ones, and the public ones where they are beside the repository."""
    return [PYLONTECH, BYD, *DATABASES]


def decoding(path: Path, rounds: int) -> dict[str, float]:
    """Both decode the same valid frames of every message of a database, taking turns.

    `ratio` is of the decoding functions; `node_ratio` of the whole node, which also finds the
    message by its id and makes the readings, to cantools doing that, too.
    """
    decode = Decode(database=path)
    frames = decode.synthetic(_FRAMES, seed=1)
    Stand(decode)  # gives it a context
    runs = (
        _cantools(path, frames),
        _compiled(path, frames),
        _by_id(path, frames),
        _node(decode, frames),
    )
    times = [[_seconds(run) / _FRAMES for run in runs] for _ in range(rounds)]
    return {
        "messages": len(load_database(path).messages),
        "cantools_us": statistics.median(one[0] for one in times) * 1e6,
        "flowrt_us": statistics.median(one[1] for one in times) * 1e6,
        "ratio": statistics.median(one[0] / one[1] for one in times),
        "node_ratio": statistics.median(one[2] / one[3] for one in times),
    }


def _pairs(path: Path, frames: Sequence[Frame]) -> list[tuple[Message, bytes]]:
    messages = {message_key(message): message for message in load_database(path).messages}
    return [(messages[frame_key(frame.id, frame.extended)], frame.data) for frame in frames]


def _cantools(path: Path, frames: Sequence[Frame]) -> Callable[[], None]:
    pairs = _pairs(path, frames)

    def run() -> None:
        for message, data in pairs:
            message.decode(data, decode_choices=False)

    return run


def _compiled(path: Path, frames: Sequence[Frame]) -> Callable[[], None]:
    plan = functools.cache(compile_message)
    pairs = [(plan(message, len(data)), data) for message, data in _pairs(path, frames)]

    def run() -> None:
        for decode, data in pairs:
            decode(data)

    return run


def _by_id(path: Path, frames: Sequence[Frame]) -> Callable[[], None]:
    """cantools, which finds the message by the frame's id."""
    find = load_database(path).get_message_by_frame_id

    def run() -> None:
        for frame in frames:
            find(frame.id, frame.extended).decode(frame.data, decode_choices=False)

    return run


def _node(decode: Decode, frames: Sequence[Frame]) -> Callable[[], None]:
    batches = [frames[at : at + 64] for at in range(0, len(frames), 64)]

    def run() -> None:
        for batch in batches:
            decode.on_batch(batch)

    return run


def _seconds(run: Callable[[], None]) -> float:
    """Processor seconds of one run, of as many as last long enough."""
    runs, begun = 0, thread_time()
    while (seconds := thread_time() - begun) < _LEAST_SECONDS:
        run()
        runs += 1
    return seconds / runs
