"""Frames as python-can's messages, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowrt.node import Frame

if TYPE_CHECKING:
    import can

__all__ = ["frame_of", "message_of"]


def frame_of(message: can.Message, channel: str | None = None) -> Frame:
    """A message as a frame; its own channel unless another is given."""
    return Frame(
        message.timestamp,
        str(message.channel or "") if channel is None else channel,
        message.arbitration_id,
        bytes(message.data),
        extended=message.is_extended_id,
        fd=message.is_fd,
        bitrate_switch=message.bitrate_switch,
        remote=message.is_remote_frame,
        error=message.is_error_frame,
    )


def message_of(frame: Frame) -> can.Message:
    """A frame as a message; raises ValueError where no bus could carry it."""
    import can

    return can.Message(
        check=True,
        timestamp=frame.time,
        arbitration_id=frame.id,
        data=frame.data,
        channel=frame.channel or None,
        is_extended_id=frame.extended,
        is_fd=frame.fd,
        bitrate_switch=frame.bitrate_switch,
        is_remote_frame=frame.remote,
        is_error_frame=frame.error,
    )
