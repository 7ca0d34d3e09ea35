"""Recorded logs as frames: every format that python-can reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flowrt.node import Frame, NodeFault

if TYPE_CHECKING:
    import can

__all__ = ["read"]


def read(path: Path) -> Iterator[Frame]:
    """The frames of a log, in its order; raises NodeFault with file and remedy."""
    import can

    if not path.is_file():
        raise NodeFault(f"{path} is no file. Name a recorded log.")
    try:
        reader = can.LogReader(path)
    except ValueError as error:
        known = ", ".join(sorted(can.io.player.MESSAGE_READERS))
        raise NodeFault(f"{path} has no known kind of log; known are {known}.") from error
    with reader:
        count = 0
        try:
            for message in reader:
                count += 1
                yield _frame(message)
        except Exception as error:  # readers raise many kinds on damaged files
            raise NodeFault(
                f"{path}: after {count} frames the log cannot be read on: {error}"
            ) from error


def _frame(message: can.Message) -> Frame:
    return Frame(
        message.timestamp,
        str(message.channel or ""),
        message.arbitration_id,
        bytes(message.data),
        extended=message.is_extended_id,
        fd=message.is_fd,
        bitrate_switch=message.bitrate_switch,
        remote=message.is_remote_frame,
        error=message.is_error_frame,
    )
