"""A queue of messages on disk, for wires whose policy is `spill`.

One append-only file of records: length and CRC32 (both little-endian u32), then the message in
MessagePack. A torn or damaged record ends what is readable; what follows it is set aside, never
guessed at. When everything has been read the file starts anew.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from flowrt.message import Message

__all__ = ["Journal"]

_HEAD: Final = struct.Struct("<II")
_DEFAULT_LIMIT: Final = 64 * 1024 * 1024


class Journal:
    """Appends messages and gives them back in order, also after a restart.

    `limit` is the file's largest size in bytes; `damaged` counts bytes set aside at opening.
    """

    def __init__(self, path: Path, limit: int = _DEFAULT_LIMIT) -> None:
        self.path = path
        self.limit = limit
        self.damaged = 0
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a+b")
        self._read_at = 0
        self._count = 0
        self._size = self._recover()
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode = msgspec.msgpack.Decoder(Message).decode

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return self._size

    def append(self, messages: Sequence[Message]) -> int:
        """Write as many as the limit allows, in order; says how many were."""
        records = []
        room = self.limit - self._size
        for message in messages:
            payload = self._encode(message)
            room -= _HEAD.size + len(payload)
            if room < 0:
                break
            records.append(_HEAD.pack(len(payload), zlib.crc32(payload)) + payload)
        block = b"".join(records)
        self._file.write(block)
        self._file.flush()
        self._size += len(block)
        self._count += len(records)
        return len(records)

    def take(self, most: int) -> list[Message]:
        """The oldest messages; they are gone from the journal when this returns."""
        self._file.seek(self._read_at)
        taken: list[Message] = []
        while len(taken) < most and self._count:
            length, _crc = _HEAD.unpack(self._file.read(_HEAD.size))
            taken.append(self._decode(self._file.read(length)))
            self._count -= 1
        self._read_at = self._file.tell()
        if not self._count:
            self._start_anew()
        self._file.seek(0, os.SEEK_END)
        return taken

    def close(self) -> None:
        """Keep what is unread for the next start, and close."""
        rest = self.take(self._count) if self._read_at else []
        if rest:
            self.append(rest)
        self._file.close()
        if not self._size:
            self.path.unlink(missing_ok=True)

    def _start_anew(self) -> None:
        self._file.truncate(0)
        self._size = self._read_at = 0

    def _recover(self) -> int:
        """Count the sound records and cut off a damaged rest, which is kept beside the file."""
        self._file.seek(0)
        sound = 0
        while len(head := self._file.read(_HEAD.size)) == _HEAD.size:
            length, crc = _HEAD.unpack(head)
            payload = self._file.read(length)
            if len(payload) < length or zlib.crc32(payload) != crc:
                break
            sound = self._file.tell()
            self._count += 1
        self._set_aside(sound)
        self._file.seek(0, os.SEEK_END)
        return sound

    def _set_aside(self, sound: int) -> None:
        self._file.seek(sound)
        rest = self._file.read()
        if rest:
            self.damaged = len(rest)
            self.path.with_suffix(".damaged").write_bytes(rest)
            self._file.truncate(sound)
