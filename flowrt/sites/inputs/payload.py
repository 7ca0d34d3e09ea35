"""Records of frames as JSON, one or many a message -> frames.

A message holds one record, `{"kind": "frame", "time": ..., "channel": "can0", "id": 853, "data":
"13"}`, a list of records, or a record a line.
"""

from __future__ import annotations

from typing import Final

import msgspec

from flowrt.message import Frame

__all__ = ["frame_of_site", "frames_in"]


class _Record(msgspec.Struct, frozen=True, gc=False, tag="frame", tag_field="kind"):
    """A frame as `to_record` writes it."""

    time: float
    channel: str
    id: int
    data: str
    extended: bool = False
    fd: bool = False
    bitrate_switch: bool = False
    remote: bool = False
    error: bool = False

    def frame(self) -> Frame:
        """The frame; raises ValueError where its data is no hex."""
        return Frame(
            self.time,
            self.channel,
            self.id,
            bytes.fromhex(self.data),
            self.extended,
            self.fd,
            self.bitrate_switch,
            self.remote,
            self.error,
        )


class _OfSite(_Record, frozen=True, gc=False, tag="frame", tag_field="kind"):
    site: str = ""


_ONE: Final = msgspec.json.Decoder(_Record)
_MANY: Final = msgspec.json.Decoder(list[_Record])
_OF_SITE: Final = msgspec.json.Decoder(_OfSite)


def frames_in(payload: bytes) -> list[Frame]:
    """The frames of a message; raises ValueError that says what is wrong with it."""
    if payload.lstrip()[:1] == b"[":
        return [record.frame() for record in _MANY.decode(payload)]
    lines = [line for line in payload.splitlines() if line.strip()]
    if not lines:
        raise ValueError("it is empty")
    return [_ONE.decode(line).frame() for line in lines]


def frame_of_site(line: bytes) -> tuple[str, Frame]:
    """The site and the frame of a record with its site; raises ValueError."""
    record = _OF_SITE.decode(line)
    if not record.site:
        raise ValueError('it names no "site"')
    return record.site, record.frame()
